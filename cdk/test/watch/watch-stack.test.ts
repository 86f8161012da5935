import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import statusPolicy from '../../../root-keys/status-policy.json' with { type: 'json' };
import { ARM64, elf, zip } from '../fixtures/built-function.ts';
import { REQUIRED, rollout } from '../fixtures/organization.ts';
import { permissions } from '../fixtures/permissions.ts';
import { idOf, joinedJson, only } from '../fixtures/template.ts';

const CONTEXT = { mode: 'stack-set', ...REQUIRED, alertEmail: 'security@example.com' };
const KEY = 'arn:aws:kms:us-east-1:111122223333:key/1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d';
const watchOf = (context: object = {}) => rollout({ ...CONTEXT, ...context }).template('Watch');
const template = watchOf();

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly MaxAttempts: number;
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: string;
}

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Retry?: readonly Retrier[];
  readonly Next?: string;
  readonly End?: boolean;
  readonly Choices?: readonly { readonly Next: string; readonly Condition: string }[];
  readonly Catch?: readonly { readonly Next: string }[];
  readonly Arguments?: { readonly Payload?: Readonly<Record<string, unknown>> };
}

interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const definitionOf = (from: Template) =>
  joinedJson(only(from, 'AWS::StepFunctions::StateMachine').DefinitionString) as Definition;

test.each([
  ['without a recipient', { mode: 'stack-set', ...REQUIRED }],
  ['if it is switched off', { ...CONTEXT, watch: false }],
])('there is no watch %s', (_, context) => {
  expect(rollout(context).stacks.map(({ stackName }) => stackName)).not.toContain(
    'RootAccessKeyRuleOrganizationWatch',
  );
});

test('the watch adds nothing to a member', () => {
  expect(rollout(CONTEXT).member).toEqual(rollout({ ...CONTEXT, watch: false }).member);
});

describe('the function', () => {
  test('has five minutes, its bucket and the organizational units of the StackSet', () => {
    const fn = only(
      watchOf({ organizationalUnits: 'ou-a1b2-c3d4e5f6,ou-a1b2-c3d4e5f7' }),
      'AWS::Lambda::Function',
    );
    expect(fn).toMatchObject({
      FunctionName: 'root-access-key-rule-org-watch',
      Runtime: 'provided.al2023',
      Architectures: ['x86_64'],
      Timeout: 300,
      Environment: {
        Variables: {
          BUCKET: { Ref: idOf(template, 'AWS::S3::Bucket') },
          REPAIR: 'true',
          CONFIGURED_UNITS: 'ou-a1b2-c3d4e5f6,ou-a1b2-c3d4e5f7',
        },
      },
    });
  });

  test('has the architecture that its build has, whatever that of the rule', () => {
    const fn = only(watchOf({ watchArtifact: zip({ bootstrap: elf(ARM64) }) }), 'AWS::Lambda::Function');
    expect(fn.Architectures).toEqual(['arm64']);
  });

  test('cannot be built for another architecture than that of the settings', () => {
    const built = zip({ bootstrap: elf(ARM64) });
    expect(() => watchOf({ architecture: 'x86_64', watchArtifact: built })).toThrow(
      /setting "architecture" is x86_64, but the function in .* was built for arm64/,
    );
    expect(() => watchOf({ watchArtifact: '/nowhere/watch.zip' })).toThrow(
      'there is no built function at /nowhere/watch.zip: build it with `make package`.',
    );
  });

  test('keeps its log lines as long as the setting says', () => {
    expect(only(watchOf({ logRetentionDays: 30 }), 'AWS::Logs::LogGroup').RetentionInDays).toBe(30);
  });
});

