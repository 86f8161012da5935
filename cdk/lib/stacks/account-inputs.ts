import { type CfnCondition, CfnResource, Fn } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct, IConstruct } from 'constructs';
import { allowedGap, type AllowedGap } from '../notifications/alerts.ts';
import { AlertTopic, otherRecipients, recipients, type Recipients } from '../notifications/recipients.ts';
import type { Settings } from '../settings/settings.ts';
import { boundaryParameter, TemplateParameters } from './template-parameters.ts';

/** The choices for an account: constants if the CDK deploys, CloudFormation parameters in the plain template. */
export interface AccountInputs {
  /** How often the rule evaluates, as a value of AWS Config's `MaximumExecutionFrequency`. */
  readonly frequency: string;
  /** The time without a completed evaluation after which the alarm fires. */
  readonly allowedGap: AllowedGap;
  /** Days for which CloudWatch Logs stores the log lines. */
  readonly logRetentionDays: RetentionDays;
  /** ARN of the permissions boundary of every role, if there is one. */
  readonly permissionsBoundary: string | undefined;
  /** Where notifications go. Undefined when there is no recipient. */
  readonly recipients: Recipients | undefined;
  /** The condition that there is a recipient, if that is known only at the deployment. */
  readonly hasRecipient: CfnCondition | undefined;
}

/** The inputs of an account's stack for these settings. */
export function accountInputs(scope: Construct, settings: Settings): AccountInputs {
  return settings.mode === 'template' ? parameters(scope, settings) : constants(scope, settings);
}

function constants(scope: Construct, settings: Settings): AccountInputs {
  const { frequency, logRetentionDays, permissionsBoundary } = settings;
  return {
    frequency,
    allowedGap: allowedGap(frequency),
    logRetentionDays,
    permissionsBoundary,
    recipients: recipients(scope, settings),
    hasRecipient: undefined,
  };
}

function parameters(scope: Construct, settings: Settings): AccountInputs {
  const { frequency, allowedGap, logRetentionDays, alertEmail, alertTopicArn, hasEmail, hasRecipient } =
    new TemplateParameters(scope, settings);
  const topic = new AlertTopic(scope, 'AlertTopic', alertEmail);
  onlyIf(hasEmail, topic);
  const arn = Fn.conditionIf(hasEmail.logicalId, topic.topicArn, alertTopicArn).toString();
  return {
    frequency,
    allowedGap,
    logRetentionDays,
    permissionsBoundary: boundaryParameter(scope, settings),
    recipients: {
      topic: sns.Topic.fromTopicArn(scope, 'Recipient', arn),
      ...otherRecipients(scope, settings),
    },
    hasRecipient,
  };
}

/** Adds a condition to every resource of a construct. Does nothing without a condition. */
export function onlyIf(condition: CfnCondition | undefined, construct: IConstruct): void {
  if (condition === undefined) return;
  for (const child of construct.node.findAll()) {
    if (CfnResource.isCfnResource(child)) child.cfnOptions.condition = condition;
  }
}
