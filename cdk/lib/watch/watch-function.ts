import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { type Architecture, NAME, VERSION, WATCH_NAME } from '../settings/product.ts';
import { WatchRole } from './watch-role.ts';

export interface WatchFunctionProps {
  /** The built watch: a zip with `bootstrap` at its root. */
  readonly code: lambda.Code;
  /** The architecture that `code` was built for. */
  readonly architecture: Architecture;
  /** Days for which CloudWatch Logs stores the log lines. */
  readonly logRetentionDays: logs.RetentionDays;
  /** The bucket with the reports. */
  readonly bucket: IBucket;
  /** ARN of the KMS key that encrypts the bucket, if it is not that of S3. */
  readonly bucketKey: string | undefined;
  /** Whether the function may start operations of the StackSet. */
  readonly repair: boolean;
  /** The organizational units that the StackSet deploys to. A repair reaches no other account. */
  readonly organizationalUnits: readonly string[];
}

/** The function of the watch, with its role and its log group. */
export class WatchFunction extends lambda.Function {
  constructor(scope: Construct, id: string, props: WatchFunctionProps) {
    const { bucket, bucketKey, repair } = props;
    // As of the function of the rule: neither the log group nor the role has a fixed name.
    const logGroup = new logs.LogGroup(scope, 'LogGroup', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    super(scope, id, {
      functionName: WATCH_NAME,
      description: `${NAME} ${VERSION}: evaluates all accounts of the organization and stores a report.`,
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture: props.architecture === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64,
      handler: 'bootstrap',
      code: props.code,
      memorySize: 512,
      // The function ends a step itself after about 200 s. The rest is for a call that is retried.
      timeout: Duration.minutes(5),
      environment: {
        BUCKET: bucket.bucketName,
        REPAIR: String(repair),
        CONFIGURED_UNITS: props.organizationalUnits.join(','),
      },
      role: new WatchRole(scope, 'Role', { logGroup, bucket, bucketKey, repair }),
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
    });
    this.acknowledge(logGroup);
  }

  // The ids NIST.800.53.R5-… are from cdk-nag, the ids in lower case from AWS Control Tower's rules in cfn-guard.
  private acknowledge(logGroup: logs.LogGroup): void {
    const noNetwork = 'It calls public AWS endpoints only. A VPC would add cost and causes of failure.';
    Validations.of(this).acknowledge(
      { id: 'NIST.800.53.R5-LambdaInsideVPC', reason: noNetwork },
      { id: 'lambda_inside_vpc_check', reason: noNetwork },
      {
        id: 'NIST.800.53.R5-LambdaConcurrency',
        reason: 'It runs once a day, and accounts with the small initial quota cannot reserve concurrency.',
      },
      {
        id: 'NIST.800.53.R5-LambdaDLQ',
        reason:
          'Only a state machine invokes it, and waits for the response. A queue is for other invocations.',
      },
    );
    const awsOwnedKey =
      'CloudWatch Logs encrypts with a key of its own. The log lines hold no secret, and a customer managed key costs more a month than everything else.';
    Validations.of(logGroup).acknowledge(
      { id: 'NIST.800.53.R5-CloudWatchLogGroupEncrypted', reason: awsOwnedKey },
      { id: 'cloudwatch_log_group_encrypted_check', reason: awsOwnedKey },
    );
  }
}
