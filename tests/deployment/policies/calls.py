"""The calls that CloudFormation makes for the resources of our stacks, and the resource that each call names.

They are the calls that AWS publishes for the handlers of a resource type, except those that our templates do not
lead to (`unused_calls`). A deployment policy allows these calls and no others.
"""

from typing import Iterator

from policies.resource_handlers import HANDLERS
from policies.unused_calls import NEVER_MADE, UNUSED_BY_POLICY, UNUSED_PROPERTIES

# The policies in cdk/policies, and what differs in the names of the resources that they are for.
NAMES = {
    "deployment": {
        "product": "root-access-key-rule", "function": "root-access-key-rule", "bus": "", "machine": "root-access-key-rule",
    },
    "organization-deployment": {
        "product": "root-access-key-rule-org", "function": "{stack}-{id}", "bus": "", "machine": "",
    },
    "organization-watch-deployment": {
        "product": "root-access-key-rule-org-watch", "function": "root-access-key-rule-org-watch", "bus": "",
        "machine": "root-access-key-rule-org-watch",
    },
    "organization-notifications-deployment": {
        "product": "root-access-key-rule-org", "function": "", "bus": "root-access-key-rule-org/",
        "machine": "root-access-key-rule-org-notifications",
    },
}

# Calls that no schema lists. CloudFormation itself makes them: resource type: call: why.
NOT_IN_A_SCHEMA = {
    "AWS::Lambda::Function": {
        "lambda:GetFunctionConfiguration": "CloudFormation waits with it for an update of a function",
        "lambda:ListTags": "the handler of functions reads tags with it before an update",
        "ssm:GetParameters": "CloudFormation reads the version of the bootstrap from Parameter Store",
    },
    "Custom::PublishedBuild": {"lambda:InvokeFunction": "CloudFormation invokes the function of a custom resource"},
}

FUNCTION = "arn:aws:lambda:{region}:{account}:function:{function}"
ROLE = "arn:aws:iam::{account}:role/{stack}-{id}"
BUCKET = "arn:aws:s3:::rootaccesskeyruleorganization-bucket"
BUS = "arn:aws:events:{region}:{account}:event-bus/{product}"
STACK_SET = "arn:aws:cloudformation:{region}:{account}:stackset/{stack_set}:id"
STACK_SET_TARGETS = "arn:aws:cloudformation:{region}:{account}:stackset-target/{stack_set}:id/*"
PACK = "arn:aws:config:{region}:{account}:organization-conformance-pack/{product}-abcd1234"
PACK_SERVICE = (
    "arn:aws:iam::{account}:role/aws-service-role/config-multiaccountsetup.amazonaws.com/"
    "AWSServiceRoleForConfigMultiAccountSetup"
)
# AWS Config delivers the templates of packs only to buckets with this prefix.
DELIVERY_BUCKET = "arn:aws:s3:::awsconfigconforms-example"
BOOTSTRAP_BUCKET = "arn:aws:s3:::cdk-hnb659fds-assets-{account}-{region}/asset.zip"
BOOTSTRAP_VERSION = "arn:aws:ssm:{region}:{account}:parameter/cdk-bootstrap/hnb659fds/version"
# AWS's service authorization reference lists no resource type for the call, or its name is not known beforehand.
# A statement that names a resource never allows it.
ANY = "*"
THE_REST = ""

