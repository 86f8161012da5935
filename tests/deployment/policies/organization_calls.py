"""The calls that CloudFormation makes for the stacks of an organization's rollout; see `evaluation`.

They are the calls that the schemas of the resource types name for their handlers, as far as our templates lead to
them. Where AWS's service authorization reference lists no resource type for a call, its resource here is `ANY`,
which a statement that names a resource never allows.
"""

ROLE = "arn:aws:iam::{account}:role/{name}"
FUNCTION = "arn:aws:lambda:{region}:{account}:function:{name}"
LOG_GROUP = "arn:aws:logs:{region}:{account}:log-group:{name}:*"
BUCKET = "arn:aws:s3:::rootaccesskeyruleorganizationartifact-bucket"
STACK_SET = "arn:aws:cloudformation:{region}:{account}:stackset/root-access-key-rule-org:id"
TARGETS = "arn:aws:cloudformation:{region}:{account}:stackset-target/root-access-key-rule-org:id/*"
ASSET = "arn:aws:s3:::cdk-hnb659fds-assets-{account}-{region}/{name}"
BOOTSTRAP_VERSION = "arn:aws:ssm:{region}:{account}:parameter/cdk-bootstrap/hnb659fds/version"
PACK = "arn:aws:config:{region}:{account}:organization-conformance-pack/root-access-key-rule-org-abcd1234"
# AWS Config writes to buckets of no other name.
DELIVERY_BUCKET = "arn:aws:s3:::awsconfigconforms-example"
PACK_SERVICE = (
    "arn:aws:iam::{account}:role/aws-service-role/config-multiaccountsetup.amazonaws.com/"
    "AWSServiceRoleForConfigMultiAccountSetup"
)
TOPIC = "arn:aws:sns:{region}:{account}:{name}"
BUS = "arn:aws:events:{region}:{account}:event-bus/root-access-key-rule-org"
EVENT_RULE = "arn:aws:events:{region}:{account}:rule/root-access-key-rule-org/{name}"
DASHBOARD = "arn:aws:cloudwatch::{account}:dashboard/root-access-key-rule-org"
ANY = "*"

