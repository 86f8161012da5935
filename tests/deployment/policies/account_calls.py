"""The calls that CloudFormation makes for the stack of one account.

They are the calls of the resource types' handlers, as far as our templates lead to them; see `evaluation`.
"""

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
