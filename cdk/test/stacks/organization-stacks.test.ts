import { App, BootstraplessSynthesizer } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { Template } from 'aws-cdk-lib/assertions';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { NOTIFICATIONS } from '../../lib/notifications/notifications.ts';
import { parameterCode } from '../../lib/rule/artifact.ts';
import { conformancePack } from '../../lib/rule/conformance-pack.ts';
import { MEMBER_ROLE_PATH, NAME, ORGANIZATION_NAME } from '../../lib/settings/product.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { AccountStack } from '../../lib/stacks/account-stack.ts';
import { only } from '../fixtures/account.ts';
import { createdBefore, NEEDED, resource, rollout, ROLLOUTS } from '../fixtures/organization.ts';

const REGIONS = ['us-east-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1'];

const made = REGIONS.flatMap((region) =>
  ROLLOUTS.map((context) => ({
    name: [context.mode, context.administrator, region].join(', '),
    region,
    context,
    ...rollout(context, region),
  })),
);

const of = (mode: string) => {
  const found = made.find(({ context }) => context.mode === mode);
  if (!found) throw new Error(`no rollout of mode ${mode}`);
  return found;
};

const everything = rollout({
  mode: 'organization-pack',
  ...NEEDED,
  alertEmail: 'security@example.com',
  dashboard: true,
});

describe.each(made)('$name', ({ region, context, stacks, template, member }) => {
  const packMode = context.mode === 'organization-pack';
  const told = 'alertEmail' in context;
  const stackSet = only(template('StackSet'), 'AWS::CloudFormation::StackSet');

  test('no ARN names a partition', () => {
    const text = JSON.stringify(stacks.map(({ stackName }) => template(lastWord(stackName)).toJSON()));
    expect(text).toContain('AWS::Partition');
    expect(text).not.toMatch(/arn:aws/);
  });

  test('the stacks are deployed in the order that a rule needs', () => {
    const order = stacks.map(({ dependencies }) => dependencies.map(({ stackName }) => stackName));
    expect(order).toEqual([
      [],
      ...(told ? [[]] : []),
      ['RootAccessKeyRuleOrganizationArtifact', ...(told ? ['RootAccessKeyRuleOrganizationAlerts'] : [])],
      ...(packMode ? [['RootAccessKeyRuleOrganizationStackSet']] : []),
    ]);
  });

  test('the StackSet goes to the units, in the home region, from where the operator says', () => {
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

  test('the StackSet gives the members the build that was published, and the bus of who is told', () => {
    const published = only(template('Artifact'), 'Custom::PublishedBuild').Create as {
      'Fn::Join': [string, unknown[]];
    };
    const key = /"Key":"([0-9a-f]{64}\.zip)"/.exec(JSON.stringify(published).replaceAll('\\', ''))?.[1];
    expect(stackSet.Parameters).toEqual([
      {
        ParameterKey: 'ArtifactBucket',
        ParameterValue: { 'Fn::ImportValue': expect.stringContaining('Artifact:') },
      },
      { ParameterKey: 'ArtifactKey', ParameterValue: key },
      ...(told ? [{ ParameterKey: 'NoticeBus', ParameterValue: busOf(region) }] : []),
    ]);
    expect(Object.keys(member.Parameters)).toEqual(
      (stackSet.Parameters as { ParameterKey: string }[]).map(({ ParameterKey }) => ParameterKey),
    );
  });

  test('a member gets the function, in mode stack-set the pack, re-evaluation where IAM’s events arrive, and notifies if somebody is named', () => {
    const counted = (type: string) =>
      Object.values(member.Resources).filter(({ Type }) => Type === type).length;
    const types = new Set(Object.values(member.Resources).map(({ Type }) => Type));
    const again = region === 'eusc-de-east-1' ? 0 : 1;
    const expected = {
      'AWS::Config::ConformancePack': packMode ? 0 : 1,
      'AWS::Events::Rule': again + (told ? NOTIFICATIONS.length : 0),
      'AWS::IAM::Role': 1 + 2 * again + (told ? 3 : 0),
      'AWS::Lambda::EventInvokeConfig': 1,
      'AWS::Lambda::Function': 1,
      'AWS::Lambda::Permission': 1,
      'AWS::Logs::LogGroup': 1,
      'AWS::StepFunctions::StateMachine': again + (told ? 2 : 0),
    };
    expect(Object.fromEntries([...types].sort().map((type) => [type, counted(type)]))).toEqual(
      Object.fromEntries(Object.entries(expected).filter(([, count]) => count > 0)),
    );
  });

  test('no role of a member has a name, which a service-managed StackSet would have to be allowed', () => {
    const roles = Object.values(member.Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
    for (const { Properties } of roles) {
      expect(Properties).not.toHaveProperty('RoleName');
      expect(Properties.Path).toBe('/root-access-key-rule/');
    }
  });

  test('a member sends to the administrator’s bus alone', () => {
    const reach = Object.values(member.Resources)
      .filter(({ Type }) => Type === 'AWS::IAM::Role')
      .flatMap(({ Properties }) => JSON.stringify(Properties.Policies))
      .filter((policies) => policies.includes('"Forward"'));
    expect(reach).toHaveLength(told ? 1 : 0);
    for (const policies of reach) {
      expect(JSON.parse(policies)).toEqual([
        {
          PolicyName: 'Forward',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: { Ref: 'NoticeBus' } }],
          },
        },
      ]);
    }
  });

  test('there are a bus and a topic for who is told, and else nothing', () => {
    expect(stacks.some(({ stackName }) => stackName.endsWith('Alerts'))).toBe(told);
    if (!told) return;
    const alerts = template('Alerts');
    expect(only(alerts, 'AWS::Events::EventBus').Name).toBe('root-access-key-rule-org');
    alerts.resourceCountIs('AWS::SNS::Topic', 1);
    alerts.resourceCountIs('AWS::Events::Rule', NOTIFICATIONS.length);
    for (const { Properties } of Object.values(alerts.findResources('AWS::Events::Rule'))) {
      expect(Properties.Targets).toMatchObject([{ Arn: { Ref: expect.stringMatching(/^AlertTopic/) } }]);
    }
  });

  test('the member template stands alone and is short enough for a request', () => {
    expect(member.Rules).toBeUndefined();
    expect(JSON.stringify(member)).not.toContain('cdk-hnb659fds');
    expect(Buffer.byteLength(stackSet.TemplateBody as string)).toBeLessThanOrEqual(51_200);
  });
});

