import { App } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { readSettings } from '../../lib/settings/settings.ts';
import { forwardIamEvents } from '../../lib/stacks/iam-events-stack.ts';
import { accountStack, accountTemplate } from '../fixtures/account.ts';
import { REQUIRED, rollout } from '../fixtures/organization.ts';
import { permissions } from '../fixtures/permissions.ts';
import { only } from '../fixtures/template.ts';

/** The stacks that forward IAM's events to this home region. */
function brought(homeRegion: string) {
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
  const [stack] = brought('eu-central-1');
  const there = accountStack(settings);
  Annotations.fromStack(there).hasNoWarning('*', Match.anyValue());
  expect(only(Template.fromStack(stack as never), 'AWS::Events::Rule').EventPattern).toEqual(
    only(accountTemplate(settings), 'AWS::Events::Rule').EventPattern,
  );
});

test.each(['us-east-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1', 'us-iso-east-1'])(
  'no stack forwards events to %s',
  (home) => {
    expect(brought(home)).toEqual([]);
  },
);

test('a rollout in another region deploys no re-evaluation, and the app warns', () => {
  const settings = { mode: 'stack-set', ...REQUIRED, alertEmail: 'security@example.com' };
  const { stacks, member } = rollout({ ...settings, homeRegion: 'eu-central-1' }, 'eu-central-1');
  const stackSet = stacks.find(({ stackName }) => stackName.endsWith('StackSet'));
  if (!stackSet) throw new Error('no StackSet');
  Annotations.fromStack(stackSet).hasWarning(
    '*',
    Match.stringLikeRegexp('not deployed, .* arrive in us-east-1, not in eu-central-1'),
  );
  const machines = Object.keys(member.Resources).filter((id) => /StateMachine/.test(id));
  expect(machines.filter((id) => id.startsWith('ReEvaluation'))).toEqual([]);
});
