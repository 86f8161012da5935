"""Every step of a delivery is allowed, and its role allows nothing else. moto's evaluation reads the policies.

No emulator asks for permissions. Services assume a role for the target of a rule or schedule, and for the states of a state
machine: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html
"""

import json
from typing import Any, Iterator

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult

from environment import ACCOUNT
from state_machines import maps_of_states
from synthesis import REGIONS, home_region, load, resolve

# What else a role of a state machine may do: with the key of an encrypted topic.
OF_KEYS = {"kms:Decrypt", "kms:GenerateDataKey"}


class Stack:
    """A template with logical IDs in place of ARNs."""

    def __init__(self, template: dict, partition: str, region: str):
        self.partition, self.region = partition, region
        self.resources = {
            name: {**it, "Properties": resolve(it.get("Properties", {}), {"AWS::Partition": partition} | {
                f"{other}.Arn": other for other in template["Resources"]
            })}
            for name, it in template["Resources"].items()
        }

    def of_type(self, kind: str) -> Iterator[dict]:
        return (it["Properties"] for it in self.resources.values() if it["Type"] == kind)

    def role(self, name: str) -> "Role":
        return Role(self.resources[name]["Properties"])


class Role:
    """A role of a template, with its inline policies."""

    def __init__(self, properties: dict):
        self.trusted = trusted(properties)
        documents = [it["PolicyDocument"] for it in properties.get("Policies", [])]
        self.statements = [it for document in documents for it in document["Statement"]]
        assert "ManagedPolicyArns" not in properties and {it["Effect"] for it in self.statements} == {"Allow"}

    def actions(self) -> set[str]:
        return {it for statement in self.statements for it in listed(statement["Action"])}

    def allows(self, action: str, resource: str) -> bool:
        policy = IAMPolicy(json.dumps({"Version": "2012-10-17", "Statement": self.statements}))
        return policy.is_action_permitted(action, resource) is PermissionResult.PERMITTED


def trusted(role: dict) -> set[str]:
    """The services that may take a role."""
    return {it["Principal"]["Service"] for it in role["AssumeRolePolicyDocument"]["Statement"]}


def listed(value: Any) -> list:
    return value if isinstance(value, list) else [value]


@pytest.fixture(scope="module")
def stacks(templates) -> list[Stack]:
    """Every template of every mode, in every partition."""
    return [
        Stack(load(path), partition, home_region(mode, partition))
        for (mode, partition), paths in templates.items() for path in paths
    ]


def tasks(definition: dict) -> Iterator[dict]:
    """The Task states, at any depth."""
    return (it for _, states in maps_of_states(definition) for it in states.values() if it["Type"] == "Task")


def call_of(task: dict) -> tuple[str, str | None]:
    """The action of a task, and its resource if the task names it."""
    integration = task["Resource"].split(":states:::")[1]
    given = task.get("Arguments", task.get("Parameters"))
    match integration:
        case "sns:publish":
            return "sns:Publish", given["TopicArn"]
        case "events:putEvents":
            return "events:PutEvents", given["Entries"][0]["EventBusName"]
        case "lambda:invoke":
            return "lambda:InvokeFunction", given["FunctionName"]
    service, operation = integration.removeprefix("aws-sdk:").split(":")
    return f"{service}:{operation[0].upper()}{operation[1:]}", None


def test_a_rule_may_start_its_targets(stacks):
    targets = [(stack, it) for stack in stacks for rule in stack.of_type("AWS::Events::Rule") for it in rule["Targets"]]
    assert len(targets) > 50
    for stack, target in targets:
        kind = stack.resources.get(target["Arn"], {}).get("Type", "a bus of another stack")
        action = "states:StartExecution" if kind == "AWS::StepFunctions::StateMachine" else "events:PutEvents"
        role = stack.role(target["RoleArn"])
        assert "events.amazonaws.com" in role.trusted and role.actions() == {action}
        assert role.allows(action, target["Arn"]) and not role.allows(action, f"{target['Arn']}-other")