test('a topic of the operator gets the messages, and no other is made', () => {
  const alertTopic = 'arn:aws:sns:us-east-1:222222222222:security';
  const alerts = rollout({ mode: 'stack-set', ...NEEDED, alertTopic }).template('Alerts');
  alerts.resourceCountIs('AWS::SNS::Topic', 0);
  alerts.allResourcesProperties('AWS::Events::Rule', { Targets: [{ Arn: alertTopic }] });
});

test('what a member shares with the account stack is the same but for the names and the path of roles', () => {
  const { member, settings, architecture } = of('stack-set');
  const account = Template.fromStack(
    new AccountStack(new App({ context: cdkJson.context }), 'Account', {
      synthesizer: new BootstraplessSynthesizer(),
      code: parameterCode,
      architecture,
      settings,
    }),
  ).toJSON().Resources;
  const { Pack, ...shared } = member.Resources;
  expect(Pack?.Type).toBe('AWS::Config::ConformancePack');
  const renamed = (it: object) =>
    JSON.parse(
      JSON.stringify(it)
        .replaceAll(`"${ORGANIZATION_NAME}"`, `"${NAME}"`)
        .replace(`"Path":"${MEMBER_ROLE_PATH}",`, ''),
    ) as object;
  for (const [id, inMember] of Object.entries(shared)) expect(renamed(inMember)).toEqual(account[id]);
});

test("a member's pack calls the function of its own account, and is made after all of it", () => {
  const { member } = of('stack-set');
  const pack = resource(member, 'AWS::Config::ConformancePack');
  const functionId = Object.keys(member.Resources).find(
    (id) => member.Resources[id]?.Type === 'AWS::Lambda::Function',
  );
  expect(pack.Properties).toMatchObject({
    ConformancePackName: 'root-access-key-rule-org',
    TemplateBody: conformancePack({ FunctionArn: '' }, readSettings({}, {})).templateBody,
    ConformancePackInputParameters: [
      { ParameterName: 'FunctionArn', ParameterValue: { 'Fn::GetAtt': [functionId, 'Arn'] } },
      { ParameterName: 'MaximumExecutionFrequency', ParameterValue: 'TwentyFour_Hours' },
      { ParameterName: 'RuleDescription', ParameterValue: expect.any(String) },
    ],
  });
  expect([...createdBefore(member.Resources, 'Pack')].sort()).toEqual([
    'AWS::IAM::Role',
    'AWS::Lambda::EventInvokeConfig',
    'AWS::Lambda::Function',
    'AWS::Lambda::Permission',
    'AWS::Logs::LogGroup',
  ]);
});

describe('the artifact bucket', () => {
  const template = of('stack-set').template('Artifact');

  test('is private, versioned, encrypted, and stays', () => {
    const [bucket] = Object.values(template.findResources('AWS::S3::Bucket'));
    expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(bucket?.Properties).toEqual({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
  });

  test('is read by the organization, over TLS, and by nobody else', () => {
    const objects = { 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.any(String), 'Arn'] }, '/*']] };
    const { Statement } = only(template, 'AWS::S3::BucketPolicy').PolicyDocument as { Statement: unknown };
    expect(Statement).toEqual([
      {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 's3:*',
        Resource: [{ 'Fn::GetAtt': [expect.any(String), 'Arn'] }, objects],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: 's3:GetObject',
        Resource: objects,
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
      },
    ]);
  });

  test('is written by one role, one build at a time', () => {
    const { Statement } = only(template, 'AWS::IAM::Policy').PolicyDocument as { Statement: object[] };
    expect(Statement).toEqual([
      { Effect: 'Allow', Action: 's3:GetObject', Resource: expect.anything() },
      { Effect: 'Allow', Action: 's3:PutObject', Resource: expect.anything() },
    ]);
    const [read, write] = Statement.map((it) => JSON.stringify(it));
    expect(read).toMatch(/cdk-hnb659fds-assets-.*\/[0-9a-f]{64}\.zip/);
    expect(write).toMatch(/Bucket.*\/[0-9a-f]{64}\.zip/);
  });

  test('loses no build when the next one comes or the stack goes', () => {
    const published = only(template, 'Custom::PublishedBuild');
    expect(Object.keys(published)).toEqual(expect.arrayContaining(['Create', 'Update']));
    expect(published).not.toHaveProperty('Delete');
  });
});

