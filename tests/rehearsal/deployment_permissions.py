"""What CloudFormation calls for each resource of a stack, and whether the deployment policy allows it.

`CALLS` is for the stack of one account. The calls are those of the resource types' handlers, as far as our templates
make them. Whether they are allowed is decided by moto's policy evaluation, for
the role that `cdk bootstrap` made.
"""

from typing import Any, Iterator

from moto.cloudformation.exceptions import ValidationError
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.models import iam_backends

import organization_permissions

# How the names of the stacks begin that `CALLS` is not for.
ORGANIZATION = "RootAccessKeyRuleOrganization"

# Role that `cdk bootstrap` makes for CloudFormation.
EXECUTION_ROLE = "cdk-hnb659fds-cfn-exec-role-{account}-{region}"

FUNCTION = "arn:aws:lambda:{region}:{account}:function:root-access-key-rule"
ROLE = "arn:aws:iam::{account}:role/{name}"
LOG_GROUP = "arn:aws:logs:{region}:{account}:log-group:{name}:*"
TOPIC = "arn:aws:sns:{region}:{account}:{name}"
STATE_MACHINE = "arn:aws:states:{region}:{account}:stateMachine:root-access-key-rule"
EVENT_RULE = "arn:aws:events:{region}:{account}:rule/{name}"
ALARM = "arn:aws:cloudwatch:{region}:{account}:alarm:{name}"
DASHBOARD = "arn:aws:cloudwatch::{account}:dashboard/root-access-key-rule"
ARTIFACT = "arn:aws:s3:::cdk-hnb659fds-assets-{account}-{region}/{name}"
BOOTSTRAP_VERSION = "arn:aws:ssm:{region}:{account}:parameter/cdk-bootstrap/hnb659fds/version"
ANY = "*"

