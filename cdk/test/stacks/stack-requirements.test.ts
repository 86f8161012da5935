import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../lib/settings/settings.ts';
import keyPolicy from '../../policies/encryption-key.json' with { type: 'json' };
import { accountStack } from '../fixtures/account.ts';
import { generatedName } from '../fixtures/generated-names.ts';
import { REQUIRED, rollout } from '../fixtures/organization.ts';

const key = (id: string) =>
  `arn:aws:kms:us-east-1:111122223333:key/${id.repeat(8)}-1111-2222-3333-444455556666`;
const LOG_GROUP = key('a');
const ENVIRONMENT = key('b');
const TOPIC = key('c');
const BUCKET = key('d');
const EMAIL = { alertEmail: 'security@example.com' };
const FOR_AN_ACCOUNT = { kmsKeys: { logGroup: LOG_GROUP, environment: ENVIRONMENT, topic: TOPIC } };
const FOR_AN_ORGANIZATION = { kmsKeys: { ...FOR_AN_ACCOUNT.kmsKeys, bucket: BUCKET } };

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** The resources of all stacks and of the member template. */
function everything(
  context: object,
  kmsKeys: { readonly organization?: object; readonly account?: object } = {},
) {
  const organization = rollout({
    mode: 'stack-set',
    ...REQUIRED,
    ...EMAIL,
    ...context,
    ...kmsKeys.organization,
  });
  const account = accountStack({ ...EMAIL, ...context, ...kmsKeys.account });
  const resources = [account as Stack, ...organization.stacks].flatMap((stack) =>
    Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, Resource>),
  );
  return { resources: [...resources, ...Object.values(organization.member.Resources)], organization };
}

const of = (resources: readonly Resource[], type: string) => {
  const found = resources.filter(({ Type }) => Type === type);
  expect(found.length, type).toBeGreaterThan(0);
  return found.map(({ Properties = {} }) => Properties);
};

const bare = everything({});
const encrypted = everything({}, { organization: FOR_AN_ORGANIZATION, account: FOR_AN_ACCOUNT });
const placed = everything({ rolePath: '/platform/security/' });
const named = everything({ roleNamePrefix: 'platform-' });

