"""What is changed in a synthesized template so that ministack can run it. Everything else is deployed as it is."""

import json
import re


# Resource types that ministack does not know, and refuses.
UNKNOWN_TYPES = {
    "AWS::CloudFormation::StackSet",
    "AWS::Config::ConfigRule",
    "AWS::Config::ConformancePack",
    "AWS::Config::OrganizationConformancePack",
    "AWS::Events::EventBusPolicy",
    "AWS::Logs::QueryDefinition",
    "Custom::CDKBucketDeployment",
    "Custom::PublishedBuild",
}

# Services that the tasks of its state machines do not call through the AWS SDK.
UNKNOWN_SERVICES = ("config", "organizations", "securityhub")

# As in AWS, only services of AWS may send events with a source that begins with `aws.`. A test sends the same event with
# this before the source, and each pattern accepts both.
SENT_BY_TEST = "test."

# ministack passes the whole input where `Parameters` is `{}`, so it gets a name that the functions ignore.
# https://states-language.net/spec.html#parameters
NO_PARAMETERS = "no parameters"

SDK_CALL = re.compile(rf":states:::aws-sdk:((?:{'|'.join(UNKNOWN_SERVICES)}):\w+)")


def adapted(template: dict, account: str, region: str) -> dict:
    """The template without the types that ministack refuses, with sources of tests, and with functions for SDK calls."""
    resources = template["Resources"]
    left_out = {name for name, it in resources.items() if is_unknown(it)}
    kept = {name: _with_test_sources(_without(it, left_out)) for name, it in resources.items() if name not in left_out}
    parameters = {name: it for name, it in template.get("Parameters", {}).items() if name != "BootstrapVersion"}
    text = json.dumps({"Parameters": parameters, "Conditions": template.get("Conditions", {}), "Resources": kept})
    return json.loads(_with_functions(text, account, region))


def is_unknown(resource: dict) -> bool:
    # Of alarms, ministack knows those of one metric.
    metric_math = resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]
    return resource["Type"] in UNKNOWN_TYPES or metric_math


def sdk_calls(template: dict) -> set[str]:
    """The calls that functions answer, for example `config:describeConfigRules`."""
    return set(SDK_CALL.findall(json.dumps(template)))


def function_of(call: str) -> str:
    """Name of the function that answers the call."""
    return call.replace(":", "-")


def sent_by_test(source: str) -> str:
    return SENT_BY_TEST + source if source.startswith("aws.") else source


def _without(resource: dict, left_out: set[str]) -> dict:
    needed = resource.get("DependsOn", [])
    needed = [needed] if isinstance(needed, str) else needed
    return {**resource, "DependsOn": [it for it in needed if it not in left_out]}


def _with_test_sources(resource: dict) -> dict:
    pattern = resource.get("Properties", {}).get("EventPattern")
    if resource["Type"] != "AWS::Events::Rule" or not pattern:
        return resource
    sources = [*pattern["source"], *(SENT_BY_TEST + it for it in pattern["source"] if it.startswith("aws."))]
    return {**resource, "Properties": {**resource["Properties"], "EventPattern": {**pattern, "source": sources}}}


def _with_functions(text: str, account: str, region: str) -> str:
    """Definitions are text with the partition as a parameter: `arn:`, {"Ref": "AWS::Partition"}, `:states:::aws-sdk:…`."""
    def replace(match: re.Match) -> str:
        return f":lambda:{region}:{account}:function:{function_of(match[1])}"

    return SDK_CALL.sub(replace, text).replace(r'\"Parameters\":{}', rf'\"Parameters\":{{\"{NO_PARAMETERS}\":true}}')
