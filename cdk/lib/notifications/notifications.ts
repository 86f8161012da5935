import { EventField, Match, type EventPattern } from 'aws-cdk-lib/aws-events';
import { complianceChange } from '../events/compliance-change.ts';
import { rootKeyEvents } from '../events/root-key-events.ts';
import { NAME, ORGANIZATION_NAME, securityHubName } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';

/** An event that the recipients are notified of. */
export interface Notification {
  /** Identifies the notification. The logical ids of its EventBridge rules contain it, so it never changes. */
  readonly id: string;
  /** What happened, as a sentence that continues `root-access-key-rule: `. */
  readonly description: string;
  /** The events, without a restriction to one account. */
  readonly pattern: EventPattern;
  /** For an event that holds a secret: the only objects of its detail that leave the account. */
  readonly fields?: readonly string[];
  /**
   * The text of the e-mail. The first line says what happened to which account in less than 100 characters: EventBridge
   * cannot set a subject, and mail programs show the beginning instead. The last line says what to do, with one link.
   * It contains selected fields only, because a complete event can hold a result token.
   */
  readonly message: (docsUrl: string) => string;
}

const { account, region, time } = EventField;
const detail = (path: string) => EventField.fromPath(`$.detail.${path}`);
const lines = (...text: string[]) => text.join('\n');

/** Identifies the notification of a new key, the only one of an event of IAM. */
export const ROOT_KEY_CREATED = 'RootKeyCreated';

/** The names that the function and its state machine can have: from the account stack or from the StackSet. */
const DEPLOYED = [NAME, ORGANIZATION_NAME];

/**
 * What is true for every error type, and no more: the last attempt may have read the keys, and AWS Config may have
 * stored its result.
 */
const NOT_COMPLETED = [
  `${NAME}: an evaluation of account ${account} (${region}) did not complete.`,
  'AWS Config may still show an earlier result.',
];

/** The notifications of every deployment. The fields are those of the events of each AWS service. */
export const NOTIFICATIONS: readonly Notification[] = [
  {
    id: ROOT_KEY_CREATED,
    description: 'the root user created an access key.',
    // No deletion is notified, by the root user or a privileged session: the change back to COMPLIANT is.
    pattern: rootKeyEvents('CreateAccessKey'),
    message: (docsUrl) =>
      lines(
        `The root user of account ${account} created an access key.`,
        `When: ${time}. From: ${detail('sourceIPAddress')}. Reported by: ${EventField.source}.`,
        `CloudTrail event: ${detail('eventID')} in ${region}.`,
        'AWS Config evaluates the account again within minutes.',
        `What to do: delete the key unless its owner needs it. Steps: ${docsUrl}/operations.md#root-key-created`,
      ),
  },
  {
    id: 'BecameNonCompliant',
    description: 'an account became NON_COMPLIANT.',
    pattern: complianceChange(NAME, { newEvaluationResult: { complianceType: ['NON_COMPLIANT'] } }),
    message: (docsUrl) =>
      lines(
        `Account ${detail('awsAccountId')} is NON_COMPLIANT.`,
        detail('newEvaluationResult.annotation'),
        `Since: ${detail('newEvaluationResult.resultRecordedTime')}. Rule: ${detail('configRuleName')} in ${detail('awsRegion')}.`,
        `What to do: delete the key. Steps: ${docsUrl}/remediation.md`,
      ),
  },
  {
    id: 'BecameCompliant',
    description: 'an account became COMPLIANT again.',
    // The first result of a new account is not notified: COMPLIANT is expected, and there may be thousands.
    pattern: complianceChange(NAME, {
      newEvaluationResult: { complianceType: ['COMPLIANT'] },
      oldEvaluationResult: { complianceType: ['NON_COMPLIANT'] },
    }),
    message: () =>
      lines(
        `Account ${detail('awsAccountId')} is COMPLIANT again.`,
        detail('newEvaluationResult.annotation'),
        `Since: ${detail('newEvaluationResult.resultRecordedTime')}. Rule: ${detail('configRuleName')} in ${detail('awsRegion')}.`,
        'What to do: nothing.',
      ),
  },
  {
    id: 'FinalFailure',
    description: 'an evaluation failed, and so did its retries.',
    pattern: failure({ errorMessage: Match.exists() }),
    // The other fields contain the failed event of AWS Config with its result token.
    fields: ['requestContext', 'responsePayload'],
    message: (docsUrl) =>
      lines(
        ...NOT_COMPLETED,
        `Why: ${detail('responsePayload.errorType')}: ${detail('responsePayload.errorMessage')}`,
        `When: ${time}. Condition: ${detail('requestContext.condition')}, attempts: ${detail('requestContext.approximateInvokeCount')}.`,
        `What to do: fix the cause, then start an evaluation. Steps: ${docsUrl}/operations.md#evaluation-failed`,
      ),
  },
  {
    id: 'NeverRan',
    description: 'Lambda dropped an evaluation without running it.',
    // Such an event has no `responsePayload`, and an input transformer that refers to an absent field may produce no JSON.
    pattern: failure({ errorMessage: Match.doesNotExist() }),
    fields: ['requestContext'],
    message: (docsUrl) =>
      lines(
        ...NOT_COMPLETED,
        `Why: ${detail('requestContext.condition')}: Lambda did not run the function.`,
        `When: ${time}.`,
        `What to do: fix the cause, then start an evaluation. Steps: ${docsUrl}/operations.md#evaluation-failed`,
      ),
  },
  {
    id: 'ReEvaluationFailed',
    description: 'AWS Config did not evaluate again after a root access key changed.',
    pattern: executionFailed(DEPLOYED),
    message: (docsUrl) =>
      lines(
        `AWS Config did not re-evaluate account ${account} (${region}) after a root key changed.`,
        'It shows the earlier result until the next scheduled evaluation.',
        `Execution: ${detail('executionArn')} (${detail('status')}).`,
        `What to do: start an evaluation. Steps: ${docsUrl}/operations.md#re-evaluation-failed`,
      ),
  },
];

/** The notification that exists only with the setting `securityHub`. */
const FINDING_NOT_IMPORTED: Notification = {
  id: 'FindingNotImported',
  description: 'a finding was not imported into Security Hub.',
  pattern: executionFailed(DEPLOYED.map(securityHubName)),
  message: (docsUrl) =>
    lines(
      `Security Hub of account ${account} (${region}) did not get its finding about root keys.`,
      'It shows the earlier finding, if any, until the next weekly import.',
      `Execution: ${detail('executionArn')} (${detail('status')}).`,
      `What to do: fix the cause, then start an import. Steps: ${docsUrl}/operations.md#finding-not-imported`,
    ),
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
