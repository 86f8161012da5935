"""ConfigRules as strict as AWS Config's, and conformance packs, which moto does not have.

AWS Config refuses a ConfigRule whose function it may not invoke for the account:
https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_lambda-functions.html
It deploys a pack as a stack in the account, whole or not at all, and gives the rules of a pack names and ARNs of its own;
an organization pack fails with its first account and then leaves nothing:
https://docs.aws.amazon.com/config/latest/developerguide/conformance-packs.html
moto's CloudFormation expands the template of a pack.
"""

import json
import secrets
from typing import Any, Callable

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import cloudformation_backends
from moto.config.models import ConfigBackend, config_backends

from strict_moto.cloudformation import FAILURES, acting_account, acting_for, client_of, model
from strict_moto.published_code import organization_of
from strict_moto.resource_types import check

# What the names of the stacks begin with that AWS Config makes of packs.
STACK = "awsconfigconforms-"
ALLOWED = {"AWS::Config::ConfigRule", "AWS::Config::RemediationConfiguration"}


def _put_config_rule(endpoint: str) -> Callable:
    def put(config: Any, resource: str, rule: dict) -> str:
        function = rule["Source"]["SourceIdentifier"]
        aws_lambda = client_of("lambda", config.meta.region_name, endpoint)
        if not _may_invoke(aws_lambda, function, acting_account()):
            raise ValidationError(message=(
                f"The AWS Lambda function {function} cannot be invoked. Check the specified "
                "function ARN, and check the function's permissions"
            ))
        name = _name_of_rule(resource, rule)
        config.put_config_rule(ConfigRule={**rule, "ConfigRuleName": name})
        _mark_rule_of_pack(config, name)
        return name

    return put


def _may_invoke(aws_lambda: Any, function: str, account: str) -> bool:
    """Whether AWS Config may call the function for a rule of the account."""
    try:
        with acting_for(function.split(":")[4]):
            policy = json.loads(aws_lambda.get_policy(FunctionName=function)["Policy"])
    except aws_lambda.exceptions.ResourceNotFoundException:
        return False
    return any(
        statement["Effect"] == "Allow"
        and statement["Action"] == "lambda:InvokeFunction"
        and statement["Principal"] == {"Service": "config.amazonaws.com"}
        and statement.get("Condition", {}).get("StringEquals", {}).get("AWS:SourceAccount", account) == account
        for statement in policy["Statement"]
    )


def _name_of_rule(resource: str, rule: dict) -> str:
    """The name of the ConfigRule that is, or becomes, the resource; in a pack it gets a suffix."""
    suffixed = f"{rule['ConfigRuleName']}-conformance-pack-"
    if resource.startswith(STACK):
        return suffixed + secrets.token_hex(5)[:9]
    return resource if resource.startswith(suffixed) else rule["ConfigRuleName"]


def _mark_rule_of_pack(config: Any, name: str) -> None:
    """AWS Config's own service holds the rules of packs, which shows in their ARNs."""
    rule = config_backends[acting_account()][config.meta.region_name].config_rules[name]
    if "-conformance-pack-" in name and not rule.created_by:
        path = "config-rule/aws-service-rule/config-conforms.amazonaws.com/"
        rule.config_rule_arn = rule.config_rule_arn.replace("config-rule/", path, 1)
        rule.created_by = "config-conforms.amazonaws.com"


def _put_pack(config: Any, _: str, properties: dict) -> str:
    check(config, "PutConformancePack", properties)
    _expand(acting_account(), config.meta.region_name, properties["ConformancePackName"], properties)
    return properties["ConformancePackName"]


def _delete_pack(config: Any, name: str, _: dict) -> None:
    _remove(acting_account(), config.meta.region_name, name)


