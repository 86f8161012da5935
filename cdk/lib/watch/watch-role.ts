import { Aws, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { CfnBucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import statusPolicy from '../../../root-keys/status-policy.json' with { type: 'json' };
import { ORGANIZATION_NAME } from '../settings/product.ts';

/** What only a preflight of `root-keys status` reads. */
const PREFLIGHT = [
  'cloudformation:DescribeOrganizationsAccess',
  'config:GetAggregateDiscoveredResourceCounts',
  'organizations:ListAWSServiceAccessForOrganization',
];

/** The calls that the watch reads with: those of `root-keys status`, without its preflight. */
const READ = statusPolicy.Statement.flatMap(({ Action }) => Action).filter((it) => !PREFLIGHT.includes(it));

/**
 * The calls of a repair that deploy. Their resources are the StackSet, its targets and the types of the resources in its
 * template. IAM can limit their regions, but not the parameters that they override. The ARN of a target ends with an
 * organizational unit or an account. AWS does not document which of them it checks in a request for some accounts of a unit,
 * as the watch makes it, so that the role allows every target.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
 */
const DEPLOY = ['cloudformation:CreateStackInstances', 'cloudformation:UpdateStackInstances'];

/** The call that shows whether an operation is in progress. Its resource is the StackSet. */
const LIST_OPERATIONS = 'cloudformation:ListStackSetOperations';

export interface WatchRoleProps {
  /** The log group that the function writes to. */
  readonly logGroup: ILogGroup;
  /** The bucket with the reports. */
  readonly bucket: IBucket;
  /** ARN of the KMS key that encrypts the bucket, if it is not that of S3. */
  readonly bucketKey: string | undefined;
  /** Whether the function may start operations of the StackSet. */
  readonly repair: boolean;
}

/**
 * The role of the watch's function. It allows the calls of `root-keys status`, the objects of the watch's bucket, writing
 * log lines, with `repair` operations of the product's StackSet, and nothing else.
 */
export class WatchRole extends iam.Role {
  constructor(scope: Construct, id: string, { logGroup, bucket, bucketKey, repair }: WatchRoleProps) {
    const statement = (actions: string[], ...resources: string[]) =>
      new iam.PolicyStatement({ actions, resources });
    const document = (...statements: iam.PolicyStatement[]) => new iam.PolicyDocument({ statements });
    super(scope, id, {
      description: 'Reads the results of all accounts, stores a report of them, and retries the StackSet.',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        Read: document(statement(READ, '*')),
        Report: document(
          statement(['s3:GetObject', 's3:PutObject'], bucket.arnForObjects('*')),
          // With it, S3 responds to a read of an object that does not exist with 404 and not 403.
          statement(['s3:ListBucket'], bucket.bucketArn),
          ...(bucketKey === undefined ? [] : [statement(['kms:Decrypt', 'kms:GenerateDataKey'], bucketKey)]),
        ),
        Log: document(statement(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn)),
        ...(repair && { Repair: document(...repairStatements(scope)) }),
      },
    });
    this.acknowledge(bucket, repair);
  }

  private acknowledge(bucket: IBucket, repair: boolean): void {
    const because = (reason: string, ...ids: string[]) => {
      Validations.of(this).acknowledge(...ids.map((id) => ({ id, reason })));
    };
    const stack = Stack.of(this);
    const bucketId = stack.getLogicalId(bucket.node.defaultChild as CfnBucket);
    because(
      'These statements are for this role only and are created and deleted with it.',
      'NIST.800.53.R5-IAMNoInlinePolicy',
    );
    because(
      'The calls only read. AWS Config and AWS Organizations support no narrower resource for most of them, and the policy is that of root-keys status.',
      'AwsSolutions-IAM5[Resource::*]',
    );
    because('The bucket is for this function only.', `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/*]`);
    if (!repair) return;
    because(
      'AWS generates the ID in the ARN of a StackSet, and the account in it is the management account, which a delegated administrator does not know. A type is not changed by these calls.',
      ...Object.values(stackSetArns(this)).map(
        (it) => `AwsSolutions-IAM5[Resource::${it.replace(Aws.PARTITION, '<AWS::Partition>')}]`,
      ),
    );
  }
}

/** What a repair needs: operations of the StackSet, which deploy to the home region only. */
function repairStatements(scope: Construct): iam.PolicyStatement[] {
  const { stackSet, targets, types } = stackSetArns(scope);
  return [
    new iam.PolicyStatement({ actions: [LIST_OPERATIONS], resources: [stackSet] }),
    new iam.PolicyStatement({
      actions: DEPLOY,
      resources: [stackSet, targets, types],
      // A request always has regions, so that ForAllValues cannot be met by their absence. The form is that of
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security_iam_id-based-policy-examples.html
      conditions: {
        'ForAllValues:StringEqualsIgnoreCase': { 'cloudformation:TargetRegion': [Stack.of(scope).region] },
      },
    }),
  ];
}

/**
 * The ARNs of the StackSet, its targets and the types of resources in its template. A StackSet belongs to the management
 * account, whose ID a delegated administrator's settings do not have.
 */
function stackSetArns(scope: Construct) {
  const arn = (resource: string, resourceName: string) =>
    Stack.of(scope).formatArn({ service: 'cloudformation', account: '*', resource, resourceName });
  const ofStackSet = `${ORGANIZATION_NAME}:*`;
  return {
    stackSet: arn('stackset', ofStackSet),
    targets: arn('stackset-target', ofStackSet),
    types: arn('type', 'resource/*'),
  };
}
