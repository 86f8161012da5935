import { RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import type { Construct } from 'constructs';
import { dependOnRolesByReference } from '../rule/role-dependency.ts';
import { NAME } from '../settings/product.ts';

export interface ArtifactStackProps extends StackProps {
  /** Path of the built function. */
  readonly path: string;
  /** The organization whose accounts may read it. */
  readonly organizationId: string;
  /** ARN of the KMS key that encrypts the bucket. Undefined for the key of S3. */
  readonly bucketKey?: string | undefined;
}

/**
 * The bucket from which the accounts of an organization, and only they, read the built function. Bucket and builds are
 * retained when the stack is deleted, because an account may still need an old build for a rollback.
 */
export class ArtifactStack extends Stack {
  readonly bucket: s3.Bucket;
  /** Key of this build. It contains a hash of the build, so no other build has it. */
  readonly key: string;

  constructor(
    scope: Construct,
    id: string,
    { path, organizationId, bucketKey, ...props }: ArtifactStackProps,
  ) {
    super(scope, id, {
      description: `${NAME}: the built function, for the accounts of the organization.`,
      ...props,
    });
    this.bucket = new s3.Bucket(this, 'Bucket', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      // Other accounts cannot use a key that AWS manages in KMS.
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.AnyPrincipal()],
        actions: ['s3:GetObject'],
        resources: [this.bucket.arnForObjects('*')],
        conditions: { StringEquals: { 'aws:PrincipalOrgID': organizationId } },
      }),
    );
    const build = new Asset(this, 'Build', { path });
    this.key = `${build.assetHash}.zip`;
    this.publish(build, bucketKey);
    this.acknowledge();
  }

  /** Copies the build from the bootstrap's bucket, which all CDK apps of this account share. */
  private publish(build: Asset, bucketKey: string | undefined): void {
    const copy = new AwsCustomResource(this, 'Publish', {
      resourceType: 'Custom::PublishedBuild',
      onUpdate: {
        service: 'S3',
        action: 'CopyObject',
        parameters: {
          Bucket: this.bucket.bucketName,
          Key: this.key,
          CopySource: `${build.s3BucketName}/${build.s3ObjectKey}`,
        },
        physicalResourceId: PhysicalResourceId.of(this.key),
        outputPaths: ['CopyObjectResult.ETag'],
      },
      policy: AwsCustomResourcePolicy.fromStatements([
        new iam.PolicyStatement({
          actions: ['s3:GetObject'],
          resources: [build.bucket.arnForObjects(build.s3ObjectKey)],
        }),
        new iam.PolicyStatement({
          actions: ['s3:PutObject'],
          resources: [this.bucket.arnForObjects(this.key)],
        }),
        ...(bucketKey ? [encryptBuild(bucketKey)] : []),
      ]),
      installLatestAwsSdk: false,
      logGroup: new logs.LogGroup(this, 'PublishLog', {
        retention: logs.RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    // The CDK depends on the bucket only. The build must not be written before the bucket has its policy.
    if (this.bucket.policy) copy.node.addDependency(this.bucket.policy);
    dependOnRolesByReference(this);
  }

  // The ids in lower case are from AWS Control Tower's rules in cfn-guard, the others from cdk-nag.
  private acknowledge(): void {
    const because = (scope: Construct, reason: string, ...ids: string[]) => {
      Validations.of(scope).acknowledge(...ids.map((id) => ({ id, reason })));
    };
    because(
      this.bucket,
      'The builds are not secret. CloudTrail records who reads them if its data events are enabled.',
      'AwsSolutions-S1',
      'NIST.800.53.R5-S3BucketLoggingEnabled',
      's3_bucket_logging_enabled_check',
      's3_event_notifications_enabled_check',
    );
    because(
      this.bucket,
      'Other accounts cannot use the key that AWS manages, and a customer managed key costs more a month than everything else.',
      'NIST.800.53.R5-S3DefaultEncryptionKMS',
      's3_bucket_default_encryption_kms_check',
    );
    because(
      this.bucket,
      'Builds are reproducible, few, small and versioned, and are retained for rollbacks.',
      'NIST.800.53.R5-S3BucketReplicationEnabled',
      's3_version_lifecycle_policy_check',
      's3_lifecycle_policy_check',
      's3_bucket_object_lock_enabled_check',
    );
    because(
      this,
      'The function that copies a build runs only during a deployment, which fails with it. It stores no data.',
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      'NIST.800.53.R5-LambdaConcurrency',
      'NIST.800.53.R5-LambdaDLQ',
      'NIST.800.53.R5-LambdaInsideVPC',
      'lambda_inside_vpc_check',
      'NIST.800.53.R5-IAMNoInlinePolicy',
      'NIST.800.53.R5-CloudWatchLogGroupEncrypted',
      'cloudwatch_log_group_encrypted_check',
      'cloudwatch_log_group_retention_period_check',
    );
  }
}

/** What S3 needs from the caller to write to a bucket under a KMS key. */
function encryptBuild(key: string): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key] });
}
