import { describe, expect, test } from 'vitest';
import { NOTIFICATIONS } from '../../lib/notifications/notifications.ts';
import { EVERY_ROLLOUT } from '../fixtures/every-rollout.ts';
import { REQUIRED, rollout } from '../fixtures/organization.ts';
import { permissions } from '../fixtures/permissions.ts';
import { arn, inventory, only } from '../fixtures/template.ts';

const STACK_SET = 'AWS::CloudFormation::StackSet';
const BOUNDARY = 'arn:aws:iam::111122223333:policy/teams/Boundary';

describe.each(EVERY_ROLLOUT)('$name', ({ region, context, stacks, template, member }) => {
  const hasRecipient = 'alertEmail' in context;
  const stackSet = only(template('StackSet'), STACK_SET);

  test('no ARN names a partition', () => {
    const text = JSON.stringify(
      stacks.map(({ stackName }) =>
        template(stackName.replace('RootAccessKeyRuleOrganization', '')).toJSON(),
      ),
    );
    expect(text).toContain('AWS::Partition');
    expect(text).not.toMatch(/arn:aws/);
  });

  test('the stacks are deployed in the order that a rule needs', () => {
    const order = stacks.map(({ dependencies }) => dependencies.map(({ stackName }) => stackName));
    expect(order).toEqual([
      [],
      ...(hasRecipient ? [[]] : []),
      [
        'RootAccessKeyRuleOrganizationArtifact',
        ...(hasRecipient ? ['RootAccessKeyRuleOrganizationAlerts'] : []),
      ],
      ...(context.mode === 'organization-pack' ? [['RootAccessKeyRuleOrganizationStackSet']] : []),
      ...(hasRecipient
        ? [['RootAccessKeyRuleOrganizationStackSet', 'RootAccessKeyRuleOrganizationAlerts']]
        : []),
    ]);
  });

  test('the StackSet deploys to the organizational units, in the home region, as the chosen administrator', () => {
    expect(stackSet).toEqual({
      Description: expect.any(String),
      Parameters: expect.any(Array),
      TemplateBody: expect.any(String),
      StackSetName: 'root-access-key-rule-org',
      PermissionModel: 'SERVICE_MANAGED',
      CallAs: context.administrator === 'management-account' ? 'SELF' : 'DELEGATED_ADMIN',
      AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
      ManagedExecution: { Active: true },
      Capabilities: ['CAPABILITY_IAM'],
      OperationPreferences: {
        ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE',
        FailureTolerancePercentage: 10,
        MaxConcurrentPercentage: 25,
      },
      StackInstancesGroup: [{ DeploymentTargets: { OrganizationalUnitIds: ['r-a1b2'] }, Regions: [region] }],
    });
  });

  test('the StackSet passes the published build to the members, and the bus if there is a recipient', () => {
    const { Create } = only(template('Artifact'), 'Custom::PublishedBuild');
    const key = /"Key":"([0-9a-f]{64}\.zip)"/.exec(JSON.stringify(Create).replaceAll('\\', ''))?.[1];
    const bus = arn(`events:${region}`, 'event-bus/root-access-key-rule-org');
    expect(stackSet.Parameters).toEqual([
      {
        ParameterKey: 'ArtifactBucket',
        ParameterValue: { 'Fn::ImportValue': expect.stringContaining('Artifact:') },
      },
      { ParameterKey: 'ArtifactKey', ParameterValue: key },
      ...(hasRecipient ? [{ ParameterKey: 'NoticeBus', ParameterValue: bus }] : []),
    ]);
    expect(Object.keys(member.Parameters)).toEqual(
      (stackSet.Parameters as { ParameterKey: string }[]).map(({ ParameterKey }) => ParameterKey),
    );
  });

  test('there are a bus and a topic if there is a recipient, and otherwise neither', () => {
    expect(stacks.some(({ stackName }) => stackName.endsWith('Alerts'))).toBe(hasRecipient);
    if (!hasRecipient) return;
    const alerts = template('Alerts');
    expect(only(alerts, 'AWS::Events::EventBus').Name).toBe('root-access-key-rule-org');
    alerts.resourceCountIs('AWS::SNS::Topic', 1);
    alerts.resourceCountIs('AWS::Events::Rule', NOTIFICATIONS.length);
    for (const { Properties } of Object.values(alerts.findResources('AWS::Events::Rule'))) {
      expect(Properties.Targets).toMatchObject([{ Arn: { Ref: expect.stringMatching(/StateMachine/) } }]);
    }
  });
});

test('an existing topic gets the notifications, and no other topic is created', () => {
  const alertTopic = 'arn:aws:sns:us-east-1:222222222222:security';
  const alerts = rollout({ mode: 'stack-set', ...REQUIRED, alertTopic }).template('Alerts');
  alerts.resourceCountIs('AWS::SNS::Topic', 0);
  expect(JSON.stringify(alerts.findResources('AWS::StepFunctions::StateMachine'))).toContain(alertTopic);
  alerts.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [alertTopic] });
});

test("every role has the permissions boundary of its own account, and tags reach the members' stacks", () => {
  const { template, member } = rollout({
    mode: 'stack-set',
    ...REQUIRED,
    permissionsBoundary: BOUNDARY,
    tags: { team: 'security' },
  });
  const boundary = {
    'Fn::Join': ['', ['arn:aws:iam::', { Ref: 'AWS::AccountId' }, ':policy/teams/Boundary']],
  };
  expect(only(template('Artifact'), 'AWS::IAM::Role').PermissionsBoundary).toEqual(boundary);
  const roles = Object.values(member.Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
  expect(roles.length).toBeGreaterThan(1);
  for (const { Properties } of roles) expect(Properties.PermissionsBoundary).toEqual(boundary);
  expect(only(template('StackSet'), STACK_SET).Tags).toEqual([{ Key: 'team', Value: 'security' }]);
});

test.each(['stack-set', 'organization-pack'])(
  'in mode %s auto-deployment waits for the StackSets of the setting',
  (mode) => {
    const arns = ['recorder', 'baseline'].map(
      (name) =>
        `arn:aws:cloudformation:us-east-1:111122223333:stackset/${name}:1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d`,
    );
    const { template } = rollout({ mode, ...REQUIRED, dependsOnStackSets: arns.join(',') });
    expect(only(template('StackSet'), STACK_SET).AutoDeployment).toEqual({
      Enabled: true,
      RetainStacksOnAccountRemoval: false,
      DependsOn: arns,
    });
  },
);

test('the names and the permissions in the stacks are these', () => {
  const { template } = rollout({
    mode: 'organization-pack',
    ...REQUIRED,
    alertEmail: 'security@example.com',
    dashboard: true,
  });
  const stacks = ['Artifact', 'Alerts', 'StackSet', 'Pack', 'Watch'].map(
    (name) => [name, template(name).toJSON() as { Resources: object }] as const,
  );
  const of = (describe: (template: { Resources: object }) => object) =>
    Object.fromEntries(stacks.map(([name, template]) => [name, describe(template)]));
  expect(of(inventory)).toMatchSnapshot();
  expect(of(permissions)).toMatchSnapshot('permissions');
});
