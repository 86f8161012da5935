import {
  Aws,
  CfnCondition,
  CfnParameter,
  CfnRule,
  Fn,
  type IResolvable,
  Token,
  Validations,
} from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { allowedGap, type AllowedGap } from '../notifications/alerts.ts';
import { FREQUENCIES, type Frequency, RETENTIONS, type Settings } from '../settings/settings.ts';

const EMAIL = '[^\\s@]+@[^\\s@]+\\.[^\\s@]+';
const TOPIC_ARN = 'arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}';
const POLICY_ARN = 'arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/([!-~]+/)?[A-Za-z0-9_+=,.@-]{1,128}';

/**
 * The CloudFormation parameters of the plain template, which replace settings. The settings at synthesis are the defaults
 * of the parameters.
 */
export class TemplateParameters {
  /** How often the rule evaluates. */
  readonly frequency: string;
  readonly allowedGap: AllowedGap;
  /** One of {@link RETENTIONS}. */
  readonly logRetentionDays: RetentionDays;
  /** An e-mail address, or empty. */
  readonly alertEmail: string;
  /** The ARN of a topic, or empty. */
  readonly alertTopicArn: string;
  readonly hasEmail: CfnCondition;
  /** Whether an address or a topic is given. */
  readonly hasRecipient: CfnCondition;

  constructor(scope: Construct, settings: Settings) {
    this.frequency = frequencyParameter(scope, settings);
    this.allowedGap = allowedGapParameter(scope, this.frequency);
    this.logRetentionDays = logRetentionParameter(scope, settings);
    this.alertEmail = new CfnParameter(scope, 'AlertEmail', {
      description:
        'E-mail address for notifications. Its owner must confirm the subscription. Leave empty for none.',
      allowedPattern: `^(${EMAIL})?$`,
      constraintDescription: 'must be an e-mail address or empty',
      default: settings.alertEmail ?? '',
    }).valueAsString;
    this.alertTopicArn = new CfnParameter(scope, 'AlertTopicArn', {
      description:
        'ARN of a standard SNS topic of this account and region, instead of AlertEmail. Leave empty for none.',
      allowedPattern: `^(${TOPIC_ARN})?$`,
      constraintDescription: 'must be the ARN of a standard SNS topic or empty',
      default: settings.alertTopic ?? '',
    }).valueAsString;
    this.hasEmail = new CfnCondition(scope, 'HasAlertEmail', { expression: isGiven(this.alertEmail) });
    this.hasRecipient = new CfnCondition(scope, 'HasRecipient', {
      expression: Fn.conditionOr(isGiven(this.alertEmail), isGiven(this.alertTopicArn)),
    });
    new CfnRule(scope, 'OneRecipient', {
      assertions: [
        {
          assert: Fn.conditionOr(
            Fn.conditionEquals(this.alertEmail, ''),
            Fn.conditionEquals(this.alertTopicArn, ''),
          ),
          assertDescription: 'AlertTopicArn cannot be combined with AlertEmail. Set one of them.',
        },
      ],
    });
  }
}

/** Adds the parameter for how often the rule evaluates. */
export function frequencyParameter(scope: Construct, { frequency }: Settings): string {
  return new CfnParameter(scope, 'Frequency', {
    description: 'How often the rule evaluates the account.',
    allowedValues: Object.keys(FREQUENCIES),
    default: frequency,
  }).valueAsString;
}

/** Adds the parameter for the days for which log lines are stored, one of {@link RETENTIONS}. */
export function logRetentionParameter(scope: Construct, { logRetentionDays }: Settings): RetentionDays {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- a token: its values are those of the enumeration
  const days: RetentionDays = new CfnParameter(scope, 'LogRetentionDays', {
    type: 'Number',
    description: 'Days for which CloudWatch Logs stores the log lines of the function.',
    allowedValues: RETENTIONS.map(String),
    default: String(logRetentionDays),
  }).valueAsNumber;
  return days;
}

/** Adds the parameter for the permissions boundary. Returns the property of a role, which is absent if it is empty. */
export function boundaryParameter(scope: Construct, { permissionsBoundary }: Settings): string {
  const boundary = new CfnParameter(scope, 'PermissionsBoundary', {
    description:
      'ARN of the managed policy that is the permissions boundary of every role. Leave empty for none.',
    allowedPattern: `^(${POLICY_ARN})?$`,
    constraintDescription: 'must be the ARN of a managed policy or empty',
    default: permissionsBoundary ?? '',
  }).valueAsString;
  acknowledgeOptional(scope);
  const { logicalId } = new CfnCondition(scope, 'HasPermissionsBoundary', { expression: isGiven(boundary) });
  return Fn.conditionIf(logicalId, boundary, Aws.NO_VALUE).toString();
}

/** Acknowledges the findings of the CDK's validation that do not apply to parameters that may be empty. */
export function acknowledgeOptional(scope: Construct): void {
  Validations.of(scope).acknowledge(
    {
      id: 'CloudFormation-Validate::W1030',
      reason: 'A parameter that is empty by default is used only under the condition that it is not empty.',
    },
    {
      id: 'CloudFormation-Validate::W1001',
      reason: 'The reference to the topic is in an Fn::If with the condition of the topic.',
    },
  );
}

export function isGiven(parameter: string) {
  return Fn.conditionNot(Fn.conditionEquals(parameter, ''));
}

/** The allowed gap for a parameter. Not a mapping: AWS Config's frequencies contain underscores, which its keys cannot. */
function allowedGapParameter(scope: Construct, frequency: string): AllowedGap {
  const [otherwise, ...others] = (Object.keys(FREQUENCIES) as Frequency[]).reverse();
  const conditions = others.map((value) => ({
    value,
    condition: new CfnCondition(scope, `FrequencyIs${value.replace('_', '')}`, {
      expression: Fn.conditionEquals(frequency, value),
    }).logicalId,
  }));
  const choose = (of: (value: Frequency) => unknown): IResolvable =>
    conditions.reduce<unknown>(
      (rest, { value, condition }) => Fn.conditionIf(condition, of(value), rest),
      of(otherwise as Frequency),
    ) as IResolvable;
  return {
    hours: Token.asString(choose((value) => allowedGap(value).hours)),
    periods: Token.asNumber(choose((value) => allowedGap(value).periods)),
  };
}