# resource type: step: on which resource: actions
CALLS: dict[str, dict[str, dict[str, str]]] = {
    "AWS::Logs::LogGroup": {
        "create": {
            LOG_GROUP: "logs:CreateLogGroup logs:GetDataProtectionPolicy logs:PutRetentionPolicy logs:TagResource",
            ANY: "logs:DescribeIndexPolicies logs:DescribeLogGroups logs:DescribeResourcePolicies",
        },
        "update": {
            LOG_GROUP: "logs:PutRetentionPolicy logs:DeleteRetentionPolicy logs:TagResource "
            "logs:UntagResource logs:ListTagsForResource",
            ANY: "logs:DescribeLogGroups",
        },
        "delete": {LOG_GROUP: "logs:DeleteLogGroup"},
    },
    "AWS::IAM::Role": {
        "create": {
            ROLE: "iam:CreateRole iam:PutRolePolicy iam:PutRolePermissionsBoundary iam:TagRole "
            "iam:GetRole iam:GetRolePolicy",
        },
        "update": {
            ROLE: "iam:UpdateRole iam:UpdateRoleDescription iam:UpdateAssumeRolePolicy "
            "iam:PutRolePolicy iam:DeleteRolePolicy iam:PutRolePermissionsBoundary "
            "iam:DeleteRolePermissionsBoundary iam:TagRole iam:UntagRole",
        },
        "delete": {
            ROLE: "iam:GetRole iam:ListAttachedRolePolicies iam:ListRolePolicies "
            "iam:DeleteRolePolicy iam:DeleteRole",
        },
    },
    "AWS::Lambda::Function": {
        "create": {
            FUNCTION: "lambda:CreateFunction lambda:TagResource lambda:GetFunction "
            "lambda:GetFunctionCodeSigningConfig lambda:GetRuntimeManagementConfig "
            "lambda:GetFunctionRecursionConfig lambda:GetFunctionScalingConfig",
            "arn:aws:iam::{account}:role/RootAccessKeyRule-Role": "iam:PassRole",
            ARTIFACT: "s3:GetObject",
            BOOTSTRAP_VERSION: "ssm:GetParameters",
        },
        "update": {
            FUNCTION: "lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration "
            "lambda:GetFunction lambda:GetFunctionConfiguration lambda:ListTags "
            "lambda:TagResource lambda:UntagResource",
            ARTIFACT: "s3:GetObject",
        },
        "delete": {FUNCTION: "lambda:DeleteFunction lambda:GetFunction"},
    },
    "AWS::Lambda::EventInvokeConfig": {
        "create": {
            FUNCTION: "lambda:PutFunctionEventInvokeConfig lambda:GetFunctionEventInvokeConfig"
        },
        "update": {FUNCTION: "lambda:UpdateFunctionEventInvokeConfig"},
        "delete": {FUNCTION: "lambda:DeleteFunctionEventInvokeConfig"},
    },
    "AWS::Lambda::Permission": {
        "create": {FUNCTION: "lambda:AddPermission lambda:GetPolicy"},
        "update": {FUNCTION: "lambda:AddPermission lambda:RemovePermission"},
        "delete": {FUNCTION: "lambda:RemovePermission lambda:GetPolicy"},
    },
    "AWS::Config::ConfigRule": {
        "create": {
            ANY: "config:PutConfigRule config:DescribeComplianceByConfigRule config:DescribeConfigRules",
        },
        "update": {ANY: "config:PutConfigRule config:DescribeConfigRules"},
        "delete": {ANY: "config:DeleteConfigRule config:DescribeConfigRules"},
    },
    "AWS::SNS::Topic": {
        "create": {
            TOPIC: "sns:CreateTopic sns:SetTopicAttributes sns:TagResource sns:GetTopicAttributes "
            "sns:ListTagsForResource sns:ListSubscriptionsByTopic sns:GetDataProtectionPolicy",
        },
        "update": {TOPIC: "sns:SetTopicAttributes sns:TagResource sns:UntagResource"},
        "delete": {TOPIC: "sns:DeleteTopic"},
    },
    "AWS::SNS::TopicPolicy": {
        step: {"arn:aws:sns:{region}:{account}:RootAccessKeyRule-AlertTopic": "sns:SetTopicAttributes"}
        for step in ("create", "update", "delete")
    },
    "AWS::SNS::Subscription": {
        "create": {
            "arn:aws:sns:{region}:{account}:RootAccessKeyRule-AlertTopic": "sns:Subscribe",
            ANY: "sns:GetSubscriptionAttributes",
        },
        "update": {ANY: "sns:GetSubscriptionAttributes"},
        "delete": {ANY: "sns:Unsubscribe"},
    },
    "AWS::StepFunctions::StateMachine": {
        "create": {
            STATE_MACHINE: "states:CreateStateMachine states:DescribeStateMachine states:TagResource",
            "arn:aws:iam::{account}:role/RootAccessKeyRule-ReEvaluationEvaluationStarter": "iam:PassRole",
        },
        "update": {
            STATE_MACHINE: "states:UpdateStateMachine states:DescribeStateMachine "
            "states:ListTagsForResource states:TagResource states:UntagResource",
            "arn:aws:iam::{account}:role/RootAccessKeyRule-ReEvaluationEvaluationStarter": "iam:PassRole",
        },
        "delete": {STATE_MACHINE: "states:DeleteStateMachine states:DescribeStateMachine"},
    },
    "AWS::Events::Rule": {
        "create": {
            "arn:aws:iam::{account}:role/RootAccessKeyRule-ReEvaluationStateMachineStarter": "iam:PassRole",
            EVENT_RULE: "events:PutRule events:PutTargets events:TagResource events:DescribeRule",
        },
        "update": {
            EVENT_RULE: "events:PutRule events:PutTargets events:ListTargetsByRule "
            "events:RemoveTargets events:ListTagsForResource events:TagResource "
            "events:UntagResource",
        },
        "delete": {
            EVENT_RULE: "events:ListTargetsByRule events:RemoveTargets events:DeleteRule",
        },
    },
    "AWS::Logs::QueryDefinition": {
        "create": {ANY: "logs:PutQueryDefinition logs:DescribeQueryDefinitions"},
        "update": {ANY: "logs:PutQueryDefinition logs:DescribeQueryDefinitions"},
        "delete": {ANY: "logs:DeleteQueryDefinition logs:DescribeQueryDefinitions"},
    },
    "AWS::CloudWatch::Dashboard": {
        "create": {
            DASHBOARD: "cloudwatch:PutDashboard cloudwatch:GetDashboard cloudwatch:ListTagsForResource "
            "cloudwatch:TagResource",
        },
        "update": {
            DASHBOARD: "cloudwatch:PutDashboard cloudwatch:GetDashboard cloudwatch:ListTagsForResource "
            "cloudwatch:TagResource cloudwatch:UntagResource",
        },
        "delete": {DASHBOARD: "cloudwatch:DeleteDashboards cloudwatch:GetDashboard"},
    },
    "AWS::CloudWatch::Alarm": {
        "create": {
            ALARM: "cloudwatch:PutMetricAlarm cloudwatch:TagResource",
            ANY: "cloudwatch:DescribeAlarms",
        },
        "update": {
            ALARM: "cloudwatch:PutMetricAlarm cloudwatch:ListTagsForResource "
            "cloudwatch:TagResource cloudwatch:UntagResource",
        },
        "delete": {ALARM: "cloudwatch:DeleteAlarms", ANY: "cloudwatch:DescribeAlarms"},
    },
}

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
    calls = organization_permissions.CALLS if stack.startswith(ORGANIZATION) else CALLS
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
