import { App, BootstraplessSynthesizer } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { parameterCode, readArtifact } from '../../lib/rule/artifact.ts';
import { FREQUENCIES, readSettings } from '../../lib/settings/settings.ts';
import { AccountStack } from '../../lib/stacks/account-stack.ts';
import { forwardIamEvents } from '../../lib/stacks/iam-events-stack.ts';
import { accountTemplate } from '../fixtures/account.ts';
import { elf, X86_64, zip } from '../fixtures/built-function.ts';
import { only } from '../fixtures/template.ts';

const BUILT = zip({ bootstrap: elf(X86_64) });

interface Plain {
  readonly Parameters: Record<
    string,
    { Default?: unknown; AllowedValues?: string[]; AllowedPattern?: string }
  >;
  readonly Conditions: Record<string, unknown>;
  readonly Rules: Record<string, { Assertions: { Assert?: unknown; AssertDescription?: string }[] }>;
  readonly Outputs: Record<string, { Value: unknown; Condition?: string }>;
  readonly Resources: Record<
    string,
    { Type: string; Condition?: string; Properties: Record<string, unknown> }
  >;
}

function plain(context: Record<string, unknown> = {}): { template: Plain; resolved: Template } {
  const settings = readSettings({ mode: 'template', artifact: BUILT, ...context }, {});
  const { architecture } = readArtifact(BUILT);
  const stack = new AccountStack(new App({ context: cdkJson.context }), 'RootAccessKeyRule', {
    settings,
    architecture,
    synthesizer: new BootstraplessSynthesizer(),
    code: parameterCode,
  });
  const resolved = Template.fromStack(stack);
  return { template: resolved.toJSON() as Plain, resolved };
}

const { template } = plain();

test('the plain template has a parameter for each setting that applies to it', () => {
  expect(Object.keys(template.Parameters).sort()).toEqual([
    'AlertEmail',
    'AlertTopicArn',
    'ArtifactBucket',
    'ArtifactKey',
    'Frequency',
    'LogRetentionDays',
    'PermissionsBoundary',
  ]);
  const defaults = Object.fromEntries(
    Object.entries(template.Parameters).map(([name, it]) => [name, it.Default]),
  );
  expect(defaults).toEqual({
    AlertEmail: '',
    AlertTopicArn: '',
    Frequency: 'TwentyFour_Hours',
    LogRetentionDays: '365',
    PermissionsBoundary: '',
  });
});

test('the settings at synthesis are the defaults of the parameters', () => {
  const context = {
    frequency: 'Six_Hours',
    logRetentionDays: 30,
    alertEmail: 'security@example.com',
    permissionsBoundary: 'arn:aws:iam::111122223333:policy/Boundary',
  };
  const { Parameters } = plain(context).template;
  expect(Parameters.Frequency?.Default).toBe('Six_Hours');
  expect(Parameters.LogRetentionDays?.Default).toBe('30');
  expect(Parameters.AlertEmail?.Default).toBe('security@example.com');
  expect(Parameters.PermissionsBoundary?.Default).toBe('arn:aws:iam::111122223333:policy/Boundary');
});

test.each([
  ['AlertEmail', ['', 'security@example.com'], ['me', 'a@b', 'a b@example.com']],
  [
    'AlertTopicArn',
    [
      '',
      'arn:aws:sns:us-east-1:111122223333:security',
      'arn:aws-us-gov:sns:us-gov-west-1:111122223333:a_b-c',
    ],
    ['security', 'arn:aws:sqs:us-east-1:111122223333:q', 'arn:aws:sns:us-east-1:111122223333:q.fifo'],
  ],
  [
    'PermissionsBoundary',
    ['', 'arn:aws:iam::111122223333:policy/path/Boundary', 'arn:aws:iam::aws:policy/PowerUserAccess'],
    ['Boundary', 'arn:aws:iam::111122223333:role/Admin', 'arn:aws:iam::111122223333:policy/'],
  ],
])('CloudFormation checks %s', (name, right, wrong) => {
  const pattern = new RegExp(template.Parameters[name]?.AllowedPattern ?? 'none');
  for (const value of right) expect(value).toMatch(pattern);
  for (const value of wrong) expect(value).not.toMatch(pattern);
});

/** The resources and outputs under each condition. */
function under(
  condition: string | undefined,
  of: Record<string, { Type?: string; Condition?: string }>,
): string[] {
  return Object.entries(of)
    .filter(([, it]) => it.Condition === condition)
    .map(([name, it]) => it.Type ?? name);
}

test('the plain template is short enough for a request, as the CDK writes it', () => {
  expect(Buffer.byteLength(JSON.stringify(template, undefined, 1))).toBeLessThan(51_200);
});

