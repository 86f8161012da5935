import { Aws } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  acknowledgeInline,
  allow,
  EventStateMachine,
  statesPrincipal,
} from '../events/event-state-machine.ts';
import { NAME, ORGANIZATION_NAME } from '../settings/product.ts';
import { detailOf } from './event-detail.ts';
import type { Notification } from './notifications.ts';

export interface ForwardingProps {
  /** ARN of the bus in the administrator account, see `OrganizationBus`. */
  readonly busArn: string;
  /** The notifications whose events are forwarded. */
  readonly notifications: readonly Notification[];
}

/** Forwards the events of the notifications to the bus in the administrator account. For member accounts. */
export class Forwarding extends Construct {
  constructor(scope: Construct, id: string, { busArn, notifications }: ForwardingProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      description: 'Sends events about root access keys to the administrator account.',
      assumedBy: new iam.CompositePrincipal(
        new iam.ServicePrincipal('events.amazonaws.com'),
        statesPrincipal(),
      ),
      inlinePolicies: { Forward: allow('events:PutEvents', busArn) },
    });
    acknowledgeInline(role);
    for (const { id: what, description, pattern, fields } of notifications) {
      new events.Rule(this, what, {
        description: `${NAME}: ${description}`,
        eventPattern: { account: [Aws.ACCOUNT_ID], ...pattern },
        targets: [
          fields
            ? this.forwardSelectedFields(what, { pattern, fields, busArn, role })
            : { bind: () => ({ arn: busArn, role }) },
        ],
      });
    }
  }

  /**
   * Forwards an event without its secret. EventBridge forwards an event to another bus unchanged or not at all, so a
   * state machine puts a new event of the same source and type there. Its input holds the selected fields only, because
   * Step Functions stores it in the execution history.
   */
  private forwardSelectedFields(
    what: string,
    { pattern, fields, busArn, role }: SelectedFieldsProps,
  ): events.IRuleTarget {
    const machine = new EventStateMachine(this, `${what}WithoutSecret`, {
      stateMachineName: `${ORGANIZATION_NAME}-${what}`,
      definition: putEvent(busArn, pattern),
      role,
    });
    const input = events.RuleTargetInput.fromObject(detailOf(fields));
    return { bind: () => ({ ...machine.bind(), input }) };
  }
}

interface SelectedFieldsProps {
  readonly pattern: events.EventPattern;
  readonly fields: readonly string[];
  readonly busArn: string;
  readonly role: iam.IRole;
}

/** A state machine that puts its input on a bus, as the detail of an event of this source and type. */
function putEvent(busArn: string, { source, detailType }: events.EventPattern): object {
  return {
    Comment:
      'Sends an event to the administrator account, without the fields that must not leave this account.',
    StartAt: 'PutEvent',
    States: {
      PutEvent: {
        Type: 'Task',
        Resource: `arn:${Aws.PARTITION}:states:::events:putEvents`,
        Parameters: {
          Entries: [
            { EventBusName: busArn, Source: source?.[0], DetailType: detailType?.[0], 'Detail.$': '$' },
          ],
        },
        Retry: [
          {
            ErrorEquals: ['States.ALL'],
            IntervalSeconds: 10,
            BackoffRate: 2,
            MaxDelaySeconds: 600,
            MaxAttempts: 10,
          },
        ],
        End: true,
      },
    },
  };
}