describe('KMS keys', () => {
  test.each([
    ['AWS::Logs::LogGroup', 'KmsKeyId', LOG_GROUP],
    ['AWS::Lambda::Function', 'KmsKeyArn', ENVIRONMENT],
    ['AWS::SNS::Topic', 'KmsMasterKeyId', TOPIC],
  ])('every %s has its key, and none without the setting', (type, property, arn) => {
    expect(new Set(of(encrypted.resources, type).map((it) => it[property]))).toEqual(new Set([arn]));
    expect(new Set(of(bare.resources, type).map((it) => it[property]))).toEqual(new Set([undefined]));
  });

  test('the bucket has its key, and the role that copies the build there can use it', () => {
    expect(JSON.stringify(of(encrypted.resources, 'AWS::S3::Bucket'))).toContain(
      `"KMSMasterKeyID":"${BUCKET}"`,
    );
    expect(JSON.stringify(of(bare.resources, 'AWS::S3::Bucket'))).toContain('"SSEAlgorithm":"AES256"');
    const use = { Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Effect: 'Allow', Resource: BUCKET };
    expect(JSON.stringify(of(encrypted.resources, 'AWS::IAM::Policy'))).toContain(JSON.stringify(use));
    expect(JSON.stringify(bare.resources)).not.toContain('kms:');
  });

  test('each role that publishes can use the key of the topic: of the notifications of an account and of an organization, and of the watch', () => {
    const use = { Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Effect: 'Allow', Resource: TOPIC };
    const publishers = of(encrypted.resources, 'AWS::IAM::Role').filter((it) =>
      JSON.stringify(it).includes('"sns:Publish"'),
    );
    expect(publishers).toHaveLength(3);
    for (const role of publishers) expect(JSON.stringify(role)).toContain(JSON.stringify(use));
  });

  test.each([
    [{ mode: 'account', kmsKeys: { logGroup: LOG_GROUP } }, /kmsKeys.environment" is missing/],
    [{ mode: 'account', kmsKeys: { environment: ENVIRONMENT } }, /kmsKeys.logGroup" is missing/],
    [{ mode: 'account', ...FOR_AN_ACCOUNT }, /kmsKeys.topic" does not apply/],
    [{ mode: 'account', ...EMAIL, ...FOR_AN_ORGANIZATION }, /kmsKeys.bucket" does not apply/],
    [
      { mode: 'template', kmsKeys: { logGroup: LOG_GROUP, environment: ENVIRONMENT } },
      /kmsKeys.topic" is missing/,
    ],
    [{ mode: 'stack-set', ...REQUIRED, ...EMAIL, ...FOR_AN_ACCOUNT }, /kmsKeys.bucket" is missing/],
    [{ homeRegion: 'eu-central-1', ...EMAIL, ...FOR_AN_ACCOUNT }, /must be a key in eu-central-1/],
    [{ kmsKeys: { logGroup: 'alias/logs', environment: ENVIRONMENT } }, /must be the ARN of a KMS key/],
    [{ kmsKeys: { logs: LOG_GROUP } }, /logs/],
    [{ kmsKeys: '' }, /kmsKeys/],
  ])('%o is refused', (context, why) => {
    expect(() => readSettings(context, {})).toThrow(why);
  });
});

describe('the key policy in cdk/policies', () => {
  const statement = (sid: string) => {
    const found = keyPolicy.Statement.find(({ Sid }) => Sid === sid);
    if (!found) throw new Error(`no statement ${sid}`);
    return found;
  };

  test('lets CloudWatch Logs encrypt the log groups of an account, of the administrator and of members', () => {
    const patterns = statement('CloudWatchLogsForLogGroups').Condition?.ArnLike?.[
      'kms:EncryptionContext:aws:logs:arn'
    ];
    const member = 'StackSet-root-access-key-rule-org-1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d';
    const controlTower = member.replace('StackSet-', 'StackSet-CustomControlTower-');
    for (const stack of [
      'RootAccessKeyRule',
      'RootAccessKeyRuleOrganizationArtifact',
      member,
      controlTower,
    ]) {
      const arn = `arn:aws:logs:us-east-1:111122223333:log-group:${generatedName(stack, 'LogGroupF5B46931', 512)}`;
      expect(
        patterns?.some((it) => new RegExp(`^${it.replaceAll('*', '.*')}$`).test(arn)),
        arn,
      ).toBe(true);
    }
  });

  test('lets every service publish that the topic policy lets publish', () => {
    const publishers = of(encrypted.resources, 'AWS::SNS::TopicPolicy')
      .flatMap(
        ({ PolicyDocument }) =>
          (PolicyDocument as { Statement: { Effect: string; Principal: { Service?: string } }[] }).Statement,
      )
      .filter(({ Effect }) => Effect === 'Allow')
      .map(({ Principal }) => Principal.Service);
    expect([...new Set(publishers)].sort()).toEqual(
      statement('ServicesThatPublishToTheTopic').Principal.Service,
    );
  });

  test('opens the key to the organization through SNS, S3 and Lambda only', () => {
    const open = keyPolicy.Statement.filter(({ Principal }) => 'AWS' in Principal && Principal.AWS === '*');
    expect(open.map(({ Condition }) => Condition?.StringEquals)).toEqual(
      ['sns', 's3', 'lambda'].map((service) => ({
        'aws:PrincipalOrgID': 'o-a1b2c3d4e5',
        'kms:ViaService': `${service}.us-east-1.amazonaws.com`,
      })),
    );
  });
});

describe('roles', () => {
  const paths = (from: typeof bare) => new Set(of(from.resources, 'AWS::IAM::Role').map(({ Path }) => Path));
  const names = (from: typeof bare) => of(from.resources, 'AWS::IAM::Role').map(({ RoleName }) => RoleName);

  test('are all under the path, those of members in a folder of it', () => {
    expect(paths(placed)).toEqual(
      new Set(['/platform/security/', '/platform/security/root-access-key-rule/']),
    );
    expect(paths(bare)).toEqual(new Set([undefined, '/root-access-key-rule/']));
  });

  test('all have a name of their own with the prefix, and generated names without it', () => {
    for (const name of names(named)) expect(name).toMatch(/^platform-[\w-]{1,55}$/);
    expect(new Set(names(named)).size).toBe(names(named).length);
    expect(new Set(names(bare))).toEqual(new Set([undefined]));
  });

  test('with names need CAPABILITY_NAMED_IAM of the StackSet, and no more than CAPABILITY_IAM without', () => {
    const capabilities = (from: typeof bare) =>
      of(from.resources, 'AWS::CloudFormation::StackSet')[0]?.Capabilities;
    expect(capabilities(named)).toEqual(['CAPABILITY_NAMED_IAM']);
    expect(capabilities(bare)).toEqual(['CAPABILITY_IAM']);
    expect(capabilities(placed)).toEqual(['CAPABILITY_IAM']);
  });

  test.each([
    ['rolePath', 'platform/'],
    ['rolePath', '/platform'],
    ['rolePath', '//'],
    ['rolePath', `/${'a'.repeat(100)}/`],
    ['roleNamePrefix', ''],
    ['roleNamePrefix', 'a/b'],
    ['roleNamePrefix', 'a'.repeat(21)],
  ])('a %s of "%s" is refused', (setting, value) => {
    expect(() => readSettings({ [setting]: value }, {})).toThrow(`setting "${setting}" must be`);
  });
});

test('the template of a member is short enough for a request with everything switched on', () => {
  const { organization } = everything(
    {
      rolePath: '/platform/security/',
      roleNamePrefix: 'platform-security-12',
      permissionsBoundary: 'arn:aws:iam::111122223333:policy/Boundary',
      tags: { team: 'security' },
    },
    { organization: FOR_AN_ORGANIZATION, account: FOR_AN_ACCOUNT },
  );
  const body = of(
    Object.values(organization.template('StackSet').toJSON().Resources as Record<string, Resource>),
    'AWS::CloudFormation::StackSet',
  )[0]?.TemplateBody as string;
  expect(Buffer.byteLength(body)).toBeLessThan(51_200);
});