describe('the organization pack', () => {
  const packs = made.filter(({ context }) => context.mode === 'organization-pack');

  test.each(packs)('leaves out the management account: $name', ({ context, template }) => {
    const { TemplateBody, ...pack } = only(template('Pack'), 'AWS::Config::OrganizationConformancePack');
    expect(pack).toEqual({
      OrganizationConformancePackName: 'root-access-key-rule-org',
      ConformancePackInputParameters: [
        { ParameterName: 'FunctionName', ParameterValue: 'root-access-key-rule-org' },
        { ParameterName: 'MaximumExecutionFrequency', ParameterValue: 'TwentyFour_Hours' },
        {
          ParameterName: 'RuleDescription',
          ParameterValue: expect.stringMatching(/^Root user has no access keys/),
        },
      ],
      ExcludedAccounts: [context.managementAccountId ?? { Ref: 'AWS::AccountId' }],
    });
    expect(TemplateBody).toBe(conformancePack({ FunctionArn: '' }, readSettings({}, {})).templateBody);
  });

  test('leaves out what the operator excludes, and writes to the bucket that is set', () => {
    const { template } = rollout({
      mode: 'organization-pack',
      ...NEEDED,
      excludedAccounts: '111111111111, 222222222222',
      deliveryBucket: 'awsconfigconforms-example',
    });
    expect(only(template('Pack'), 'AWS::Config::OrganizationConformancePack')).toMatchObject({
      ExcludedAccounts: [{ Ref: 'AWS::AccountId' }, '111111111111', '222222222222'],
      DeliveryS3Bucket: 'awsconfigconforms-example',
    });
  });
});

test("every role is bounded by the policy in its own account, and tags reach the members' stacks", () => {
  const { template, member } = rollout({
    mode: 'stack-set',
    ...NEEDED,
    permissionsBoundary: 'arn:aws:iam::111122223333:policy/teams/Boundary',
    tags: { team: 'security' },
  });
  const boundary = {
    'Fn::Join': ['', ['arn:aws:iam::', { Ref: 'AWS::AccountId' }, ':policy/teams/Boundary']],
  };
  expect(only(template('Artifact'), 'AWS::IAM::Role').PermissionsBoundary).toEqual(boundary);
  const roles = Object.values(member.Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
  expect(roles.length).toBeGreaterThan(1);
  for (const { Properties } of roles) expect(Properties.PermissionsBoundary).toEqual(boundary);
  expect(only(template('StackSet'), 'AWS::CloudFormation::StackSet').Tags).toEqual([
    { Key: 'team', Value: 'security' },
  ]);
});

test.each(['Artifact', 'Alerts', 'StackSet', 'Pack'])('the stack %s is this', (name) => {
  expect(blank(everything.template(name).toJSON())).toMatchSnapshot();
});

test("a member's stack is this", () => {
  expect(
    blank(rollout({ mode: 'stack-set', ...NEEDED, alertEmail: 'security@example.com' }).member),
  ).toMatchSnapshot();
});

/** The ARN of the administrator's bus, for an account that is known at the deployment only. */
function busOf(region: string): object {
  const [partition, account] = [{ Ref: 'AWS::Partition' }, { Ref: 'AWS::AccountId' }];
  const name = ':event-bus/root-access-key-rule-org';
  return { 'Fn::Join': ['', ['arn:', partition, `:events:${region}:`, account, name]] };
}

function lastWord(stackName: string): string {
  return stackName.replace('RootAccessKeyRuleOrganization', '');
}

/** Without what changes from build to build, or is looked at elsewhere. */
function blank(template: object): unknown {
  const kept = JSON.stringify(template, (key, value: unknown) =>
    key === 'TemplateBody' ? '<template>' : value,
  );
  return JSON.parse(kept.replaceAll(/[0-9a-f]{64}/g, '<asset>'));
}

test.each(['stack-set', 'organization-pack'])(
  'in mode %s auto-deployment waits for the StackSets that are named',
  (mode) => {
    const arns = ['recorder', 'baseline'].map(
      (name) =>
        `arn:aws:cloudformation:us-east-1:111122223333:stackset/${name}:1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d`,
    );
    const { template } = rollout({ mode, ...NEEDED, dependsOnStackSets: arns.join(',') });
    expect(only(template('StackSet'), 'AWS::CloudFormation::StackSet').AutoDeployment).toEqual({
      Enabled: true,
      RetainStacksOnAccountRemoval: false,
      DependsOn: arns,
    });
  },
);
