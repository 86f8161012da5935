"""Whether the deployment policies allow the calls that CloudFormation makes for each resource of a stack.

moto's policy evaluation decides, for the role that `cdk bootstrap` created.
"""

from typing import Any, Iterator

from moto.cloudformation.exceptions import ValidationError
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.models import iam_backends

from policies import account_calls, organization_calls

# The stacks of an organization's rollout begin with this.
ORGANIZATION = "RootAccessKeyRuleOrganization"

# Role that `cdk bootstrap` makes for CloudFormation.
EXECUTION_ROLE = "cdk-hnb659fds-cfn-exec-role-{account}-{region}"

# The service that gets the role which a resource is made with.
PASSED_TO = {
    "AWS::Lambda::Function": "lambda.amazonaws.com",
    "AWS::StepFunctions::StateMachine": "states.amazonaws.com",
    "AWS::Events::Rule": "events.amazonaws.com",
}


# Conditions of the policies, and what they find.
CONDITIONS = {
    "iam:PassRole": lambda resource_type: {"iam:PassedToService": PASSED_TO[resource_type]},
    "organizations:EnableAWSServiceAccess": lambda _: {
        "organizations:ServicePrincipal": "config-multiaccountsetup.amazonaws.com"
    },
}


def actions(calls: dict[str, dict[str, dict[str, str]]]) -> set[str]:
    """Every action that some step of some resource needs."""
    steps = (on for steps in calls.values() for on in steps.values())
    return {action for on in steps for names in on.values() for action in names.split()}


def granted(policy: dict[str, Any]) -> list[str]:
    """Every action that some statement of the policy allows."""
    texts = (statement["Action"] for statement in policy["Statement"])
    return [action for text in texts for action in ([text] if isinstance(text, str) else text)]


def require(stack: str, step: str, resource_type: str, logical_id: str, account: str, region: str) -> None:
    """Fails the step, as CloudFormation would, when its role may not make a call of it."""
    place = {"account": account, "region": region, "name": f"{stack}-{logical_id}"}
    calls = (organization_calls if stack.startswith(ORGANIZATION) else account_calls).CALLS
    policies = list(policies_of(EXECUTION_ROLE.format(**place), account))
    for resource, names in calls[resource_type][step].items():
        for action in names.split():
            conditions = CONDITIONS[action](resource_type) if action in CONDITIONS else None
            if not allowed(policies, action, resource.format(**place), conditions):
                raise ValidationError(message=(
                    f"User: {EXECUTION_ROLE.format(**place)} is not authorized to perform: {action} "
                    f"on resource: {resource.format(**place)}"
                ))


def policies_of(role_name: str, account: str) -> Iterator[IAMPolicy]:
    iam = iam_backends[account]["aws"]
    role = iam.get_role(role_name)
    for policy in role.managed_policies.values():
        yield IAMPolicy(policy)
    for document in role.policies.values():
        yield IAMPolicy(document)


def allowed(
    policies: list[IAMPolicy], action: str, resource: str, conditions: dict[str, str] | None = None
) -> bool:
    answers = [
        policy.is_action_permitted(action, resource, incoming_condition_values=conditions)
        for policy in policies
    ]
    return PermissionResult.PERMITTED in answers and PermissionResult.DENIED not in answers
