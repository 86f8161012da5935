import { type CfnCondition, CfnResource, Fn } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct, IConstruct } from 'constructs';
import { alertTopic, AlertTopic } from '../notifications/alert-topic.ts';
import { allowedGap, type AllowedGap } from '../notifications/alerts.ts';
import type { Settings } from '../settings/settings.ts';
import { boundaryParameter, TemplateParameters } from './template-parameters.ts';

/** What is chosen for an account: constants where the CDK deploys, CloudFormation parameters in the plain template. */
export interface AccountInputs {
  /** How often the rule evaluates, in AWS Config's words. */
  readonly frequency: string;
  /** When the alarm says that evaluations have stopped. */
  readonly allowedGap: AllowedGap;
  /** Days for which log lines are kept. */
  readonly logRetentionDays: RetentionDays;
  /** ARN of the policy that bounds every role, if any. */
  readonly permissionsBoundary: string | undefined;
  /** Where notifications go. Undefined when there is no recipient. */
  readonly topic: sns.ITopic | undefined;
  /** Whether there is a recipient, where that is known at the deployment only. */
  readonly hasRecipient: CfnCondition | undefined;
}

/** The inputs of an account's stack in the mode of these settings. */
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
    topic: alertTopic(scope, settings),
    hasRecipient: undefined,
  };
}

function parameters(scope: Construct, settings: Settings): AccountInputs {
  const { frequency, allowedGap, logRetentionDays, alertEmail, alertTopicArn, hasEmail, hasRecipient } =
    new TemplateParameters(scope, settings);
  const topic = new AlertTopic(scope, 'AlertTopic', alertEmail);
  // The rules know the topic by its ARN only, so they do not add this themselves.
  topic.grantPublish(new iam.ServicePrincipal('events.amazonaws.com'));
  onlyIf(hasEmail, topic);
  const arn = Fn.conditionIf(hasEmail.logicalId, topic.topicArn, alertTopicArn).toString();
  return {
    frequency,
    allowedGap,
    logRetentionDays,
    permissionsBoundary: boundaryParameter(scope, settings),
    topic: sns.Topic.fromTopicArn(scope, 'Recipient', arn),
    hasRecipient,
  };
}

/** Has CloudFormation make the resources of a construct under this condition only. */
export function onlyIf(condition: CfnCondition | undefined, construct: IConstruct): void {
  if (condition === undefined) return;
  for (const child of construct.node.findAll()) {
    if (CfnResource.isCfnResource(child)) child.cfnOptions.condition = condition;
  }
}
