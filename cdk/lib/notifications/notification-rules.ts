import { Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { NAME } from '../settings/product.ts';
import type { Notification } from './notifications.ts';

export interface NotificationRulesProps {
  /** What is notified. */
  readonly notifications: readonly Notification[];
  /** The account whose events are notified. Default: every account that may send to the bus. */
  readonly account?: string;
  /** The bus that receives the events. Default: the account's default bus, which receives those of AWS. */
  readonly eventBus?: events.IEventBus;
  /** Where the notifications go. */
  readonly topic: ITopic;
  /** Where the documents are published; the notifications link there. */
  readonly docsUrl: string;
}

/** The EventBridge rules that turn events into readable notifications. */
export class NotificationRules extends Construct {
  /** The rules, each with the description of its notification. */
  readonly rules: readonly { readonly rule: events.IRule; readonly about: string }[];

  constructor(
    scope: Construct,
    id: string,
    { notifications, account, eventBus, topic, docsUrl }: NotificationRulesProps,
  ) {
    super(scope, id);
    Validations.of(this).acknowledge({
      id: 'Annotation::@aws-cdk/aws-events:ruleUnresolvedEnvironment',
      reason: 'The settings are checked: the topic is in the account and region of the rules.',
    });
    this.rules = notifications.map(({ id: what, description, pattern, message }) => {
      const text = events.RuleTargetInput.fromMultilineText(message(docsUrl));
      const rule = new events.Rule(this, what, {
        description: `${NAME}: ${description}`,
        ...(eventBus && { eventBus }),
        eventPattern: { ...(account !== undefined && { account: [account] }), ...pattern },
        targets: [new targets.SnsTopic(topic, { message: text })],
      });
      return { rule, about: description };
    });
  }
}
