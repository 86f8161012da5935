import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { MemberStack } from '../../lib/stacks/member-stack.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { type MemberTemplate, REQUIRED, rollout } from '../fixtures/organization.ts';

interface Published extends MemberTemplate {
  readonly Conditions: Readonly<Record<string, object>>;
}

function published(): Published {
  const settings = readSettings({ mode: 'member-template' }, {});
  const stack = new MemberStack(new App({ context: cdkJson.context }), { architecture: 'x86_64', settings });
  return Template.fromStack(stack).toJSON() as Published;
}

const FORWARDING = /^Forwarding/;

test('without a bus it deploys what a rollout without notifications deploys', () => {
  const { Parameters, Resources } = published();
  const unconditional = Object.entries(Resources).filter(([id]) => !FORWARDING.test(id));
  const parameters = JSON.stringify(Object.fromEntries(unconditional))
    .replace('{"Ref":"Frequency"}', '"TwentyFour_Hours"')
    .replace('{"Ref":"LogRetentionDays"}', '365');
  expect(JSON.parse(parameters)).toEqual(rollout({ mode: 'stack-set', ...REQUIRED }).member.Resources);
  expect(Object.keys(Parameters).sort()).toEqual([
    'ArtifactBucket',
    'ArtifactKey',
    'Frequency',
    'LogRetentionDays',
    'NoticeBus',
  ]);
});

test('with a bus it deploys what a rollout with notifications deploys', () => {
  const { Conditions, Resources } = published();
  const forwarding = Object.entries(Resources).filter(([id]) => FORWARDING.test(id));
  const { member } = rollout({ mode: 'stack-set', ...REQUIRED, alertEmail: 'security@example.com' });
  const expected = Object.entries(member.Resources).filter(([id]) => FORWARDING.test(id));
  expect(expected.length).toBeGreaterThan(0);
  expect(forwarding).toEqual(expected.map(([id, it]) => [id, { ...it, Condition: 'HasBus' }]));
  expect(Conditions).toEqual({ HasBus: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'NoticeBus' }, ''] }] } });
});

test.each([
  ['alertEmail', 'security@example.com', /event bus/],
  ['alertTopic', 'arn:aws:sns:us-east-1:111122223333:alerts', /event bus/],
  ['dashboard', 'true', /no dashboard/],
  ['tags', '{"team":"security"}', /tags of the StackSet/],
])('it refuses %s and names the replacement', (setting, value, instead) => {
  const read = () => readSettings({ mode: 'member-template', [setting]: value }, {});
  expect(read).toThrow(`setting "${setting}" does not apply to mode member-template`);
  expect(read).toThrow(instead);
});
