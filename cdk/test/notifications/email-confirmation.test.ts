import { expect, test } from 'vitest';
import {
  checkSubscription,
  subscriptionState,
  subscriptionWarning,
} from '../../lib/notifications/email-confirmation.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { ALERTS_STACK, PACK_STACK, STACK_SET_STACK } from '../../lib/settings/stack-names.ts';
import { commandLine } from '../fixtures/command-line.ts';
import { generatedName } from '../fixtures/generated-names.ts';
import { REQUIRED, rollout } from '../fixtures/organization.ts';

const EMAIL = 'security@example.com';
const TOPIC = `arn:aws:sns:us-east-1:111122223333:${ALERTS_STACK}-AlertTopic2720D535-x7Zk1`;

/** A response of SNS with one subscription; by default that of the alerts, confirmed. */
function response(other: Record<string, string> = {}): string {
  const subscription = {
    SubscriptionArn: `${TOPIC}:5a4d8c3e-0000-4000-8000-000000000000`,
    Owner: '111122223333',
    Protocol: 'email',
    Endpoint: EMAIL,
    TopicArn: TOPIC,
    ...other,
  };
  return JSON.stringify({ Subscriptions: [subscription] });
}

const PENDING = response({ SubscriptionArn: 'PendingConfirmation' });

/** Checks a command line as the app does. Returns how often SNS was called. */
function check(line: string, context: Record<string, string> = {}, subscriptions = PENDING): number {
  const settings = readSettings(
    { mode: 'stack-set', ...REQUIRED, alertEmail: EMAIL, ...context },
    { CDK_DEFAULT_ACCOUNT: '111122223333' },
  );
  let calls = 0;
  checkSubscription(commandLine(line), settings, () => {
    calls += 1;
    return subscriptions;
  });
  return calls;
}

test.each([
  ['confirmed', response()],
  ['pending', PENDING],
  ['none', response({ SubscriptionArn: 'Deleted' })],
  ['none', response({ Endpoint: 'other@example.com' })],
  ['none', response({ Protocol: 'email-json' })],
  ['none', response({ TopicArn: TOPIC.replace(ALERTS_STACK, 'RootAccessKeyRule') })],
  ['none', '{"Subscriptions": []}'],
])('the subscription is %s: %s', (state, subscriptions) => {
  expect(subscriptionState(subscriptions, EMAIL)).toBe(state);
});

test('the topic is found by its generated name, shortened or not, and the topic of another stack is not', () => {
  const context = { mode: 'stack-set', ...REQUIRED, alertEmail: EMAIL };
  const [id = ''] = Object.keys(rollout(context).template('Alerts').findResources('AWS::SNS::Topic'));
  const named = (stack: string, length: number) =>
    response({ TopicArn: `arn:aws:sns:us-east-1:111122223333:${generatedName(stack, id, length)}` });
  for (const length of [64, 256]) {
    expect(subscriptionState(named(ALERTS_STACK, length), EMAIL)).toBe('confirmed');
    expect(subscriptionState(named('RootAccessKeyRule', length), EMAIL)).toBe('none');
  }
});

test('one confirmed subscription is enough', () => {
  const subscriptions = [PENDING, response()].flatMap(
    (it) => (JSON.parse(it) as { Subscriptions: unknown[] }).Subscriptions,
  );
  expect(subscriptionState(JSON.stringify({ Subscriptions: subscriptions }), EMAIL)).toBe('confirmed');
});

test.each(['', '{}', '{"Subscriptions": [{}]}'])('a malformed response is an error: %s', (malformed) => {
  expect(() => subscriptionState(malformed, EMAIL)).toThrow(
    /^could not check whether the subscription to the notifications is confirmed: /,
  );
});

