"""Calls of CloudFormation's handlers that our templates do not lead to, with the reason.

A handler makes them for properties that none of our templates sets, so the deployment policies do not allow them.
test_deployment_policies.py fails when a template sets one of the properties, or when AWS no longer lists the call.
"""

# resource type: properties, at any depth: actions
UNUSED_PROPERTIES: dict[str, dict[str, str]] = {
    "AWS::Logs::LogGroup": {
        "KmsKeyId": "logs:AssociateKmsKey logs:DisassociateKmsKey",
        "DataProtectionPolicy": "logs:PutDataProtectionPolicy logs:DeleteDataProtectionPolicy logs:CreateLogDelivery "
        "s3:REST.PUT.OBJECT firehose:TagDeliveryStream",
        "FieldIndexPolicies": "logs:PutIndexPolicy logs:DeleteIndexPolicy",
        "ResourcePolicyDocument": "logs:PutResourcePolicy logs:DeleteResourcePolicy",
        "DeletionProtectionEnabled": "logs:PutLogGroupDeletionProtection",
        "BearerTokenAuthenticationEnabled": "logs:PutBearerTokenAuthentication",
    },
    "AWS::IAM::Policy": {
        "Groups": "iam:DeleteGroupPolicy iam:GetGroupPolicy iam:PutGroupPolicy",
        "Users": "iam:DeleteUserPolicy iam:GetUserPolicy iam:PutUserPolicy",
    },
    "AWS::Lambda::Function": {
        "VpcConfig": "ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs",
        "FileSystemConfigs": "elasticfilesystem:DescribeMountTargets s3files:ListMountTargets",
        "KmsKeyArn SourceKMSKeyArn": "kms:CreateGrant kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey",
        "RuntimeManagementConfig": "lambda:AssociateRuntimeAlias lambda:PutRuntimeManagementConfig",
        "CodeSigningConfigArn": "lambda:DeleteFunctionCodeSigningConfig lambda:GetCodeSigningConfig "
        "lambda:PutFunctionCodeSigningConfig",
        "ReservedConcurrentExecutions": "lambda:DeleteFunctionConcurrency lambda:PutFunctionConcurrency",
        "RecursiveLoop": "lambda:PutFunctionRecursionConfig",
        "Layers": "lambda:GetLayerVersion",
        "CapacityProviderConfig": "lambda:PassCapacityProvider",
        "FunctionScalingConfig": "lambda:PutFunctionScalingConfig",
        "PublishToLatestPublished": "lambda:PublishVersion",
        "S3ObjectVersion": "s3:GetObjectVersion",
    },
    "AWS::SNS::Topic": {
        "DeliveryStatusLogging": "iam:GetRole iam:PassRole",
        "DataProtectionPolicy": "sns:PutDataProtectionPolicy",
        "Subscription": "sns:Subscribe sns:Unsubscribe",
    },
    "AWS::SNS::Subscription": {
        "SubscriptionRoleArn": "iam:GetRole iam:PassRole",
        "DeliveryPolicy FilterPolicy FilterPolicyScope RawMessageDelivery RedrivePolicy ReplayPolicy": (
            "sns:SetSubscriptionAttributes"
        ),
    },
    "AWS::StepFunctions::StateMachine": {
        "EncryptionConfiguration": "kms:Decrypt kms:DescribeKey kms:GenerateDataKey",
        "DefinitionS3Location": "s3:GetObject s3:GetObjectVersion",
    },
    "AWS::CloudFormation::StackSet": {"AdministrationRoleARN": "iam:PassRole"},
    "AWS::Config::OrganizationConformancePack": {"TemplateS3Uri": "s3:GetObject"},
    "AWS::Events::EventBus": {
        "KmsKeyIdentifier": "kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey "
        "kms:GenerateDataKeyWithoutPlaintext kms:ReEncrypt kms:ReEncryptFrom kms:ReEncryptTo",
        "Policy": "events:PutPermission events:RemovePermission",
    },
    "AWS::S3::Bucket": {
        "MetadataTableConfiguration MetadataConfiguration": (
            "s3:CreateBucketMetadataTableConfiguration s3:DeleteBucketMetadataTableConfiguration "
            "s3:UpdateBucketMetadataAnnotationTableConfiguration s3:UpdateBucketMetadataInventoryTableConfiguration "
            "s3:UpdateBucketMetadataJournalTableConfiguration s3tables:CreateNamespace s3tables:CreateTable "
            "s3tables:CreateTableBucket s3tables:GetTable s3tables:GetTableMetadataLocation "
            "s3tables:PutTableBucketPolicy s3tables:PutTableEncryption s3tables:PutTablePolicy "
            "s3tables:UpdateTableMetadataLocation"
        ),
        "AbacStatus": "s3:PutBucketAbac",
        "AccelerateConfiguration": "s3:PutAccelerateConfiguration",
        "AccessControl": "s3:PutBucketAcl s3:PutObjectAcl",
        "AnalyticsConfigurations": "s3:DeleteBucketAnalyticsConfiguration s3:PutAnalyticsConfiguration",
        "CorsConfiguration": "s3:DeleteBucketCors s3:PutBucketCORS",
        "IntelligentTieringConfigurations": "s3:PutIntelligentTieringConfiguration",
        "InventoryConfigurations": "s3:PutInventoryConfiguration",
        "LoggingConfiguration": "s3:PutBucketLogging",
        "MetricsConfigurations": "s3:DeleteBucketMetricsConfiguration s3:PutMetricsConfiguration",
        "NotificationConfiguration": "s3:PutBucketNotification",
        "ObjectLockConfiguration ObjectLockEnabled": "s3:PutBucketObjectLockConfiguration s3:PutObjectLockConfiguration",
        "ReplicationConfiguration": "iam:PassRole s3:DeleteBucketReplication s3:DeleteObject s3:PutBucketReplication "
        "s3:PutReplicationConfiguration",
        "WebsiteConfiguration": "s3:DeleteBucketWebsite s3:PutBucketWebsite",
    },
}

# The same for one policy only. Roles of one account's stack, of the notifications and of the watch have inline policies and
# no managed ones; the other roles of an organization have managed policies, and their inline policies are resources of
# their own. Only the bucket with the reports of the watch has a lifecycle.
UNUSED_BY_POLICY: dict[str, dict[str, dict[str, str]]] = {
    "deployment": {"AWS::IAM::Role": {"ManagedPolicyArns": "iam:AttachRolePolicy iam:DetachRolePolicy"}},
    "organization-deployment": {
        "AWS::IAM::Role": {"Policies": "iam:DeleteRolePolicy iam:PutRolePolicy"},
        "AWS::S3::Bucket": {"LifecycleConfiguration": "s3:PutLifecycleConfiguration"},
    },
    "organization-notifications-deployment": {
        "AWS::IAM::Role": {"ManagedPolicyArns": "iam:AttachRolePolicy iam:DetachRolePolicy"}
    },
    "organization-watch-deployment": {
        "AWS::IAM::Role": {"ManagedPolicyArns": "iam:AttachRolePolicy iam:DetachRolePolicy"}
    },
}

# Calls that do not depend on a property: resource type: reason: actions
NEVER_MADE: dict[str, dict[str, str]] = {
    "AWS::S3::Bucket": {
        "the bucket is retained when its stack is deleted": "s3:DeleteBucket",
        "encryption is always set and never removed": "s3:DeleteBucketEncryption",
        "a lifecycle is never removed": "s3:DeleteBucketLifecycle",
    },
    "AWS::Config::OrganizationConformancePack": {
        "no property of the type takes a role": "iam:PassRole",
    },
}
