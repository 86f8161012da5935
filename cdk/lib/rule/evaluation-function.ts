import { Aws, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct, IConstruct } from 'constructs';
import { type Architecture, NAME, VERSION } from '../settings/product.ts';
import { EvaluationRole } from './evaluation-role.ts';
import { dependOnRolesByReference } from './role-dependency.ts';

export interface EvaluationFunctionProps {
  /** Name of the function. */
  readonly functionName: string;
  /** The built function: a zip with `bootstrap` at its root. */
  readonly code: lambda.Code;
  /** The architecture that `code` was built for. */
  readonly architecture: Architecture;
  /** Days for which CloudWatch Logs stores the log lines. */
  readonly logRetentionDays: logs.RetentionDays;
}

/**
 * The function that AWS Config invokes, with its role, its log group and the permission to invoke it.
 */
export class EvaluationFunction extends lambda.Function {
  constructor(scope: Construct, id: string, props: EvaluationFunctionProps) {
    const failureBusArn = Stack.of(scope).formatArn({
      service: 'events',
      resource: 'event-bus',
      resourceName: 'default',
    });
    // Neither the log group nor the role has a fixed name: the log group outlives the stack, because an auditor may need
    // it, and must not prevent the next deployment.
    const logGroup = new logs.LogGroup(scope, 'LogGroup', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    super(scope, id, {
      functionName: props.functionName,
      description: `${NAME} ${VERSION}: reports to AWS Config whether the root user has access keys.`,
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture: props.architecture === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64,
      handler: 'bootstrap',
      code: props.code,
      memorySize: 128,
      // The function stops itself after at most 27 s, see src/aws/time_budget.rs. The rest is for a slow start.
      timeout: Duration.seconds(30),
      environment: { ROOT_ACCESS_KEY_RULE_VERSION: VERSION },
      role: new EvaluationRole(scope, 'Role', { logGroup, failureBusArn }),
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      retryAttempts: 2,
      // The lifetime of a result token is not documented, so an evaluation is not retried after an hour.
      maxEventAge: Duration.hours(1),
      // An event bus stores nothing. A queue would store the event with its result token.
      onFailure: { bind: () => ({ destination: failureBusArn }) },
    });
    dependOnRolesByReference(this);
    this.allowConfigToInvoke();
    this.acknowledge(logGroup);
  }

  /**
   * The constructs that a ConfigRule or conformance pack must depend on, besides the function whose ARN it contains:
   * creating a rule starts an evaluation at once, and AWS Config rejects a rule whose function it may not invoke.
   */
  get requiredByRules(): IConstruct[] {
    return this.node.children.filter((child) => child !== this.node.defaultChild);
  }

  // Without a source ARN: the rule is created after the permission, so its ARN is not known yet.
  private allowConfigToInvoke(): void {
    new lambda.CfnPermission(this, 'Config', {
      functionName: this.functionArn,
      action: 'lambda:InvokeFunction',
      principal: new iam.ServicePrincipal('config.amazonaws.com').service,
      sourceAccount: Aws.ACCOUNT_ID,
    });
  }

  // The ids NIST.800.53.R5-… are from cdk-nag, the ids in lower case from AWS Control Tower's rules in cfn-guard.
  private acknowledge(logGroup: logs.LogGroup): void {
    const noNetwork =
      'It calls two public AWS endpoints and stores no data. A VPC would add cost and causes of failure.';
    Validations.of(this).acknowledge(
      { id: 'NIST.800.53.R5-LambdaInsideVPC', reason: noNetwork },
      { id: 'lambda_inside_vpc_check', reason: noNetwork },
      {
        id: 'NIST.800.53.R5-LambdaConcurrency',
        reason: 'It runs once a day, and accounts with the small initial quota cannot reserve concurrency.',
      },
      {
        id: 'NIST.800.53.R5-LambdaDLQ',
        reason: 'The on-failure destination reports failures. A queue would store result tokens.',
      },
      {
        id: 'lambda_function_public_access_prohibited_check',
        reason: 'SourceAccount is this account. The check sees an unresolved reference there.',
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
