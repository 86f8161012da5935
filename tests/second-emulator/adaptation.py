"""What is changed in a synthesized template so that ministack can run it. Everything else is deployed as it is."""

import json
import re
from typing import Iterable

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

# A comparison with a field that the input does not have fails in AWS. ministack takes the field for unequal, so a rule before
# the comparison leads to this state. https://states-language.net/spec.html#choice-state
ABSENT = "AbsentField"
FAILS = {"Type": "Fail", "Error": "States.Runtime", "Cause": "a Choice state compares a field that the input does not have"}

SNS_PUBLISH = ":states:::sns:publish"
SDK_CALL = re.compile(rf":states:::aws-sdk:((?:{'|'.join(UNKNOWN_SERVICES)}):\w+)")


def adapted(template: dict, account: str, region: str, calls: Iterable[str]) -> dict:
    """The template without the types that ministack refuses, with sources of tests and strict comparisons, and with
    functions for these calls."""
    resources = template["Resources"]
    left_out = {name for name, it in resources.items() if is_unknown(it)}
    kept = {name: _with_strict_choices(_with_test_sources(_without(it, left_out))) for name, it in resources.items() if name not in left_out}
    parameters = {name: it for name, it in template.get("Parameters", {}).items() if name != "BootstrapVersion"}
    text = json.dumps({"Parameters": parameters, "Conditions": template.get("Conditions", {}), "Resources": kept})
    return json.loads(_with_functions(text, account, region, calls))


def is_unknown(resource: dict) -> bool:
    # Of alarms, ministack knows those of one metric.
    metric_math = resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]
    return resource["Type"] in UNKNOWN_TYPES or metric_math


def sdk_calls(template: dict) -> set[str]:
    """The calls that functions answer, for example `config:describeConfigRules`."""
    return set(SDK_CALL.findall(json.dumps(template)))


def sns_calls(template: dict) -> set[str]:
    """The messages to topics, which functions answer if a test asks for that."""
    return {"sns:publish"} if SNS_PUBLISH in json.dumps(template) else set()


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


def _with_strict_choices(resource: dict) -> dict:
    if resource["Type"] != "AWS::StepFunctions::StateMachine":
        return resource
    definition = resource["Properties"]["DefinitionString"]
    parts = definition["Fn::Join"][1] if isinstance(definition, dict) else [definition]
    # References stand in the JSON text as they do in a template, each in a text of it.
    text = "".join(it if isinstance(it, str) else f"<<{number}>>" for number, it in enumerate(parts))
    strict = re.split(r"<<(\d+)>>", json.dumps(json.loads(text, object_hook=_strict)))
    joined = [parts[int(it)] if number % 2 else it for number, it in enumerate(strict)]
    return {**resource, "Properties": {**resource["Properties"], "DefinitionString": {"Fn::Join": ["", joined]}}}


def _strict(value: dict) -> dict:
    """A map of states whose Choice states, in JSONPath, fail for a comparison with an absent field."""
    choices = {name: it for name, it in value.items() if isinstance(it, dict) and any("Variable" in rule for rule in it.get("Choices", []))}
    if not choices:
        return value
    for state in choices.values():
        state["Choices"] = [it for rule in state["Choices"] for it in _guarded(rule)]
    return {**value, ABSENT: FAILS}


def _guarded(rule: dict) -> list[dict]:
    assert "Variable" in rule, f"only comparisons of one field are known: {rule}"
    return [rule] if "IsPresent" in rule else [{"Variable": rule["Variable"], "IsPresent": False, "Next": ABSENT}, rule]


def _with_functions(text: str, account: str, region: str, calls: Iterable[str]) -> str:
    """Definitions are text with the partition as a parameter: `arn:`, {"Ref": "AWS::Partition"}, `:states:::aws-sdk:…`."""
    for call in calls:
        for integration in (f":states:::aws-sdk:{call}\\", f":states:::{call}\\"):
            text = text.replace(integration, f":lambda:{region}:{account}:function:{function_of(call)}\\")
    return text.replace(r'\"Parameters\": {}', rf'\"Parameters\": {{\"{NO_PARAMETERS}\": true}}')