CALLS: dict[str, dict[str, dict[str, str]]] = {
    "AWS::S3::Bucket": {
        "create": {
            BUCKET: "s3:CreateBucket s3:PutBucketOwnershipControls s3:PutBucketPublicAccessBlock "
            "s3:PutBucketTagging s3:PutBucketVersioning s3:PutEncryptionConfiguration s3:TagResource "
            # What the handler reads of every bucket, set or not.
            "s3:GetAccelerateConfiguration s3:GetAnalyticsConfiguration s3:GetBucketAbac s3:GetBucketAcl "
            "s3:GetBucketCORS s3:GetBucketLogging s3:GetBucketMetadataTableConfiguration s3:GetBucketNotification "
            "s3:GetBucketObjectLockConfiguration s3:GetBucketOwnershipControls s3:GetBucketPublicAccessBlock "
            "s3:GetBucketTagging s3:GetBucketVersioning s3:GetBucketWebsite s3:GetEncryptionConfiguration "
            "s3:GetIntelligentTieringConfiguration s3:GetInventoryConfiguration s3:GetLifecycleConfiguration "
            "s3:GetMetricsConfiguration s3:GetReplicationConfiguration s3:ListBucket s3:ListTagsForResource",
        },
        "update": {BUCKET: "s3:PutBucketTagging s3:TagResource s3:UntagResource"},
    },
    "AWS::S3::BucketPolicy": {
        "create": {BUCKET: "s3:GetBucketPolicy s3:PutBucketPolicy"},
        "update": {BUCKET: "s3:GetBucketPolicy s3:PutBucketPolicy"},
        "delete": {BUCKET: "s3:DeleteBucketPolicy s3:GetBucketPolicy"},
    },
    "AWS::Logs::LogGroup": {
        "create": {
            LOG_GROUP: "logs:CreateLogGroup logs:GetDataProtectionPolicy logs:PutRetentionPolicy logs:TagResource",
            ANY: "logs:DescribeIndexPolicies logs:DescribeLogGroups logs:DescribeResourcePolicies",
        },
        "update": {
            LOG_GROUP: "logs:DeleteRetentionPolicy logs:ListTagsForResource logs:PutRetentionPolicy logs:TagResource "
            "logs:UntagResource",
        },
        "delete": {LOG_GROUP: "logs:DeleteLogGroup"},
    },
    "AWS::IAM::Role": {
        "create": {
            ROLE: "iam:AttachRolePolicy iam:CreateRole iam:GetRole iam:GetRolePolicy iam:PutRolePermissionsBoundary "
            "iam:TagRole",
        },
        "update": {
            ROLE: "iam:DeleteRolePermissionsBoundary iam:PutRolePermissionsBoundary iam:TagRole iam:UntagRole "
            "iam:UpdateAssumeRolePolicy iam:UpdateRole iam:UpdateRoleDescription",
        },
        "delete": {
            ROLE: "iam:DeleteRole iam:DetachRolePolicy iam:GetRole iam:ListAttachedRolePolicies iam:ListRolePolicies",
        },
    },
    "AWS::IAM::Policy": {
        step: {"arn:aws:iam::{account}:role/RootAccessKeyRuleOrganization-Role": calls}
        for step, calls in {
            "create": "iam:GetRolePolicy iam:PutRolePolicy",
            "update": "iam:DeleteRolePolicy iam:GetRolePolicy iam:PutRolePolicy",
            "delete": "iam:DeleteRolePolicy iam:GetRolePolicy",
        }.items()
    },
    "AWS::Lambda::Function": {
        "create": {
            FUNCTION: "lambda:CreateFunction lambda:GetFunction lambda:GetFunctionCodeSigningConfig "
            "lambda:GetFunctionRecursionConfig lambda:GetFunctionScalingConfig lambda:GetRuntimeManagementConfig "
            "lambda:TagResource",
            "arn:aws:iam::{account}:role/RootAccessKeyRuleOrganization-Role": "iam:PassRole",
            ASSET: "s3:GetObject",
            BOOTSTRAP_VERSION: "ssm:GetParameters",
        },
        "update": {
            FUNCTION: "lambda:GetFunction lambda:GetFunctionConfiguration lambda:ListTags lambda:TagResource "
            "lambda:UntagResource lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration",
            ASSET: "s3:GetObject",
        },
        "delete": {FUNCTION: "lambda:DeleteFunction lambda:GetFunction"},
    },
    "Custom::PublishedBuild": {
        step: {"arn:aws:lambda:{region}:{account}:function:RootAccessKeyRuleOrganization-Copy": "lambda:InvokeFunction"}
        for step in ("create", "update", "delete")
    },
    "AWS::CloudFormation::StackSet": {
        "create": {
            STACK_SET: "cloudformation:CreateStackInstances cloudformation:DescribeStackInstance "
            "cloudformation:DescribeStackSet cloudformation:DescribeStackSetOperation "
            "cloudformation:ListStackInstances cloudformation:ListStackSetOperationResults cloudformation:TagResource",
            TARGETS: "cloudformation:CreateStackInstances",
            ANY: "cloudformation:CreateStackSet cloudformation:GetTemplateSummary",
        },
        "update": {
            STACK_SET: "cloudformation:CreateStackInstances cloudformation:DeleteStackInstances "
            "cloudformation:DescribeStackSet cloudformation:DescribeStackSetOperation "
            "cloudformation:ListStackSetOperationResults cloudformation:TagResource cloudformation:UntagResource "
            "cloudformation:UpdateStackInstances cloudformation:UpdateStackSet",
            TARGETS: "cloudformation:DeleteStackInstances cloudformation:UpdateStackInstances "
            "cloudformation:UpdateStackSet",
            ANY: "cloudformation:GetTemplateSummary",
        },
        "delete": {
            STACK_SET: "cloudformation:DeleteStackInstances cloudformation:DeleteStackSet "
            "cloudformation:DescribeStackSetOperation cloudformation:ListStackSetOperationResults "
            "cloudformation:UntagResource",
        },
    },
    "AWS::Config::OrganizationConformancePack": {
        "create": {
            ANY: "config:DescribeOrganizationConformancePackStatuses "
            "config:GetOrganizationConformancePackDetailedStatus config:PutOrganizationConformancePack "
            "organizations:EnableAWSServiceAccess organizations:ListDelegatedAdministrators",
            PACK: "config:ListTagsForResource config:TagResource",
            DELIVERY_BUCKET: "s3:GetBucketAcl",
            PACK_SERVICE: "iam:CreateServiceLinkedRole",
        },
        "update": {
            PACK: "config:ListTagsForResource config:TagResource config:UntagResource",
            ANY: "config:DescribeOrganizationConformancePackStatuses config:DescribeOrganizationConformancePacks "
            "config:GetOrganizationConformancePackDetailedStatus config:PutOrganizationConformancePack "
            "organizations:ListDelegatedAdministrators",
        },
        "delete": {
            ANY: "config:DeleteOrganizationConformancePack config:DescribeOrganizationConformancePackStatuses "
            "config:GetOrganizationConformancePackDetailedStatus organizations:ListDelegatedAdministrators",
        },
    },
    "AWS::SNS::Topic": {
        "create": {
            TOPIC: "sns:CreateTopic sns:GetDataProtectionPolicy sns:GetTopicAttributes sns:ListSubscriptionsByTopic "
            "sns:ListTagsForResource sns:SetTopicAttributes sns:TagResource",
        },
        "update": {TOPIC: "sns:SetTopicAttributes sns:TagResource sns:UntagResource"},
        "delete": {TOPIC: "sns:DeleteTopic"},
    },
    "AWS::SNS::TopicPolicy": {
        step: {"arn:aws:sns:{region}:{account}:RootAccessKeyRuleOrganizationAlerts-Topic": "sns:SetTopicAttributes"}
        for step in ("create", "update", "delete")
    },
    "AWS::SNS::Subscription": {
        "create": {
            "arn:aws:sns:{region}:{account}:RootAccessKeyRuleOrganizationAlerts-Topic": "sns:Subscribe",
            ANY: "sns:GetSubscriptionAttributes",
        },
        "update": {ANY: "sns:GetSubscriptionAttributes"},
        "delete": {ANY: "sns:Unsubscribe"},
    },
    "AWS::CloudWatch::Dashboard": {
        "create": {
            DASHBOARD: "cloudwatch:GetDashboard cloudwatch:ListTagsForResource cloudwatch:PutDashboard "
            "cloudwatch:TagResource",
        },
        "update": {
            DASHBOARD: "cloudwatch:GetDashboard cloudwatch:ListTagsForResource cloudwatch:PutDashboard "
            "cloudwatch:TagResource cloudwatch:UntagResource",
        },
        "delete": {DASHBOARD: "cloudwatch:DeleteDashboards cloudwatch:GetDashboard"},
    },
    "AWS::Events::EventBus": {
        "create": {BUS: "events:CreateEventBus events:DescribeEventBus events:TagResource"},
        "update": {BUS: "events:ListTagsForResource events:TagResource events:UntagResource events:UpdateEventBus"},
        "delete": {BUS: "events:DeleteEventBus events:DescribeEventBus"},
    },
    "AWS::Events::EventBusPolicy": {
        "create": {BUS: "events:DescribeEventBus", ANY: "events:PutPermission"},
        "update": {BUS: "events:DescribeEventBus", ANY: "events:PutPermission"},
        "delete": {BUS: "events:DescribeEventBus", ANY: "events:RemovePermission"},
    },
    "AWS::Events::Rule": {
        "create": {EVENT_RULE: "events:DescribeRule events:PutRule events:PutTargets events:TagResource"},
        "update": {
            EVENT_RULE: "events:ListTagsForResource events:ListTargetsByRule events:PutRule events:PutTargets "
            "events:RemoveTargets events:TagResource events:UntagResource",
        },
        "delete": {EVENT_RULE: "events:DeleteRule events:ListTargetsByRule events:RemoveTargets"},
    },
}