describe('the role of the function', () => {
  /** What the role allows: each action with its resources. */
  function allowed(from: Template): [string, string][] {
    return permissions(from.toJSON() as { Resources: object }).flatMap((line) => {
      const [, actions, resource] = /^Role\w+: Allow ((?:[a-z0-9-]+:\w+(?:, )?)+) on (.+)$/.exec(line) ?? [];
      return (actions?.split(', ') ?? []).map((action): [string, string] => [action, resource ?? '']);
    });
  }

  const bucket = `\${${idOf(template, 'AWS::S3::Bucket')}.Arn}`;
  const ofCloudFormation = (...resources: string[]) =>
    resources.map((it) => `arn:\${AWS::Partition}:cloudformation:us-east-1:*:${it}`).join(', ');
  const stackSet = ofCloudFormation('stackset/root-access-key-rule-org:*');
  const deployed = ofCloudFormation(
    'stackset-target/root-access-key-rule-org:*',
    'stackset/root-access-key-rule-org:*',
    'type/resource/*',
  );
  const inHomeRegion =
    'if {"ForAllValues:StringEqualsIgnoreCase":{"cloudformation:TargetRegion":["us-east-1"]}}';
  // What only a preflight reads.
  const PREFLIGHT =
    /:(DescribeOrganizationsAccess|GetAggregateDiscoveredResourceCounts|ListAWSServiceAccessForOrganization)$/;
  const READ = statusPolicy.Statement.flatMap(({ Action }) => Action)
    .filter((action) => !PREFLIGHT.test(action))
    .map((action) => [action, '*']);
  const STORE = [
    ['s3:GetObject', `${bucket}/*`],
    ['s3:PutObject', `${bucket}/*`],
    ['s3:ListBucket', bucket],
  ];
  const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => [
    action,
    `\${${idOf(template, 'AWS::Logs::LogGroup')}.Arn}`,
  ]);
  const REPAIR = [
    ['cloudformation:ListStackSetOperations', stackSet],
    ...['CreateStackInstances', 'UpdateStackInstances'].map((call) => [
      `cloudformation:${call}`,
      `${deployed} ${inHomeRegion}`,
    ]),
  ];

  test('allows the calls of root-keys status, its bucket, its log and operations of the StackSet, and no others', () => {
    expect(allowed(template)).toEqual([...READ, ...STORE, ...LOG, ...REPAIR]);
  });

  test.each([{ repair: false }, { mode: 'organization-pack' }])('allows no operation with %o', (context) => {
    expect(allowed(watchOf(context))).toEqual([...READ, ...STORE, ...LOG]);
  });

  test('allows to use the key of the bucket, if there is one', () => {
    const kmsKeys = { logGroup: KEY, environment: KEY, topic: KEY, bucket: KEY };
    expect(allowed(watchOf({ kmsKeys }))).toEqual([
      ...READ,
      ...STORE,
      ['kms:Decrypt', KEY],
      ['kms:GenerateDataKey', KEY],
      ...LOG,
      ...REPAIR,
    ]);
  });
});

