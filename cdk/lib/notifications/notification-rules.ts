import { Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { NAME } from '../settings/product.ts';
import { NOTIFICATIONS } from './notifications.ts';

export interface NotificationRulesProps {
  /** The one account whose events count. Default: every account that may send to the bus. */
  readonly account?: string;
  /** The bus on which the events arrive. Default: that of the account, where AWS puts its own. */
  readonly eventBus?: events.IEventBus;
  /** Who is told. */
  readonly topic: ITopic;
  /** Where the documents are published; the messages link there. */
  readonly docsUrl: string;
}

/** Turns the events that people are told of into readable messages. */
export class NotificationRules extends Construct {
  /** The rules, each with what its messages are about. */
  readonly rules: readonly { readonly rule: events.IRule; readonly about: string }[];

  constructor(scope: Construct, id: string, { account, eventBus, topic, docsUrl }: NotificationRulesProps) {
    super(scope, id);
    Validations.of(this).acknowledge({
      id: 'Annotation::@aws-cdk/aws-events:ruleUnresolvedEnvironment',
      reason: 'The settings are checked: the topic is one of the account and region of the rules.',
    });
    this.rules = NOTIFICATIONS.map(({ id: what, description, pattern, message }) => {
      const words = events.RuleTargetInput.fromMultilineText(message(docsUrl));
      const rule = new events.Rule(this, what, {
        description: `${NAME}: ${description}`,
        ...(eventBus && { eventBus }),
        eventPattern: { ...(account !== undefined && { account: [account] }), ...pattern },
        targets: [new targets.SnsTopic(topic, { message: words })],
      });
      return { rule, about: description };
    });
  }
}
