import { EventField, Match, type EventPattern } from 'aws-cdk-lib/aws-events';
import { rootKeyEvents } from '../events/root-key-events.ts';
import { NAME, ORGANIZATION_NAME } from '../settings/product.ts';

/** An event that people are told of. */
export interface Notification {
  /** What happened; the name of the EventBridge rule begins with it. */
  readonly id: string;
  /** The same in words. */
  readonly description: string;
  /** The events, of whatever account. */
  readonly pattern: EventPattern;
  /** Where an event holds a secret: the only objects of its detail that may leave the account. */
  readonly fields?: readonly string[];
  /** What people read. Made of chosen fields only: a whole event can hold a result token. */
  readonly message: (docsUrl: string) => string;
}

const { account, region, time } = EventField;
const detail = (path: string) => EventField.fromPath(`$.detail.${path}`);
const lines = (...text: string[]) => text.join('\n');

/** The names that a function and its state machine have in an account: that of its own stack, of the StackSet. */
const DEPLOYED = [NAME, ORGANIZATION_NAME];

/** No more than every error type allows: the last attempt may have read the keys, and AWS Config may have its result. */
const NOT_COMPLETED = [
  `${NAME}: an evaluation of account ${account} (${region}) did not complete.`,
  'AWS Config may still show an earlier result.',
];

/** What people are told of, all that there is. The fields are those of the events of each AWS service. */
export const NOTIFICATIONS: readonly Notification[] = [
  {
    id: 'RootKeyCreated',
    description: 'the root user made itself an access key.',
    // What a privileged session cleans up is a deletion, and is not told: the way back to COMPLIANT is.
    pattern: rootKeyEvents('CreateAccessKey'),
    message: (docsUrl) =>
      lines(
        `The root user of account ${account} has made itself an access key.`,
        `When: ${time}. From: ${detail('sourceIPAddress')}. Reported by: ${EventField.source}.`,
        `Which key: CloudTrail event ${detail('eventID')} in ${region}.`,
        'AWS Config evaluates the account again within minutes.',
        `What to do: ${docsUrl}/operations.md#root-key-created`,
      ),
  },
  {
    id: 'BecameNonCompliant',
    description: 'an account became NON_COMPLIANT.',
    pattern: complianceChange({ newEvaluationResult: { complianceType: ['NON_COMPLIANT'] } }),
    message: (docsUrl) =>
      lines(
        `Account ${detail('awsAccountId')} is NON_COMPLIANT.`,
        detail('newEvaluationResult.annotation'),
        `Since: ${detail('newEvaluationResult.resultRecordedTime')}. Rule: ${detail('configRuleName')} in ${detail('awsRegion')}.`,
        `What to do: ${docsUrl}/remediation.md`,
      ),
  },
  {
    id: 'BecameCompliant',
    description: 'an account became COMPLIANT again.',
    // Not the first result of a new account: it is what everybody expects, and there may be thousands.
    pattern: complianceChange({
      newEvaluationResult: { complianceType: ['COMPLIANT'] },
      oldEvaluationResult: { complianceType: ['NON_COMPLIANT'] },
    }),
    message: () =>
      lines(
        `Account ${detail('awsAccountId')} is COMPLIANT again.`,
        detail('newEvaluationResult.annotation'),
        `Since: ${detail('newEvaluationResult.resultRecordedTime')}. Rule: ${detail('configRuleName')} in ${detail('awsRegion')}.`,
      ),
  },
  {
    id: 'FinalFailure',
    description: 'an evaluation finally failed.',
    pattern: failure({ errorMessage: Match.exists() }),
    // The rest is the failed event of AWS Config, with its result token.
    fields: ['requestContext', 'responsePayload'],
    message: (docsUrl) =>
      lines(
        ...NOT_COMPLETED,
        `Why: ${detail('responsePayload.errorType')}: ${detail('responsePayload.errorMessage')}`,
        `When: ${time}, ${detail('requestContext.condition')}, attempts: ${detail('requestContext.approximateInvokeCount')}`,
        `What to do: ${docsUrl}/operations.md#evaluation-failed`,
      ),
  },
  {
    id: 'NeverRan',
    description: 'Lambda gave up an evaluation without running it.',
    // No answer then; and a transformer's object with a field that the event lacks may be no JSON.
    pattern: failure({ errorMessage: Match.doesNotExist() }),
    fields: ['requestContext'],
    message: (docsUrl) =>
      lines(
        ...NOT_COMPLETED,
        `Why: ${detail('requestContext.condition')}: Lambda did not run the function.`,
        `When: ${time}`,
        `What to do: ${docsUrl}/operations.md#evaluation-failed`,
      ),
  },
  {
    id: 'ReEvaluationFailed',
    description: 'a changed root access key did not lead to an evaluation.',
    pattern: {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: {
        status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
        stateMachineArn: Match.anyOf(...DEPLOYED.map((name) => Match.suffix(`:stateMachine:${name}`))),
      },
    },
    message: (docsUrl) =>
      lines(
        `The access keys of the root user of account ${account} (${region}) changed, but AWS Config could not be made to evaluate again.`,
        'It shows the earlier result until the next scheduled evaluation.',
        `Execution: ${detail('executionArn')} (${detail('status')})`,
        `What to do: ${docsUrl}/operations.md#re-evaluation-failed`,
      ),
  },
];

/** What Lambda says when it gives up an evaluation by one of our functions, with or without such an answer. */
function failure(responsePayload: object): EventPattern {
  return {
    source: ['lambda'],
    detailType: ['Lambda Function Invocation Result - Failure'],
    detail: {
      requestContext: {
        // To the end, with the version: another function's name may begin like ours.
        functionArn: Match.anyOf(...DEPLOYED.map((name) => Match.suffix(`:function:${name}:$LATEST`))),
      },
      responsePayload,
    },
  };
}

/** Changes of compliance that AWS Config reports for our rules; those of conformance packs carry a suffix. */
function complianceChange(results: object): EventPattern {
  return {
    source: ['aws.config'],
    detailType: ['Config Rules Compliance Change'],
    detail: {
      messageType: ['ComplianceChangeNotification'],
      configRuleName: Match.prefix(NAME),
      ...results,
    },
  };
}
