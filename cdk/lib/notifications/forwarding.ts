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
import { NOTIFICATIONS } from './notifications.ts';

export interface ForwardingProps {
  /** ARN of the administrator's bus, see `OrganizationBus`. */
  readonly busArn: string;
}

/** Sends what people are told of to the administrator's bus. What an account that is only a member needs. */
export class Forwarding extends Construct {
  constructor(scope: Construct, id: string, { busArn }: ForwardingProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      description: 'Sends events about root access keys to the administrator.',
      assumedBy: new iam.CompositePrincipal(
        new iam.ServicePrincipal('events.amazonaws.com'),
        statesPrincipal(),
      ),
      inlinePolicies: { Forward: allow('events:PutEvents', busArn) },
    });
    acknowledgeInline(role);
    for (const { id: what, description, pattern, fields } of NOTIFICATIONS) {
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
   * EventBridge sends an event to another bus as it is or not at all. So a state machine puts a new event of
   * the same kind there, and is itself given no more than the chosen fields: its history keeps its input.
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

/** Puts its input on a bus, as the detail of an event of this source and type. */
function putEvent(busArn: string, { source, detailType }: events.EventPattern): object {
  return {
    Comment: 'Tells the administrator of an event, without what of it must not leave the account.',
    StartAt: 'Tell',
    States: {
      Tell: {
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

/**
 * An object with these fields of an event's detail. They are objects themselves, since EventBridge is documented
 * not to escape the text that it takes from an event: a quotation mark in an error message would end the JSON.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
function detailOf(fields: readonly string[]): object {
  return Object.fromEntries(
    fields.map((field) => [field, events.EventField.fromPath(`$.detail.${field}`)] as const),
  );
}
