import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { NOTIFICATIONS } from '../../lib/notifications/notifications.ts';
import { accountTemplate } from '../fixtures/account.ts';
import { REQUIRED, rollout } from '../fixtures/organization.ts';
import { joinedJson } from '../fixtures/template.ts';

const SETTINGS = { alertEmail: 'security@example.com' };
const CHAT = 'arn:aws:sns:us-east-1:111122223333:chat';
const account = accountTemplate(SETTINGS);
const organization = rollout({ mode: 'stack-set', ...REQUIRED, ...SETTINGS }).template('Alerts');

interface Target {
  readonly InputTransformer: {
    readonly InputPathsMap: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
}

/** What a rule starts the state machine with; a path of the event stands between `<` and `>`. */
function inputOf(template: Template, id: string): unknown {
  const rules = Object.entries(template.findResources('AWS::Events::Rule'));
  const [rule, ...others] = rules.filter(([logicalId]) => logicalId.includes(`Notices${id}`));
  if (!rule || others.length > 0) throw new Error(`not one rule for ${id}`);
  const [target] = (rule[1].Properties as { Targets: [Target] }).Targets;
  const { InputPathsMap: paths, InputTemplate: input } = target.InputTransformer;
  return JSON.parse(input.replaceAll(/<([^>]+)>/g, (_, key: string) => `"<${paths[key] ?? ''}>"`));
}

interface State {
  readonly Type: string;
  readonly Retry?: readonly object[];
  readonly Catch?: readonly object[];
}

interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

function definitionOf(template: Template): Definition {
  const machines = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
  const found = machines
    .map(({ Properties }) => joinedJson((Properties as { DefinitionString: unknown }).DefinitionString))
    .find((definition) => JSON.stringify(definition).includes(':sns:publish'));
  if (!found) throw new Error('no state machine publishes');
  return found as Definition;
}

// The deployment tests run the state machine and compare each text: tests/deployment/test_notifications.py.
describe.each([
  ['an account', account],
  ['an organization', organization],
])('the notifications of %s', (_, template) => {
  test.each(NOTIFICATIONS)('of $id start with objects of the event that hold no secret', ({ id, fields }) => {
    expect(inputOf(template, id)).toEqual({
      notification: id,
      account: '<$.account>',
      region: '<$.region>',
      time: '<$.time>',
      source: '<$.source>',
      detail: fields ? Object.fromEntries(fields.map((it) => [it, `<$.detail.${it}>`])) : '<$.detail>',
    });
  });

  test('each have a state, and only the failures of Lambda hold a secret', () => {
    const { States } = definitionOf(template);
    expect(Object.keys(States)).toEqual(expect.arrayContaining(NOTIFICATIONS.map(({ id }) => id)));
    const selected = NOTIFICATIONS.filter(({ fields }) => fields);
    expect(selected.map(({ id, fields }) => [id, fields])).toEqual([
      ['FinalFailure', ['requestContext', 'responsePayload']],
      ['NeverRan', ['requestContext']],
    ]);
  });

  test('are published again for about an hour', () => {
    const [retry, ...others] = definitionOf(template).States.Publish?.Retry ?? [];
    expect(others).toEqual([]);
    expect(retry).toMatchObject({ ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL', MaxAttempts: 12 });
  });
});

test('only an organization reads the name of the account, and any failure of it is caught', () => {
  expect(definitionOf(account).StartAt).toBe('WhichNotification');
  const { StartAt, States } = definitionOf(organization);
  expect(StartAt).toBe('ReadAccountName');
  expect(States.ReadAccountName?.Catch).toMatchObject([
    { ErrorEquals: ['States.ALL'], Next: 'WhichNotification' },
  ]);
});

test('a chat application is a second branch, and its topic is one of every alarm', () => {
  const both = accountTemplate({ ...SETTINGS, chatTopic: CHAT });
  const { Publish } = definitionOf(both).States;
  expect(Publish).toMatchObject({
    Type: 'Parallel',
    Branches: [
      { States: { SendToTopic: { Arguments: { TopicArn: expect.stringMatching(/AlertTopic/) } } } },
      { States: { SendToChat: { Arguments: { TopicArn: CHAT } } } },
    ],
  });
  const alarms = Object.values(both.findResources('AWS::CloudWatch::Alarm'));
  expect(alarms).toHaveLength(4);
  for (const { Properties } of alarms) {
    expect(Properties).toMatchObject({ AlarmActions: [{ Ref: expect.stringMatching(/^AlertTopic/) }, CHAT] });
  }
});