test('the bucket is private, encrypted, versioned and retained, and its objects expire', () => {
  const [bucket] = Object.values(template.findResources('AWS::S3::Bucket'));
  expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  expect(bucket?.Properties).toEqual({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    LifecycleConfiguration: {
      Rules: [
        {
          Id: 'EarlierVersions',
          Status: 'Enabled',
          NoncurrentVersionExpiration: { NoncurrentDays: 400 },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        },
        { Id: 'Reports', Status: 'Enabled', Prefix: '20', ExpirationInDays: 400 },
        {
          Id: 'Checkpoints',
          Status: 'Enabled',
          Prefix: 'runs/',
          ExpirationInDays: 7,
          NoncurrentVersionExpiration: { NoncurrentDays: 1 },
        },
      ],
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
  const policy = only(template, 'AWS::S3::BucketPolicy').PolicyDocument as {
    Statement: { Effect: string }[];
  };
  expect(policy.Statement).toMatchObject([
    {
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 's3:*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ]);
});

test.each([
  [{}, 'on'],
  [{ repair: false }, 'off'],
])('the switches are parameters that accept on or off only: %o', (context, repair) => {
  const parameters = Object.values(watchOf(context).findResources('AWS::SSM::Parameter'));
  expect(parameters.map(({ Properties }) => Properties)).toEqual(
    [
      ['repair', repair],
      ['digest', 'on'],
    ].map(([name, Value]) => ({
      Name: `/root-access-key-rule/watch/${name}`,
      Type: 'String',
      Value,
      AllowedPattern: '^(on|off)$',
      Description: expect.stringMatching(/ on or off\.$/),
    })),
  );
});

test('EventBridge Scheduler starts the state machine from 05:00 to 05:15 UTC', () => {
  const schedule = only(template, 'AWS::Scheduler::Schedule');
  expect(schedule).toEqual({
    Name: 'root-access-key-rule-org-watch',
    Description: expect.any(String),
    // Without a time zone, the expression is in UTC.
    ScheduleExpression: 'cron(0 5 * * ? *)',
    FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
    Target: {
      Arn: { Ref: idOf(template, 'AWS::StepFunctions::StateMachine') },
      RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^StateMachineStarter/), 'Arn'] },
    },
  });
});

describe('the state machine', () => {
  const { StartAt, States } = definitionOf(template);
  const tasks = Object.entries(States).filter(([, { Type }]) => Type === 'Task');
  const ofFunction = tasks.filter(([, { Resource }]) => Resource?.endsWith(':lambda:invoke'));

  test('ends its execution after six hours at the latest', () => {
    expect(definitionOf(template)).toMatchObject({ QueryLanguage: 'JSONata', TimeoutSeconds: 21_600 });
  });

  test('reaches every state, and names no other', () => {
    const reached = new Set([StartAt]);
    for (const name of reached) {
      const { Next, Choices = [], Catch = [] } = States[name] ?? { Type: 'none' };
      for (const next of [Next, ...[...Choices, ...Catch].map((it) => it.Next)]) {
        if (next !== undefined) reached.add(next);
      }
    }
    expect([...reached].sort()).toEqual(Object.keys(States).sort());
  });

  test('retries every call, but not an error that the next attempt would have too', () => {
    expect(tasks.length).toBe(6);
    for (const [name, { Retry = [] }] of tasks) {
      expect(Retry.at(-1), name).toMatchObject({ ErrorEquals: ['States.ALL'] });
      expect(Retry.at(-1)?.MaxAttempts, name).toBeGreaterThan(3);
    }
    expect(ofFunction.map(([, { Retry }]) => Retry?.[0])).toEqual(
      ofFunction.map(() => ({
        ErrorEquals: ['InvalidEnvironment', 'InvalidEvent', 'RecordConflict', 'CheckpointUnreadable'],
        MaxAttempts: 0,
      })),
    );
  });

  test('invokes the function again after waits that grow and are not random, for 70 minutes', () => {
    for (const [name, { Retry = [] }] of ofFunction) {
      const { IntervalSeconds, BackoffRate, MaxDelaySeconds, MaxAttempts, JitterStrategy } =
        Retry.at(-1) ?? {};
      expect(JitterStrategy, name).toBe('NONE');
      const waits = Array.from({ length: MaxAttempts ?? 0 }, (_, i) =>
        Math.min((IntervalSeconds ?? 0) * (BackoffRate ?? 0) ** i, MaxDelaySeconds ?? 0),
      );
      expect(waits, name).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600, 600, 600, 600]);
    }
  });

  test('reads the switches before each step', () => {
    const { Choices = [] } = States.WhatNext ?? { Type: 'none' };
    expect(Choices.map(({ Next }) => Next)).not.toContain('Work');
    const before = Object.entries(States).filter(([, { Next }]) => Next === 'Work');
    expect(before.map(([name]) => name)).toEqual(['ReadSwitches']);
    expect([StartAt, Choices.find(({ Condition }) => Condition.includes('"work"'))?.Next]).toEqual([
      'ReadSwitches',
      'ReadSwitches',
    ]);
  });

  test('tells the function which run this is at every step', () => {
    for (const [name, { Arguments }] of tasks.filter(([, it]) => it.Arguments?.Payload)) {
      expect(Arguments?.Payload, name).toMatchObject({
        run: '{% $states.context.Execution.Name %}',
        started: '{% $states.context.Execution.StartTime %}',
      });
    }
  });

  test('fails if the digest could not be published, after the report was recorded', () => {
    expect(States.Publish).toMatchObject({
      Next: 'RecordPublished',
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'RecordNotPublished' }],
    });
    expect(States.RecordNotPublished).toMatchObject({
      Arguments: { Payload: { step: 'record', published: false } },
      Next: 'DigestNotPublished',
    });
    expect(States.DigestNotPublished?.Type).toBe('Fail');
  });

  test('may invoke the function, read the switches and publish, and nothing else', () => {
    const lines = permissions(template.toJSON() as { Resources: object }).filter((it) =>
      it.startsWith('Runner'),
    );
    const parameter = (name: string) =>
      `arn:\${AWS::Partition}:ssm:us-east-1:\${AWS::AccountId}:parameter/root-access-key-rule/watch/${name}`;
    expect(lines.map((it) => it.replace(/^\w+: /, ''))).toEqual([
      'Allow states.amazonaws.com sts:AssumeRole if {"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}}',
      `Allow lambda:InvokeFunction on \${${idOf(template, 'AWS::Lambda::Function')}.Arn}`,
      `Allow ssm:GetParameters on ${parameter('digest')}, ${parameter('repair')}`,
      expect.stringMatching(
        /^Allow sns:Publish on \{"Fn::ImportValue":"RootAccessKeyRuleOrganizationAlerts:/,
      ),
    ]);
  });
});