def test_a_schedule_may_start_its_target(stacks):
    targets = [(stack, it["Target"]) for stack in stacks for it in stack.of_type("AWS::Scheduler::Schedule")]
    assert len(targets) > len(REGIONS)
    for stack, target in targets:
        role = stack.role(target["RoleArn"])
        assert role.trusted == {"scheduler.amazonaws.com"} and role.actions() == {"states:StartExecution"}
        assert role.allows("states:StartExecution", target["Arn"])
        assert not role.allows("states:StartExecution", f"{target['Arn']}-other")


def test_lambda_may_take_the_role_of_a_function_and_nobody_else(stacks):
    functions = [(stack, it) for stack in stacks for it in stack.of_type("AWS::Lambda::Function")]
    assert len(functions) > len(REGIONS)
    for stack, function in functions:
        assert trusted(stack.resources[function["Role"]]["Properties"]) == {"lambda.amazonaws.com"}, function


def test_a_state_machine_may_make_its_calls_and_no_others(stacks):
    machines = [(stack, it) for stack in stacks for it in stack.of_type("AWS::StepFunctions::StateMachine")]
    assert len(machines) > 20
    for stack, machine in machines:
        role = stack.role(machine["RoleArn"])
        assert "states.amazonaws.com" in role.trusted
        calls = [call_of(it) for it in tasks(json.loads(machine["DefinitionString"]))]
        assert role.actions() - OF_KEYS == {action for action, _ in calls}
        for action, resource in calls:
            if resource:
                assert role.allows(action, resource) and not role.allows(action, f"{resource}-other"), (action, resource)


def test_a_state_machine_reads_the_names_of_its_own_organization_only(stacks):
    roles = having(stacks, "organizations:DescribeAccount")
    assert roles
    for stack, role in roles:
        for organization, expected in {"o-a1b2c3d4e5": True, "o-other12345": False}.items():
            account = f"arn:{stack.partition}:organizations::111111111111:account/{organization}/{ACCOUNT}"
            assert role.allows("organizations:DescribeAccount", account) is expected


def test_a_reminder_reads_the_result_of_its_own_rule_only(stacks):
    action = "config:GetComplianceDetailsByConfigRule"
    roles = [(stack, role) for stack, role in having(stacks, action) if "sns:Publish" in role.actions()]
    assert roles
    for stack, role in roles:
        rules = [name for name, it in stack.resources.items() if it["Type"] == "AWS::Config::ConfigRule"]
        assert [it["Resource"] for it in role.statements if it["Action"] == action] == rules


def test_the_watch_deploys_the_stackset_to_the_home_region_only(stacks):
    """moto does not evaluate this condition, so that the test compares it."""
    deploying = {"cloudformation:CreateStackInstances", "cloudformation:UpdateStackInstances"}
    roles = having(stacks, "cloudformation:CreateStackInstances")
    assert {stack.partition for stack, _ in roles} == set(REGIONS)
    for stack, role in roles:
        conditions = {action: it.get("Condition") for it in role.statements for action in listed(it["Action"])}
        in_region = {"ForAllValues:StringEqualsIgnoreCase": {"cloudformation:TargetRegion": [stack.region]}}
        assert {action for action, it in conditions.items() if it} == deploying
        assert all(conditions[it] == in_region for it in deploying)
        for action in deploying:
            arn = f"arn:{stack.partition}:cloudformation:{stack.region}:999999999999:stackset/"
            assert role.allows(action, f"{arn}root-access-key-rule-org:1a2b3c4d") and not role.allows(action, f"{arn}other:1a2b3c4d")


def having(stacks: list[Stack], action: str) -> list[tuple[Stack, Role]]:
    """The roles that allow the action on something."""
    roles = [(stack, Role(it)) for stack in stacks for it in stack.of_type("AWS::IAM::Role") if "ManagedPolicyArns" not in it]
    return [(stack, role) for stack, role in roles if action in role.actions()]


def test_a_topic_admits_cloudwatch_of_its_account_and_nobody_else(stacks):
    """The state machine publishes with its role, and belongs to the account of the topic."""
    policies = [it for stack in stacks for it in stack.of_type("AWS::SNS::TopicPolicy")]
    assert policies
    for it in policies:
        allowed = [one for one in it["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
        assert [(one["Principal"], one["Action"], one["Condition"]) for one in allowed] == [
            ({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish", {"StringEquals": {"aws:SourceAccount": ACCOUNT}})
        ]
