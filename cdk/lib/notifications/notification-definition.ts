import { sdkCall } from '../events/config-rules.ts';
import type { State } from '../events/states.ts';
import { evaluated, joinedLines, required, text } from './jsonata.ts';
import type { Content, Notification } from './notifications.ts';
import { publishState } from './publish.ts';
import type { Recipients } from './recipients.ts';
import { REMINDER } from './reminder.ts';
import { REMINDERS, reminderStates } from './reminder-definition.ts';

export interface NotificationDefinitionProps {
  /** The notifications that the state machine sends. */
  readonly notifications: readonly Notification[];
  readonly recipients: Recipients;
  /** Where the documents are published; the notifications link there. */
  readonly docsUrl: string;
  /** Name of the ConfigRule whose present result a weekly reminder reads. Default: there is no reminder. */
  readonly ruleName?: string | undefined;
  /** Whether AWS Organizations knows the names of the accounts and responds to this one. */
  readonly namesAccounts: boolean;
}

/**
 * The state machine that turns an event into a notification and publishes it. Its input is an object with
 *
 * - `notification`, the id of a {@link Notification} or {@link REMINDER};
 * - `account`, `region`, `time` and `source` of the event;
 * - `detail`, except for a reminder, the part of the event's detail that holds no secret: Step Functions stores the input in its history.
 */
export function notificationDefinition(props: NotificationDefinitionProps): object {
  const { notifications, recipients, docsUrl, namesAccounts, ruleName } = props;
  const account = namesAccounts ? { code: '$account' } : required('account');
  return {
    Comment: 'Sends a notification about root access keys.',
    QueryLanguage: 'JSONata',
    StartAt: namesAccounts ? 'ReadAccountName' : 'WhichNotification',
    States: {
      ...(namesAccounts && { ReadAccountName: readAccountName('WhichNotification') }),
      WhichNotification: {
        Type: 'Choice',
        // Without a default: an unknown notification fails the execution, and the alarm fires.
        Choices: [
          ...notifications.map(({ id }) => is(id, id)),
          ...(ruleName === undefined ? [] : [is(REMINDER, 'ReadResult')]),
        ],
      },
      ...Object.fromEntries(
        notifications.map(({ id, content }) => [id, compose(content(docsUrl, account))] as const),
      ),
      ...(ruleName !== undefined && {
        ...reminderStates(ruleName),
        ...Object.fromEntries(
          Object.entries(REMINDERS).map(([id, content]) => [id, compose(content(docsUrl))] as const),
        ),
      }),
      JoinLines: JOIN_LINES,
      Publish: publishState(recipients, { End: true }),
    },
  };
}

function is(notification: string, next: string): State {
  return { Condition: evaluated({ code: `$states.input.notification = '${notification}'` }), Next: next };
}

/** The account with its name. The name is a convenience, so the notification is sent without it if the call fails. */
function readAccountName(next: string): State {
  const account = required('account');
  const unchanged = { Output: evaluated({ code: '$states.input' }), Next: next };
  return {
    Type: 'Task',
    Resource: sdkCall('organizations:describeAccount'),
    Arguments: { AccountId: evaluated(account) },
    TimeoutSeconds: 20,
    Retry: [
      {
        ErrorEquals: ['States.ALL'],
        IntervalSeconds: 2,
        BackoffRate: 2,
        JitterStrategy: 'FULL',
        MaxAttempts: 3,
      },
    ],
    Catch: [{ ErrorEquals: ['States.ALL'], Assign: { account: evaluated(account) }, ...unchanged }],
    Assign: { account: evaluated(text`${account} (${{ code: '$states.result.Account.Name' }})`) },
    ...unchanged,
  };
}

function compose({ subject, lines, nextSteps }: Content): State {
  return {
    Type: 'Pass',
    Output: { subject: evaluated(subject), lines: lines.map(evaluated), nextSteps },
    Next: 'JoinLines',
  };
}

const JOIN_LINES: State = {
  Type: 'Pass',
  Output: {
    subject: evaluated(required('subject')),
    text: evaluated(joinedLines('$states.input.lines')),
    nextSteps: evaluated(required('nextSteps')),
  },
  Next: 'Publish',
};