def _expand(account: str, region: str, name: str, properties: dict) -> None:
    """The pack in one account, whole or not at all."""
    if not config_backends[account][region].recorders:
        raise ValidationError(
            message="NoAvailableConfigurationRecorder: Configuration recorder is not available to put config rule."
        )
    backend = cloudformation_backends[account][region]
    template = properties["TemplateBody"]
    parameters = {
        it["ParameterName"]: it["ParameterValue"] for it in properties.get("ConformancePackInputParameters", [])
    }
    there = [stack for stack in backend.stacks.values() if stack.name == STACK + name]
    if there:
        there[0].update(template, parameters=parameters)
        return
    try:
        stack = backend.create_stack(STACK + name, template, parameters)
    except FAILURES:
        _remove(account, region, name)
        raise
    unknown = set(parameters) - set(stack.template_dict["Parameters"])
    types = {it["Type"] for it in stack.template_dict["Resources"].values()}
    if unknown or not types <= ALLOWED:
        _remove(account, region, name)
        raise ValidationError(message=f"not in a conformance pack: {sorted(unknown | (types - ALLOWED))}")


def _remove(account: str, region: str, name: str) -> None:
    cloudformation_backends[account][region].delete_stack(STACK + name)


def _put_organization_pack(config: Any, _: str, properties: dict) -> str:
    config.put_organization_conformance_pack(**properties)
    name, region = properties["OrganizationConformancePackName"], config.meta.region_name
    pack = config_backends[acting_account()][region].organization_conformance_packs[name]
    pack.reasons = {}
    for account in _accounts(properties["ExcludedAccounts"]):
        try:
            _expand(account, region, _name_in_member(pack), properties)
        except FAILURES as error:
            pack.reasons[account] = getattr(error, "message", None) or str(error)
    if pack.reasons:
        account, reason = next(iter(pack.reasons.items()))
        _delete_organization_pack(config, name, properties)
        raise ValidationError(message=f"organization conformance pack failed in account {account}: {reason}")
    return name


def _delete_organization_pack(config: Any, name: str, properties: dict) -> None:
    region = config.meta.region_name
    pack = config_backends[acting_account()][region].organization_conformance_packs[name]
    for account in _accounts(properties["ExcludedAccounts"]):
        if account not in pack.reasons:
            _remove(account, region, _name_in_member(pack))
    config.delete_organization_conformance_pack(OrganizationConformancePackName=name)


def _accounts(excluded: list[str]) -> list[str]:
    """An organization pack goes to every account, the management account too."""
    accounts = organization_of(acting_account()).accounts
    return [it.id for it in accounts if it.status == "ACTIVE" and it.id not in excluded]


def _name_in_member(pack: Any) -> str:
    return f"OrgConformsPack-{pack._unique_pack_name}"


def _take_template_bodies() -> None:
    """moto takes an organization pack by its S3 address only."""
    put = ConfigBackend.put_organization_conformance_pack

    def put_organization_conformance_pack(self, name, template_s3_uri, *rest, **named):
        return put(self, name, template_s3_uri or "s3://body", *rest, **named)

    ConfigBackend.put_organization_conformance_pack = put_organization_conformance_pack


def _rule_arn(account: str, region: str, name: str) -> str:
    return config_backends[account][region].config_rules[name].config_rule_arn


def extend(endpoint: str) -> None:
    """Extends the moto that runs in this process and is served at `endpoint`."""
    _take_template_bodies()
    rule = model(
        endpoint, "AWS::Config::ConfigRule", "config", _put_config_rule(endpoint),
        lambda config, name, _: config.delete_config_rule(ConfigRuleName=name),
    )
    rule.has_cfn_attr = classmethod(lambda cls, attribute: attribute == "Arn")
    rule.get_cfn_attribute = lambda it, _: _rule_arn(*it.place, it.physical_resource_id)
    model(endpoint, "AWS::Config::ConformancePack", "config", _put_pack, _delete_pack)
    model(
        endpoint, "AWS::Config::OrganizationConformancePack", "config",
        _put_organization_pack, _delete_organization_pack,
    )