test.each([
  'deploy --all',
  'deploy',
  'watch',
  `deploy ${STACK_SET_STACK}`,
  `deploy ${ALERTS_STACK} ${STACK_SET_STACK}`,
  'deploy RootAccessKeyRuleOrganization*',
  `deploy --exclusively ${PACK_STACK}`,
])('while the subscription is pending, cdk %s is refused with the next step', (line) => {
  expect(() => check(line)).toThrow(
    `refusing to deploy to members: the subscription of ${EMAIL} to the notifications is pending, so no notification of the first findings would be sent. Choose "Confirm subscription" in the e-mail from AWS, then run this again. To deploy to members without a confirmed subscription, add -c unconfirmedAlertEmail=accept.`,
  );
});

test('before the topic is deployed, the error names the order of the deployments', () => {
  expect(() => check('deploy --all', {}, '{"Subscriptions": []}')).toThrow(
    `First run \`make deploy STACKS=${ALERTS_STACK}\` with the same ARGS, choose "Confirm subscription"`,
  );
});

test('once the subscription is confirmed, every stack may be deployed', () => {
  expect(check('deploy --all', {}, response())).toBe(1);
});

test.each([
  [`deploy ${ALERTS_STACK}`, {}],
  ['deploy RootAccessKeyRuleOrganizationArtifact RootAccessKeyRule', {}],
  ['diff', {}],
  ['synth', {}],
  ['destroy --all', {}],
  ['deploy --all', { unconfirmedAlertEmail: 'accept' }],
])('cdk %s does not call SNS: %o', (line, context) => {
  expect(check(line, context)).toBe(0);
});

test('the subscriptions of an existing topic are not checked', () => {
  const settings = readSettings(
    { mode: 'stack-set', ...REQUIRED, alertTopic: 'arn:aws:sns:us-east-1:111122223333:security' },
    { CDK_DEFAULT_ACCOUNT: '111122223333' },
  );
  checkSubscription(commandLine('deploy'), settings, () => {
    throw new Error('SNS was called');
  });
});

test('the profile of the command line is read', () => {
  expect(commandLine('deploy --profile audit')).toMatchObject({
    name: 'deploy',
    stacks: [],
    profile: 'audit',
  });
});

/** The warning before a command line is carried out. */
function warning(line: string, context: Record<string, string>): string | undefined {
  return subscriptionWarning(
    commandLine(line),
    readSettings(context, { CDK_DEFAULT_ACCOUNT: '111122223333' }),
  );
}

const WITH_MANAGEMENT_ACCOUNT = {
  mode: 'stack-set',
  ...REQUIRED,
  managementAccount: 'deploy',
  alertEmail: EMAIL,
};

test.each([
  ['deploy --all', { alertEmail: EMAIL }],
  ['watch', { alertEmail: EMAIL }],
  ['deploy RootAccessKeyRule', { alertEmail: EMAIL }],
  ['deploy --all', WITH_MANAGEMENT_ACCOUNT],
  ['deploy RootAccessKeyRule*', WITH_MANAGEMENT_ACCOUNT],
  [`deploy ${STACK_SET_STACK} RootAccessKeyRule`, { ...WITH_MANAGEMENT_ACCOUNT, mode: 'organization-pack' }],
])(
  'a warning is printed if the first finding may come before the confirmation: cdk %s %o',
  (line, context) => {
    expect(warning(line, context)).toBe(
      `Warning: until ${EMAIL} confirms the subscription to the topic of the stack RootAccessKeyRule, SNS sends nothing about this account. The first evaluation may come earlier, and its finding is not sent again. Check the first result yourself with \`root-keys check\`.`,
    );
  },
);

test.each([
  ['deploy --all', {}],
  ['deploy --all', { alertTopic: 'arn:aws:sns:us-east-1:111122223333:security' }],
  ['diff', { alertEmail: EMAIL }],
  ['synth', { alertEmail: EMAIL }],
  ['destroy --all', { alertEmail: EMAIL }],
  ['deploy --all', { ...WITH_MANAGEMENT_ACCOUNT, managementAccount: 'exclude' }],
  [`deploy ${ALERTS_STACK}`, WITH_MANAGEMENT_ACCOUNT],
])('otherwise no warning is printed: cdk %s %o', (line, context) => {
  expect(warning(line, context)).toBeUndefined();
});