test('notifications are created only for a recipient, and a topic only for an e-mail address', () => {
  expect(new Set(under('HasAlertEmail', template.Resources))).toEqual(
    new Set(['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'AWS::SNS::Subscription']),
  );
  expect(new Set(under('HasRecipient', template.Resources))).toEqual(
    new Set([
      'AWS::CloudWatch::Alarm',
      'AWS::Events::Rule',
      'AWS::IAM::Role',
      'AWS::Scheduler::Schedule',
      'AWS::StepFunctions::StateMachine',
    ]),
  );
  expect(under('HasRecipient', template.Outputs)).toEqual(['TopicArn', 'AlarmName']);
  expect(under(undefined, template.Outputs)).toEqual([
    'RuleName',
    'FunctionName',
    'RoleName',
    'LogGroupName',
  ]);
});

test.each([
  { AlertEmail: '', AlertTopicArn: '', hasRecipient: false, accepted: true },
  { AlertEmail: 'a@example.com', AlertTopicArn: '', hasRecipient: true, accepted: true },
  { AlertEmail: '', AlertTopicArn: 'arn:aws:sns:…', hasRecipient: true, accepted: true },
  { AlertEmail: 'a@example.com', AlertTopicArn: 'arn:aws:sns:…', hasRecipient: true, accepted: false },
])('a recipient is an address or a topic, not both: %o', ({ hasRecipient, accepted, ...given }) => {
  expect(resolve(template, given, template.Conditions.HasRecipient)).toBe(hasRecipient);
  expect(resolve(template, given, template.Conditions.HasAlertEmail)).toBe(given.AlertEmail !== '');
  const { Assert, AssertDescription } = template.Rules.OneRecipient?.Assertions[0] ?? {};
  expect(resolve(template, given, Assert)).toBe(accepted);
  expect(AssertDescription).toBe('AlertTopicArn cannot be combined with AlertEmail. Set one of them.');
});

test('every role has the permissions boundary of the parameter, or none if it is empty', () => {
  const roles = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
  expect(roles.length).toBeGreaterThan(2);
  for (const { Properties } of roles) {
    expect(Properties.PermissionsBoundary).toEqual({
      'Fn::If': ['HasPermissionsBoundary', { Ref: 'PermissionsBoundary' }, { Ref: 'AWS::NoValue' }],
    });
  }
});

test('the frequency is in the source details of the rule', () => {
  expect(only(plain().resolved, 'AWS::Config::ConfigRule')).toMatchObject({
    Source: { SourceDetails: [{ MaximumExecutionFrequency: { Ref: 'Frequency' } }] },
  });
});

const all = (from: Template, type: string) =>
  Object.values(from.findResources(`AWS::${type}`)).map(({ Properties }) => Properties as unknown);

test.each(Object.keys(FREQUENCIES))('the plain template is what the CDK deploys for %s', (frequency) => {
  const alertEmail = 'a@example.com';
  const given = { Frequency: frequency, LogRetentionDays: '365', AlertEmail: alertEmail, AlertTopicArn: '' };
  const deployed = accountTemplate({ frequency, alertEmail });
  for (const type of [
    'Config::ConfigRule',
    'CloudWatch::Alarm',
    'Logs::LogGroup',
    'SNS::Topic',
    'StepFunctions::StateMachine',
  ]) {
    expect(resolve(template, given, all(plain().resolved, type))).toEqual(
      resolve(deployed.toJSON() as Plain, given, all(deployed, type)),
    );
  }
});

test('the template that forwards IAM’s events has the parameter for the permissions boundary, too', () => {
  const app = new App({ context: cdkJson.context });
  const settings = readSettings({ mode: 'template', homeRegion: 'eu-central-1' }, {});
  forwardIamEvents(app, settings, { synthesizer: new BootstraplessSynthesizer() });
  const { Parameters } = app.synth().getStackArtifact('RootAccessKeyRule-IamEvents').template as Plain;
  expect(Object.keys(Parameters)).toEqual(['PermissionsBoundary']);
});

/** A value in which the functions that depend on parameters are resolved as CloudFormation resolves them. */
function resolve(of: Pick<Plain, 'Conditions'>, given: Record<string, string>, value: unknown): unknown {
  const again = (it: unknown) => resolve(of, given, it);
  if (Array.isArray(value)) return value.map(again).filter((it) => it !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = ['', undefined]] = Object.entries(value) as [string, unknown][];
  const list = argument as unknown[];
  if (name === 'Ref') return argument === 'AWS::NoValue' ? undefined : (given[argument as string] ?? value);
  if (name === 'Fn::If') return again(again(of.Conditions[list[0] as string]) === true ? list[1] : list[2]);
  if (name === 'Fn::Equals') return again(list[0]) === again(list[1]);
  if (name === 'Fn::Not') return again(list[0]) !== true;
  if (name === 'Fn::Or') return list.some((it) => again(it) === true);
  if (name === 'Fn::Join') {
    const parts = again(list[1]) as unknown[];
    if (parts.every((it) => typeof it === 'string')) return parts.join(list[0] as string);
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, it]) => [key, key === 'RetentionInDays' ? Number(again(it)) : again(it)] as const)
      .filter(([, it]) => it !== undefined),
  );
}