describe('the alarms', () => {
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties as Record<string, unknown>,
  );

  test('notify directly, also when they end', () => {
    expect(alarms).toHaveLength(2);
    for (const { AlarmActions, OKActions } of alarms) {
      expect(JSON.stringify(AlarmActions)).toContain('RootAccessKeyRuleOrganizationAlerts:');
      expect(OKActions).toEqual(AlarmActions);
    }
  });

  test('one fires when no run has completed for 30 hours', () => {
    const alarm = alarms.find(({ Metrics }) => Metrics);
    expect(alarm).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 31,
      TreatMissingData: 'breaching',
      Metrics: [
        { Expression: 'FILL(completed, 0)' },
        {
          Id: 'completed',
          MetricStat: {
            Metric: { Namespace: 'RootAccessKeyRule', MetricName: 'Completed' },
            Period: 3600,
            Stat: 'Sum',
          },
        },
      ],
    });
    expect(alarm?.AlarmDescription).toMatch(
      /^root-access-key-rule: the daily watch has not completed for 30 hours, .*operations\.md#the-watch$/,
    );
  });

  test('one fires when a run could not see everything, until the next run', () => {
    const alarm = alarms.find(({ MetricName }) => MetricName);
    expect(alarm).toMatchObject({
      Namespace: 'RootAccessKeyRule',
      MetricName: 'NotVisible',
      Statistic: 'Maximum',
      Period: 3600,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      EvaluationPeriods: 1,
      TreatMissingData: 'ignore',
    });
  });
});

test('the outputs name the bucket and the state machine', () => {
  expect(template.toJSON().Outputs).toMatchObject({
    BucketName: { Value: { Ref: idOf(template, 'AWS::S3::Bucket') } },
    StateMachineArn: { Value: { Ref: idOf(template, 'AWS::StepFunctions::StateMachine') } },
  });
});

test('an existing topic gets digest and alarms', () => {
  const alertTopic = 'arn:aws:sns:us-east-1:222222222222:security';
  const watch = rollout({ mode: 'stack-set', ...REQUIRED, alertTopic }).template('Watch');
  watch.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [alertTopic] });
  expect(JSON.stringify(definitionOf(watch).States.Publish)).toContain(`"TopicArn":"${alertTopic}"`);
});

test('an encrypted topic needs its key, and every role has the boundary, path and prefix', () => {
  const kmsKeys = { logGroup: KEY, environment: KEY, topic: KEY, bucket: KEY };
  const required = {
    kmsKeys,
    permissionsBoundary: 'arn:aws:iam::111122223333:policy/B',
    rolePath: '/a/',
    roleNamePrefix: 'b-',
  };
  const watch = watchOf(required);
  const roles = Object.values(watch.findResources('AWS::IAM::Role')).map(({ Properties }) => Properties);
  expect(roles).toHaveLength(3);
  for (const role of roles) {
    expect(role).toMatchObject({ Path: '/a/', RoleName: expect.stringMatching(/^b-/) });
    expect(role.PermissionsBoundary).toBeDefined();
  }
  const runner = permissions(watch.toJSON() as { Resources: object }).filter((it) => it.startsWith('Runner'));
  expect(runner.at(-1)).toContain(`Allow kms:Decrypt, kms:GenerateDataKey on ${KEY}`);
  expect(only(watch, 'AWS::Logs::LogGroup').KmsKeyId).toBe(KEY);
});