# resource type: resource: the calls that name it
RESOURCES: dict[str, dict[str, str]] = {
    "AWS::CloudFormation::StackSet": {
        STACK_SET: THE_REST,
        ANY: "cloudformation:CreateStackSet cloudformation:GetTemplateSummary",
    },
    "AWS::CloudWatch::Alarm": {
        "arn:aws:cloudwatch:{region}:{account}:alarm:{stack}-{id}": THE_REST,
        ANY: "cloudwatch:DescribeAlarms",
    },
    "AWS::CloudWatch::Dashboard": {"arn:aws:cloudwatch::{account}:dashboard/{product}": THE_REST},
    "AWS::Config::ConfigRule": {ANY: THE_REST},
    "AWS::Config::OrganizationConformancePack": {
        ANY: THE_REST,
        PACK: "config:ListTagsForResource config:TagResource config:UntagResource",
        DELIVERY_BUCKET: "s3:GetBucketAcl",
        PACK_SERVICE: "iam:CreateServiceLinkedRole",
    },
    "AWS::Events::EventBus": {BUS: THE_REST},
    "AWS::Events::EventBusPolicy": {BUS: THE_REST, ANY: "events:PutPermission events:RemovePermission"},
    "AWS::Events::Rule": {
        "arn:aws:events:{region}:{account}:rule/{bus}{stack}-{id}": THE_REST,
        ROLE: "iam:PassRole",
    },
    "AWS::IAM::Policy": {ROLE: THE_REST},
    "AWS::IAM::Role": {ROLE: THE_REST},
    "AWS::Lambda::EventInvokeConfig": {FUNCTION: THE_REST},
    "AWS::Lambda::Function": {
        FUNCTION: THE_REST, ROLE: "iam:PassRole", BOOTSTRAP_BUCKET: "s3:GetObject", BOOTSTRAP_VERSION: "ssm:GetParameters",
    },
    "AWS::Lambda::Permission": {FUNCTION: THE_REST},
    "AWS::Logs::LogGroup": {
        "arn:aws:logs:{region}:{account}:log-group:{stack}-{id}:*": THE_REST,
        ANY: "logs:DescribeIndexPolicies logs:DescribeLogGroups logs:DescribeResourcePolicies",
    },
    "AWS::Logs::QueryDefinition": {ANY: THE_REST},
    "AWS::S3::Bucket": {BUCKET: THE_REST},
    "AWS::S3::BucketPolicy": {BUCKET: THE_REST},
    "AWS::SNS::Subscription": {
        "arn:aws:sns:{region}:{account}:{stack}-Topic": THE_REST,
        ANY: "sns:GetSubscriptionAttributes sns:Unsubscribe",
    },
    "AWS::SNS::Topic": {"arn:aws:sns:{region}:{account}:{stack}-{id}": THE_REST},
    "AWS::SNS::TopicPolicy": {"arn:aws:sns:{region}:{account}:{stack}-Topic": THE_REST},
    "AWS::SSM::Parameter": {"arn:aws:ssm:{region}:{account}:parameter/root-access-key-rule/watch/{id}": THE_REST},
    "AWS::Scheduler::Schedule": {
        "arn:aws:scheduler:{region}:{account}:schedule/default/{product}": THE_REST,
        ROLE: "iam:PassRole",
    },
    "AWS::StepFunctions::StateMachine": {
        "arn:aws:states:{region}:{account}:stateMachine:{machine}": THE_REST,
        ROLE: "iam:PassRole",
    },
    "Custom::PublishedBuild": {"arn:aws:lambda:{region}:{account}:function:{stack}-Copy": THE_REST},
}
# These calls name a second resource, too.
SECOND_RESOURCES = {
    "AWS::CloudFormation::StackSet": {
        STACK_SET_TARGETS: "cloudformation:CreateStackInstances cloudformation:DeleteStackInstances "
        "cloudformation:UpdateStackInstances cloudformation:UpdateStackSet",
    },
}


def published_calls(resource_type: str) -> set[str]:
    """The calls of the handlers of a type; its list handler runs for Cloud Control API only, never for a stack."""
    return {call for calls in HANDLERS.get(resource_type, {}).values() for call in calls.split()}


def unused_calls(resource_type: str, policy: str) -> set[str]:
    """The calls that our templates do not lead to."""
    tables = (UNUSED_PROPERTIES, UNUSED_BY_POLICY[policy], NEVER_MADE)
    return {call for table in tables for calls in table.get(resource_type, {}).values() for call in calls.split()}


def needed_calls(resource_type: str, policy: str) -> set[str]:
    """The calls that a deployment needs for a resource type."""
    needed = published_calls(resource_type) - unused_calls(resource_type, policy)
    return needed | set(NOT_IN_A_SCHEMA.get(resource_type, {}))


def needed_on_resources(resource_type: str, policy: str) -> Iterator[tuple[str, str]]:
    """Each needed call with the ARN that it names, in which `{account}`, `{region}`, `{stack}`, `{stack_set}` and `{id}` are open."""
    rest = needed_calls(resource_type, policy)
    named = {call: resource for resource, calls in RESOURCES[resource_type].items() for call in calls.split()}
    [default] = [resource for resource, calls in RESOURCES[resource_type].items() if calls == THE_REST]
    for call in sorted(rest):
        yield call, named.get(call, default)
    for resource, calls in SECOND_RESOURCES.get(resource_type, {}).items():
        yield from ((call, resource) for call in calls.split())
