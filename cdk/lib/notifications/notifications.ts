import { Match, type EventPattern } from 'aws-cdk-lib/aws-events';
import { complianceChange } from '../events/compliance-change.ts';
import { rootKeyEvents } from '../events/root-key-events.ts';
import { NAME, ORGANIZATION_NAME, securityHubName } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';
import { type Expression, optional, required, text } from './jsonata.ts';

/** An event that the recipients are notified of. */
export interface Notification {
  /** Identifies the notification. The logical ids of its EventBridge rules contain it, so it never changes. */
  readonly id: string;
  /** What happened, as a sentence that continues `root-access-key-rule: `. */
  readonly description: string;
  /** The events, without a restriction to one account. */
  readonly pattern: EventPattern;
  /** For an event that holds a secret: the only objects of its detail that leave the rule. */
  readonly fields?: readonly string[];
  /** What the notification says. It refers to fields of the detail, or of `fields`. */
  readonly content: (docsUrl: string, account: Expression) => Content;
}

/** What a notification says. */
export interface Content {
  /** What happened to which account, in less than 100 characters, even if the account's name has 50. */
  readonly subject: Expression;
  /** What happened, and what is known about it. An empty text is an empty line. */
  readonly lines: readonly Expression[];
  /** What to do now, and one link unless there is nothing to do. */
  readonly nextSteps: readonly string[];
}

const [region, time, source] = [required('region'), required('time'), required('source')];
const detail = (path: string) => optional(`detail.${path}`);
const steps = (docsUrl: string, section: string) => `Steps: ${docsUrl}/${section}`;

/** Identifies the notification of a new key, the only one of an event of IAM. */
export const ROOT_KEY_CREATED = 'RootKeyCreated';

/** The names that the function and its state machine can have: from the account stack or from the StackSet. */
const DEPLOYED = [NAME, ORGANIZATION_NAME];

/**
 * The lines of an evaluation that did not complete. The second is true for every error type, and no more: the last attempt
 * may have read the keys, and AWS Config may have stored its result.
 */
function notCompleted(docsUrl: string, account: Expression, ...why: readonly Expression[]): Content {
  return {
    subject: text`Evaluation not completed: account ${account}`,
    lines: [
      text`An evaluation of account ${account} in ${region} did not complete.`,
      text`AWS Config may still show an earlier result.`,
      text``,
      ...why,
    ],
    nextSteps: [
      'Fix the cause, then start an evaluation.',
      steps(docsUrl, 'operations.md#evaluation-failed'),
    ],
  };
}

/** The lines of a changed result. */
const result = () => [
  text``,
  text`${detail('newEvaluationResult.annotation')}`,
  text`Since: ${detail('newEvaluationResult.resultRecordedTime')}. Rule: ${detail('configRuleName')} in ${region}.`,
];

