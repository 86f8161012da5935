import { App } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { NOTIFICATIONS } from '../../lib/notifications/notifications.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { forwardIamEvents } from '../../lib/stacks/iam-events-stack.ts';
import { MemberIamEventsStack } from '../../lib/stacks/member-iam-events-stack.ts';
import { accountStack, accountTemplate } from '../fixtures/account.ts';
import { REQUIRED, rollout } from '../fixtures/organization.ts';
import { permissions } from '../fixtures/permissions.ts';
import { arn, only } from '../fixtures/template.ts';

const ACCOUNT = { Ref: 'AWS::AccountId' };
const BUS = ':event-bus/default';

/** The stacks that forward IAM's events to this home region. */
function forwardingStacks(homeRegion: string) {
  const app = new App({ context: cdkJson.context });
  forwardIamEvents(app, readSettings({ homeRegion }, { CDK_DEFAULT_ACCOUNT: '111122223333' }));
  return app.node.findAll().filter((node) => node.node.id === 'RootAccessKeyRule-IamEvents');
}

test.each([
  ['eu-central-1', 'us-east-1', 'aws'],
  ['us-gov-east-1', 'us-gov-west-1', 'aws-us-gov'],
  ['cn-northwest-1', 'cn-north-1', 'aws-cn'],
])('IAM’s events are forwarded to %s by a stack in %s', (home, source) => {
  const app = new App({ context: cdkJson.context });
  forwardIamEvents(app, readSettings({ homeRegion: home }, { CDK_DEFAULT_ACCOUNT: '111122223333' }));
  const { stacks } = app.synth();
  expect(stacks.map(({ stackName, environment }) => [stackName, environment.region])).toEqual([
    ['RootAccessKeyRule-IamEvents', source],
  ]);
  const template = Template.fromJSON(stacks[0]?.template as object);
  const bus = {
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:events:${home}:111122223333:event-bus/default`]],
  };
  expect(only(template, 'AWS::Events::Rule').Targets).toEqual([
    { Id: 'Target0', Arn: bus, RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^Role/), 'Arn'] } },
  ]);
  expect(permissions(template.toJSON() as { Resources: object })).toEqual([
    expect.stringMatching(/: Allow events\.amazonaws\.com sts:AssumeRole$/),
    expect.stringContaining(
      `: Allow events:PutEvents on arn:\${AWS::Partition}:events:${home}:111122223333:`,
    ),
  ]);
});

test('the forwarded events are those that start a re-evaluation in the home region', () => {
  const settings = { homeRegion: 'eu-central-1' };
  const [stack] = forwardingStacks('eu-central-1');
  const there = accountStack(settings);
  Annotations.fromStack(there).hasNoWarning('*', Match.anyValue());
  expect(only(Template.fromStack(stack as never), 'AWS::Events::Rule').EventPattern).toEqual(
    only(accountTemplate(settings), 'AWS::Events::Rule').EventPattern,
  );
});

test.each(['us-east-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1', 'us-iso-east-1'])(
  'no stack forwards events to %s',
  (home) => {
    expect(forwardingStacks(home)).toEqual([]);
  },
);

describe('a rollout in another home region', () => {
  const settings = { mode: 'stack-set', ...REQUIRED, homeRegion: 'eu-central-1' };
  const own = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, expect.any(String), ACCOUNT, BUS]] };

  /** The rule and the permissions in the region of IAM's events. */
  function forwarding(context: Record<string, unknown>) {
    const { template } = rollout(context, 'eu-central-1');
    const { TemplateBody, ...stackSet } = only(template('IamEvents'), 'AWS::CloudFormation::StackSet');
    const member = Template.fromJSON(JSON.parse(TemplateBody as string) as object);
    const { Targets, EventPattern } = only(member, 'AWS::Events::Rule');
    return { stackSet, member, buses: (Targets as { Arn: unknown }[]).map(({ Arn }) => Arn), EventPattern };
  }

  test('a second StackSet sends the events to the own bus for the evaluation and to the administrator for the notification', () => {
    const { stackSet, member, buses, EventPattern } = forwarding({
      ...settings,
      alertEmail: 'security@example.com',
    });
    expect(stackSet).toMatchObject({
      StackSetName: 'root-access-key-rule-org-iam-events',
      StackInstancesGroup: [{ Regions: ['us-east-1'] }],
      Parameters: [
        {
          ParameterKey: 'NoticeBus',
          ParameterValue: arn('events:eu-central-1', 'event-bus/root-access-key-rule-org'),
        },
      ],
    });
    expect(buses).toEqual([own, { Ref: 'NoticeBus' }]);
    expect(JSON.stringify(buses[0])).toContain(':events:eu-central-1:');
    expect(permissions(member.toJSON() as { Resources: object })).toEqual([
      expect.stringMatching(/: Allow events\.amazonaws\.com sts:AssumeRole$/),
      expect.stringMatching(
        /: Allow events:PutEvents on arn:[^,]+:eu-central-1:[^,]+default, \$\{NoticeBus\}$/,
      ),
    ]);
    expect(only(member, 'AWS::IAM::Role').Path).toBe('/root-access-key-rule/');
    expect(EventPattern).toEqual(
      only(accountTemplate({ homeRegion: 'eu-central-1' }), 'AWS::Events::Rule').EventPattern,
    );
  });

  test('without a recipient the own bus is the only target', () => {
    const { stackSet, member, buses } = forwarding(settings);
    expect([buses, stackSet.Parameters, member.findParameters('*')]).toEqual([[own], [], {}]);
  });

  test('members evaluate again, and forward no event of IAM that was forwarded to them', () => {
    const { member, stacks } = rollout({ ...settings, alertEmail: 'security@example.com' }, 'eu-central-1');
    const ids = Object.keys(member.Resources);
    expect(ids.filter((id) => id.startsWith('ReEvaluationKeysChanged'))).toHaveLength(1);
    expect(ids.filter((id) => id.startsWith('ForwardingRootKeyCreated'))).toEqual([]);
    const forwarded = Object.values(member.Resources).filter(({ Type }) => Type === 'AWS::Events::Rule');
    expect(forwarded).toHaveLength(NOTIFICATIONS.length);
    for (const stack of stacks) Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('the member template comes with a second one, whose target in the administrator account is optional', () => {
    const member = new MemberIamEventsStack(
      new App({ context: cdkJson.context }),
      'Events',
      readSettings({ mode: 'member-template', homeRegion: 'eu-central-1' }, {}),
    );
    const rules = Object.values(Template.fromStack(member).findResources('AWS::Events::Rule'));
    expect(rules.map(({ Condition, Properties }) => [Condition, Properties.Targets[0].Arn])).toEqual([
      [undefined, own],
      ['HasBus', { Ref: 'NoticeBus' }],
    ]);
  });
});

test('a rollout in a partition whose region for IAM’s events is not known deploys no re-evaluation, and the app warns', () => {
  const { stacks, member } = rollout({ mode: 'stack-set', ...REQUIRED }, 'eusc-de-east-1');
  const stackSet = stacks.find(({ stackName }) => stackName.endsWith('StackSet'));
  if (!stackSet) throw new Error('no StackSet');
  Annotations.fromStack(stackSet).hasWarning(
    '*',
    Match.stringLikeRegexp('does not document .* eusc-de-east-1'),
  );
  expect(Object.keys(member.Resources).filter((id) => id.startsWith('ReEvaluation'))).toEqual([]);
});
