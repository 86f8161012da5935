"""Whether the role that `cdk bootstrap` created may make the calls for a resource, by moto's policy evaluation."""

import json
from typing import Iterator

from moto.cloudformation.exceptions import ValidationError
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.models import iam_backends

from policies.calls import NAMES, needed_on_resources

# The policy in cdk/policies that each stack is deployed with: by the beginning of its name, the first that matches.
POLICIES = {
    "RootAccessKeyRuleOrganizationAlerts": "organization-notifications-deployment",
    "RootAccessKeyRuleOrganizationWatch": "organization-watch-deployment",
    "RootAccessKeyRuleOrganization": "organization-deployment",
    "": "deployment",
}

# The role that `cdk bootstrap` creates for CloudFormation.
EXECUTION_ROLE = "cdk-hnb659fds-cfn-exec-role-{account}-{region}"

# The service to which a resource's role is passed.
PASSED_TO = {
    "AWS::Lambda::Function": "lambda.amazonaws.com",
    "AWS::StepFunctions::StateMachine": "states.amazonaws.com",
    "AWS::Events::Rule": "events.amazonaws.com",
    "AWS::Scheduler::Schedule": "scheduler.amazonaws.com",
}


def require(stack: str, resource_type: str, logical_id: str, account: str, region: str) -> None:
    """Fails, as CloudFormation would, when its role may not make a call for the resource."""
    policy = policy_for(stack)
    stack_set = NAMES[policy]["product"] + ("-iam-events" if stack.endswith("IamEvents") else "")
    place = {"account": account, "region": region, "stack": stack, "stack_set": stack_set, "id": logical_id}
    role = EXECUTION_ROLE.format(**place)
    policies = list(policies_of(role, account))
    conditions = {
        "iam:PassedToService": PASSED_TO.get(resource_type),
        "organizations:ServicePrincipal": "config-multiaccountsetup.amazonaws.com",
    }
    for action, pattern in needed_on_resources(resource_type, policy):
        names = {key: text.format(**place) for key, text in NAMES[policy].items()}
        resource = pattern.format(**place, **names)
        if not allowed(policies, action, resource, conditions):
            raise ValidationError(
                message=f"User: {role} is not authorized to perform: {action} on resource: {resource}"
            )


def policy_for(stack: str) -> str:
    """The name of the policy in cdk/policies that a stack is deployed with."""
    return next(policy for prefix, policy in POLICIES.items() if stack.startswith(prefix))


def policies_of(role_name: str, account: str) -> Iterator[IAMPolicy]:
    iam = iam_backends[account]["aws"]
    role = iam.get_role(role_name)
    for policy in role.managed_policies.values():
        yield IAMPolicy(policy)
    for document in role.policies.values():
        yield IAMPolicy(document)


def allowed(
    policies: list[IAMPolicy], action: str, resource: str, conditions: dict[str, str | None] | None = None
) -> bool:
    """Whether one of the policies allows the action. None of them may deny anything: moto also takes an Allow whose condition
    does not hold for a Deny, and so cannot tell the two apart.
    """
    assert not any('"Effect": "Deny"' in json.dumps(it._policy_json) for it in policies)
    answers = [it.is_action_permitted(action, resource, incoming_condition_values=conditions) for it in policies]
    return PermissionResult.PERMITTED in answers
