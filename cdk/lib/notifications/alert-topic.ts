import { Aws, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';

/** Whether the settings name a recipient of notifications. */
export function hasRecipients({
  alertEmail,
  alertTopic: arn,
}: Pick<Settings, 'alertEmail' | 'alertTopic'>): boolean {
  return Boolean(alertEmail ?? arn);
}

/** The topic for notifications: a new one for an e-mail address, or an existing one. Undefined without a recipient. */
export function alertTopic(
  scope: Construct,
  { alertEmail, alertTopic: arn }: Pick<Settings, 'alertEmail' | 'alertTopic'>,
): sns.ITopic | undefined {
  if (alertEmail) return new AlertTopic(scope, 'AlertTopic', alertEmail);
  if (arn) return sns.Topic.fromTopicArn(scope, 'AlertTopic', arn);
  return undefined;
}

/** A topic that sends the notifications to an e-mail address. Only EventBridge and CloudWatch may publish to it. */
export class AlertTopic extends sns.Topic {
  constructor(scope: Construct, id: string, email: string) {
    super(scope, id, { displayName: NAME, enforceSSL: true });
    this.addSubscription(new EmailSubscription(email));
    // The target of each EventBridge rule adds the statement for EventBridge. It has no condition, because EventBridge
    // is documented not to support one in the policy of a topic. CloudWatch supports it.
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
