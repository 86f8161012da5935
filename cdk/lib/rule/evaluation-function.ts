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
  /** What `code` was built for. */
  readonly architecture: Architecture;
  /** Days for which log lines are kept. */
  readonly logRetentionDays: logs.RetentionDays;
}

/**
 * The function that AWS Config invokes, with all that it needs and the permission to invoke it.
 */
export class EvaluationFunction extends lambda.Function {
  constructor(scope: Construct, id: string, props: EvaluationFunctionProps) {
    const failureBusArn = Stack.of(scope).formatArn({
      service: 'events',
      resource: 'event-bus',
      resourceName: 'default',
    });
    // Neither this nor the role has a fixed name, so that what a removed stack leaves behind (the log
    // group, an auditor may ask for it) is never in the way of the next one.
    const logGroup = new logs.LogGroup(scope, 'LogGroup', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    super(scope, id, {
      functionName: props.functionName,
      description: `${NAME} ${VERSION}: AWS Config asks whether the root user has access keys.`,
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture: props.architecture === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64,
      handler: 'bootstrap',
      code: props.code,
      memorySize: 128,
      // The function ends by itself before: the sums stand in src/aws/time_budget.rs and come to 27 s. The rest is for a
      // slow start.
      timeout: Duration.seconds(30),
      environment: { ROOT_ACCESS_KEY_RULE_VERSION: VERSION },
      role: new EvaluationRole(scope, 'Role', { logGroup, failureBusArn }),
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      retryAttempts: 2,
      // A result token's lifetime is not documented; an evaluation of an hour ago is not worth its risk.
      maxEventAge: Duration.hours(1),
      // An event bus forgets what no rule asks for. A queue would keep the result token of the event.
      onFailure: { bind: () => ({ destination: failureBusArn }) },
    });
    dependOnRolesByReference(this);
    this.allowConfigToInvoke();
    this.acknowledge(logGroup);
  }

  /**
   * What a ConfigRule or conformance pack must depend on besides the function, to whose ARN it refers: creating
   * a rule starts an evaluation at once, and AWS Config refuses a rule whose function it may not invoke.
   */
  get requiredByRules(): IConstruct[] {
    return this.node.children.filter((child) => child !== this.node.defaultChild);
  }

  // No source ARN: the rule is made after the permission, so its ARN cannot be in it.
  private allowConfigToInvoke(): void {
    new lambda.CfnPermission(this, 'Config', {
      functionName: this.functionArn,
      action: 'lambda:InvokeFunction',
      principal: new iam.ServicePrincipal('config.amazonaws.com').service,
      sourceAccount: Aws.ACCOUNT_ID,
    });
  }

  // NIST.800.53.R5-… are cdk-nag's names; the others are those of AWS Control Tower's rules in cfn-guard.
  private acknowledge(logGroup: logs.LogGroup): void {
    const noNetwork =
      'It calls two public AWS endpoints and holds no data; a network would add cost and failures.';
    Validations.of(this).acknowledge(
      { id: 'NIST.800.53.R5-LambdaInsideVPC', reason: noNetwork },
      { id: 'lambda_inside_vpc_check', reason: noNetwork },
      {
        id: 'NIST.800.53.R5-LambdaConcurrency',
        reason: 'One event a day; accounts with the small initial quota cannot reserve concurrency.',
      },
      {
        id: 'NIST.800.53.R5-LambdaDLQ',
        reason: 'The on-failure destination says it. A queue would keep result tokens.',
      },
      {
        id: 'lambda_function_public_access_prohibited_check',
        reason: 'SourceAccount is this account; before deployment the rule sees only a reference there.',
      },
    );
    const awsOwnedKey =
      'CloudWatch Logs encrypts with its own key. The lines hold no secret, and a customer key costs more a month than all the rest.';
    Validations.of(logGroup).acknowledge(
      { id: 'NIST.800.53.R5-CloudWatchLogGroupEncrypted', reason: awsOwnedKey },
      { id: 'cloudwatch_log_group_encrypted_check', reason: awsOwnedKey },
    );
  }
}
