import * as events from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { NAME } from '../settings/product.ts';
import { NotificationMachine, type NotificationMachineProps } from './notification-machine.ts';

export interface NotificationRulesProps extends NotificationMachineProps {
  /** The account whose events are notified. Default: every account that may send to the bus. */
  readonly account?: string;
  /** The bus that receives the events. Default: the account's default bus, which receives those of AWS. */
  readonly eventBus?: events.IEventBus;
}

/** The EventBridge rules that start the state machine of the notifications. */
export class NotificationRules extends Construct {
  /** The rules, each with the description of its notification. */
  readonly rules: readonly { readonly rule: events.IRule; readonly about: string }[];
  /** ARN of the state machine that they start. */
  readonly stateMachineArn: string;

  constructor(scope: Construct, id: string, { account, eventBus, ...props }: NotificationRulesProps) {
    super(scope, id);
    const machine = new NotificationMachine(this, 'Machine', props);
    this.stateMachineArn = machine.stateMachineArn;
    this.rules = props.notifications.map((notification) => {
      const { id: what, description, pattern } = notification;
      const rule = new events.Rule(this, what, {
        description: `${NAME}: ${description}`,
        ...(eventBus && { eventBus }),
        eventPattern: { ...(account !== undefined && { account: [account] }), ...pattern },
        targets: [machine.target(notification)],
      });
      return { rule, about: description };
    });
  }
}