/** The notifications of every deployment. The fields are those of the events of each AWS service. */
export const NOTIFICATIONS: readonly Notification[] = [
  {
    id: ROOT_KEY_CREATED,
    description: 'the root user created an access key.',
    // No deletion is notified, by the root user or a privileged session: the change back to COMPLIANT is.
    pattern: rootKeyEvents('CreateAccessKey'),
    content: (docsUrl, account) => ({
      subject: text`Root user created an access key: ${account}`,
      lines: [
        text`The root user of account ${account} created an access key.`,
        text`AWS Config evaluates the account again within minutes.`,
        text``,
        text`When: ${time}. From: ${detail('sourceIPAddress')}. Reported by: ${source}.`,
        text`CloudTrail event: ${detail('eventID')} in ${region}.`,
      ],
      nextSteps: [
        'Delete the key unless its owner needs it.',
        steps(docsUrl, 'operations.md#root-key-created'),
      ],
    }),
  },
  {
    id: 'BecameNonCompliant',
    description: 'an account became NON_COMPLIANT.',
    pattern: complianceChange(NAME, { newEvaluationResult: { complianceType: ['NON_COMPLIANT'] } }),
    content: (docsUrl, account) => ({
      subject: text`NON_COMPLIANT: account ${account}`,
      lines: [text`Account ${account} is NON_COMPLIANT.`, ...result()],
      nextSteps: ['Delete the key.', steps(docsUrl, 'remediation.md')],
    }),
  },
  {
    id: 'BecameCompliant',
    description: 'an account became COMPLIANT again.',
    // The first result of a new account is not notified: COMPLIANT is expected, and there may be thousands.
    pattern: complianceChange(NAME, {
      newEvaluationResult: { complianceType: ['COMPLIANT'] },
      oldEvaluationResult: { complianceType: ['NON_COMPLIANT'] },
    }),
    content: (_, account) => ({
      subject: text`COMPLIANT again: account ${account}`,
      lines: [text`Account ${account} is COMPLIANT again.`, ...result()],
      nextSteps: ['Nothing.'],
    }),
  },
  {
    id: 'FinalFailure',
    description: 'an evaluation failed, and so did its retries.',
    pattern: failure({ errorMessage: Match.exists() }),
    // The other fields contain the failed event of AWS Config with its result token.
    fields: ['requestContext', 'responsePayload'],
    content: (docsUrl, account) =>
      notCompleted(
        docsUrl,
        account,
        text`Why: ${detail('responsePayload.errorType')}: ${detail('responsePayload.errorMessage')}`,
        text`When: ${time}. Condition: ${detail('requestContext.condition')}, attempts: ${detail('requestContext.approximateInvokeCount')}.`,
      ),
  },
  {
    id: 'NeverRan',
    description: 'Lambda dropped an evaluation without running it.',
    // Such an event has no `responsePayload`, and an input transformer that refers to an absent field may produce no JSON.
    pattern: failure({ errorMessage: Match.doesNotExist() }),
    fields: ['requestContext'],
    content: (docsUrl, account) =>
      notCompleted(
        docsUrl,
        account,
        text`Why: ${detail('requestContext.condition')}: Lambda did not run the function.`,
        text`When: ${time}.`,
      ),
  },
  {
    id: 'ReEvaluationFailed',
    description: 'AWS Config did not evaluate again after a root access key changed.',
    pattern: executionFailed(DEPLOYED),
    content: (docsUrl, account) => ({
      subject: text`Re-evaluation failed: account ${account}`,
      lines: [
        text`AWS Config did not evaluate account ${account} in ${region} again after a root key changed.`,
        text`It shows the earlier result until the next scheduled evaluation.`,
        text``,
        text`Execution: ${detail('executionArn')} (${detail('status')}).`,
      ],
      nextSteps: ['Start an evaluation.', steps(docsUrl, 'operations.md#re-evaluation-failed')],
    }),
  },
];

/** The notification that exists only with the setting `securityHub`. */
const FINDING_NOT_IMPORTED: Notification = {
  id: 'FindingNotImported',
  description: 'a finding was not imported into Security Hub.',
  pattern: executionFailed(DEPLOYED.map(securityHubName)),
  content: (docsUrl, account) => ({
    subject: text`Finding not imported: account ${account}`,
    lines: [
      text`Security Hub of account ${account} in ${region} did not get its finding about root keys.`,
      text`It shows the earlier finding, if any, until the next weekly import.`,
      text``,
      text`Execution: ${detail('executionArn')} (${detail('status')}).`,
    ],
    nextSteps: ['Fix the cause, then start an import.', steps(docsUrl, 'operations.md#finding-not-imported')],
  }),
};

/** The notifications of a deployment. */
export function notificationsOf({ securityHub }: Pick<Settings, 'securityHub'>): readonly Notification[] {
  return securityHub ? [...NOTIFICATIONS, FINDING_NOT_IMPORTED] : NOTIFICATIONS;
}

/** The event that Step Functions sends when an execution of one of these state machines fails. */
function executionFailed(names: readonly string[]): EventPattern {
  return {
    source: ['aws.states'],
    detailType: ['Step Functions Execution Status Change'],
    detail: {
      status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
      stateMachineArn: Match.anyOf(...names.map((name) => Match.suffix(`:stateMachine:${name}`))),
    },
  };
}

/** The event that Lambda sends when it gives up an evaluation, restricted by what the function returned. */
function failure(responsePayload: object): EventPattern {
  return {
    source: ['lambda'],
    detailType: ['Lambda Function Invocation Result - Failure'],
    detail: {
      requestContext: {
        // A suffix with the version: the name of another function may begin like ours.
        functionArn: Match.anyOf(...DEPLOYED.map((name) => Match.suffix(`:function:${name}:$LATEST`))),
      },
      responsePayload,
    },
  };
}
