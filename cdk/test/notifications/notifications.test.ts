import { expect, test } from 'vitest';
import { NOTIFICATIONS } from '../../lib/notifications/notifications.ts';
import { DOCS_URL } from '../../lib/settings/product.ts';
import { accountTemplate } from '../fixtures/account.ts';

const template = accountTemplate({ alertEmail: 'security@example.com' });

interface NotificationRule {
  readonly Targets: [
    {
      readonly InputTransformer: {
        readonly InputPathsMap: Readonly<Record<string, string>>;
        readonly InputTemplate: string;
      };
    },
  ];
}

function ruleOf(id: string): NotificationRule {
  const found = Object.entries(template.findResources('AWS::Events::Rule'));
  const [rule, ...others] = found.filter(([logicalId]) => logicalId.startsWith(`AlertsNotices${id}`));
  if (!rule || others.length > 0) throw new Error(`not one rule for ${id}`);
  return rule[1].Properties as NotificationRule;
}

/** The lines of the e-mail, with the path of what EventBridge fills in between braces. */
function emailOf(id: string): string[] {
  const [{ InputTransformer: transformer }] = ruleOf(id).Targets;
  const text = transformer.InputTemplate.replaceAll(
    /<([^>]+)>/g,
    (_, key: string) => `{${(transformer.InputPathsMap[key] ?? '').replace(/^\$\.(detail\.)?/, '')}}`,
  );
  return text.split('\n').map((line) => line.replaceAll(/^"|"$/g, ''));
}

const FAILED = [
  'root-access-key-rule: an evaluation of account {account} ({region}) did not complete.',
  'AWS Config may still show an earlier result.',
];
const SINCE = 'Since: {newEvaluationResult.resultRecordedTime}. Rule: {configRuleName} in {awsRegion}.';
const FIX = `What to do: fix the cause, then start an evaluation. Steps: ${DOCS_URL}/operations.md#evaluation-failed`;

const EMAILS = {
  RootKeyCreated: [
    'The root user of account {account} created an access key.',
    'When: {time}. From: {sourceIPAddress}. Reported by: {source}.',
    'CloudTrail event: {eventID} in {region}.',
    'AWS Config evaluates the account again within minutes.',
    `What to do: delete the key unless its owner needs it. Steps: ${DOCS_URL}/operations.md#root-key-created`,
  ],
  BecameNonCompliant: [
    'Account {awsAccountId} is NON_COMPLIANT.',
    '{newEvaluationResult.annotation}',
    SINCE,
    `What to do: delete the key. Steps: ${DOCS_URL}/remediation.md`,
  ],
  BecameCompliant: [
    'Account {awsAccountId} is COMPLIANT again.',
    '{newEvaluationResult.annotation}',
    SINCE,
    'What to do: nothing.',
  ],
  FinalFailure: [
    ...FAILED,
    'Why: {responsePayload.errorType}: {responsePayload.errorMessage}',
    'When: {time}. Condition: {requestContext.condition}, attempts: {requestContext.approximateInvokeCount}.',
    FIX,
  ],
  NeverRan: [
    ...FAILED,
    'Why: {requestContext.condition}: Lambda did not run the function.',
    'When: {time}.',
    FIX,
  ],
  ReEvaluationFailed: [
    'AWS Config did not re-evaluate account {account} ({region}) after a root key changed.',
    'It shows the earlier result until the next scheduled evaluation.',
    'Execution: {executionArn} ({status}).',
    `What to do: start an evaluation. Steps: ${DOCS_URL}/operations.md#re-evaluation-failed`,
  ],
};

test('every notification is an e-mail whose text is tested here', () => {
  expect(Object.keys(EMAILS).sort()).toEqual(NOTIFICATIONS.map(({ id }) => id).sort());
});

test.each(Object.entries(EMAILS))('the e-mail of %s says what happened and what to do', (id, lines) => {
  expect(emailOf(id)).toEqual(lines);
  const longest = lines[0]?.replace(/\{account\}|\{awsAccountId\}/, '111122223333');
  expect(longest?.replace('{region}', 'ap-southeast-1').length).toBeLessThan(100);
  expect(lines.join().match(/https:/g) ?? []).toHaveLength(id === 'BecameCompliant' ? 0 : 1);
});
