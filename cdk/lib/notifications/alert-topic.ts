import { Aws, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';

/** Whether anybody is to be told. */
export function hasRecipients({
  alertEmail,
  alertTopic: arn,
}: Pick<Settings, 'alertEmail' | 'alertTopic'>): boolean {
  return Boolean(alertEmail ?? arn);
}

/** Who is told: a new topic for an e-mail address, or the operator's own. Undefined when nobody is named. */
export function alertTopic(
  scope: Construct,
  { alertEmail, alertTopic: arn }: Pick<Settings, 'alertEmail' | 'alertTopic'>,
): sns.ITopic | undefined {
  if (alertEmail) return new AlertTopic(scope, 'AlertTopic', alertEmail);
  if (arn) return sns.Topic.fromTopicArn(scope, 'AlertTopic', arn);
  return undefined;
}

/** The topic that carries the rule's messages to an e-mail address, open to nobody but their senders. */
export class AlertTopic extends sns.Topic {
  constructor(scope: Construct, id: string, email: string) {
    super(scope, id, { displayName: NAME, enforceSSL: true });
    this.addSubscription(new EmailSubscription(email));
    // EventBridge's statement is added by its target, without a condition: EventBridge is documented not
    // to fulfil one in a topic's policy. CloudWatch does.
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
        'The messages hold no secret. CloudWatch cannot publish to a topic under alias/aws/sns, and a customer key costs more a month than all the rest.',
    });
  }
}
