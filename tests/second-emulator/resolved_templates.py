"""Synthesized templates with ARNs in place of references, and the policies in them as a linter of policies reads them.

The policy that says who may assume a role names no resource. Here it names the role, because the linter requires one.
"""

import re
from typing import Any, Iterator

from environment import ACCOUNT, REGION

HERE = f"{REGION}:{ACCOUNT}"
PSEUDO = {
    "AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::URLSuffix": "amazonaws.com",
}
# By type, the ARN of a resource.
ARNS = {
    "AWS::Config::ConfigRule": f"arn:aws:config:{HERE}:config-rule/config-rule-a1b2c3",
    "AWS::Events::EventBus": f"arn:aws:events:{HERE}:event-bus/name",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/name",
    "AWS::Lambda::Function": f"arn:aws:lambda:{HERE}:function:name",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{HERE}:log-group:name:*",
    "AWS::S3::Bucket": "arn:aws:s3:::name",
    "AWS::SNS::Topic": f"arn:aws:sns:{HERE}:name",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:{HERE}:stateMachine:name",
}
# What a reference without an attribute is, where it is not the ARN.
NAMES = {"AWS::Events::EventBus": "name", "AWS::S3::Bucket": "name", "AWS::Lambda::Function": "name", "AWS::IAM::Role": "name"}
# Parameters that hold an ARN.
PARAMETERS = {"NoticeBus": ARNS["AWS::Events::EventBus"]}


def policies(template: dict) -> Iterator[tuple[str, dict]]:
    """Every policy, by the name of its resource and its place there."""
    for name, resource in template["Resources"].items():
        for place, policy in _find(resource.get("Properties", {}), name):
            yield place, filled(policy, template)


def _find(value: Any, place: str) -> Iterator[tuple[str, dict]]:
    match value:
        case {"Version": _, "Statement": _} if place.endswith(".AssumeRolePolicyDocument"):
            resource = {"Resource": ARNS["AWS::IAM::Role"]}
            yield place, {**value, "Statement": [it | resource for it in value["Statement"]]}
        case {"Version": _, "Statement": _}:
            yield place, value
        case {"StatementId": _, "Statement": statement}:  # AWS::Events::EventBusPolicy
            yield place, {"Version": "2012-10-17", "Statement": [statement]}
        case dict():
            for name, it in value.items():
                yield from _find(it, f"{place}.{name}")
        case list():
            for number, it in enumerate(value):
                yield from _find(it, f"{place}.{number}")


def filled(value: Any, template: dict) -> Any:
    """The value with ARNs and names in place of references."""
    match value:
        case {"Ref": name}:
            return _reference(name, template)
        case {"Fn::GetAtt": [name, "Arn"]} | {"Fn::GetAtt": [name, "TopicArn"]}:
            return ARNS[template["Resources"][name]["Type"]]
        case {"Fn::ImportValue": _}:  # Stacks share the topics only.
            return ARNS["AWS::SNS::Topic"]
        case {"Fn::Join": [separator, parts]}:
            return separator.join(filled(part, template) for part in parts)
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w:]+)\}", lambda it: _reference(it[1], template), text)
        case {"Fn::If": [_, then, _]}:
            return filled(then, template)
        case dict():
            return {name: filled(it, template) for name, it in value.items()}
        case list():
            return [filled(it, template) for it in value]
    return value


def _reference(name: str, template: dict) -> str:
    if name in template["Resources"]:
        kind = template["Resources"][name]["Type"]
        return NAMES.get(kind) or ARNS[kind]
    return PSEUDO.get(name) or PARAMETERS.get(name, "name")
