import { Aws, Validations } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';

/** Where notifications go. */
export interface Recipients {
  /** The topic for people: the notification as an e-mail. */
  readonly topic: sns.ITopic;
  /** The topic of a chat application: the notification as Amazon Q Developer takes it. */
  readonly chatTopic?: sns.ITopic | undefined;
  /** ARN of the KMS key that encrypts `topic`, if this app encrypts it. */
  readonly keyArn?: string | undefined;
}

type RecipientSettings = Pick<Settings, 'alertEmail' | 'alertTopic' | 'chatTopic' | 'kmsKeys'>;

/**
 * The recipients of notifications: a new topic for an e-mail address, or an existing one, and a chat application's topic.
 * Undefined without a recipient.
 */
export function recipients(scope: Construct, settings: RecipientSettings): Recipients | undefined {
  const topic = alertTopic(scope, settings);
  return topic && { topic, ...otherRecipients(scope, settings) };
}

/** What the settings say about recipients besides the topic. */
export function otherRecipients(
  scope: Construct,
  { chatTopic, kmsKeys }: Pick<RecipientSettings, 'chatTopic' | 'kmsKeys'>,
): Omit<Recipients, 'topic'> {
  return {
    chatTopic: chatTopic === undefined ? undefined : sns.Topic.fromTopicArn(scope, 'ChatTopic', chatTopic),
    keyArn: kmsKeys?.topic,
  };
}

function alertTopic(
  scope: Construct,
  { alertEmail, alertTopic: arn }: RecipientSettings,
): sns.ITopic | undefined {
  if (alertEmail) return new AlertTopic(scope, 'AlertTopic', alertEmail);
  if (arn) return sns.Topic.fromTopicArn(scope, 'AlertTopic', arn);
  return undefined;
}

/** The topics of all recipients. */
export function topicsOf({ topic, chatTopic }: Recipients): sns.ITopic[] {
  return [topic, ...(chatTopic ? [chatTopic] : [])];
}

/** Has an alarm notify all recipients directly. CloudWatch formats the messages, which chat applications know. */
export function notifyOf(alarm: Alarm, recipients: Recipients): SnsAction[] {
  const actions = topicsOf(recipients).map((it) => new SnsAction(it));
  alarm.addAlarmAction(...actions);
  return actions;
}

/**
 * A topic that sends the notifications to an e-mail address. By its policy only CloudWatch may publish to it; the state
 * machine that publishes has a role of this account that allows it.
 */
export class AlertTopic extends sns.Topic {
  constructor(scope: Construct, id: string, email: string) {
    super(scope, id, { displayName: NAME, enforceSSL: true });
    this.addSubscription(new EmailSubscription(email));
    this.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    Validations.of(this).acknowledge({
      id: 'NIST.800.53.R5-SNSEncryptedKMS',
      reason:
        'The notifications hold no secret. CloudWatch cannot publish to a topic encrypted with alias/aws/sns, and a customer managed key costs more a month than everything else.',
    });
  }
}
