import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REPOSITORY } from '../../lib/settings/product.ts';
import { FREQUENCIES, readSettings, SETTINGS } from '../../lib/settings/settings.ts';
import { messageOf } from '../fixtures/deployment-error.ts';

const refusal = (context: Record<string, unknown>, region?: string) =>
  messageOf(() => readSettings(context, { CDK_DEFAULT_REGION: region }));

function file(content: string | Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'settings-')), 'settings.json');
  writeFileSync(path, content);
  return path;
}

test('every setting has its default', () => {
  expect(readSettings({}, {})).toMatchObject({
    mode: 'account',
    frequency: 'TwentyFour_Hours',
    logRetentionDays: 365,
    tags: {},
    environment: { account: undefined, region: 'us-east-1' },
  });
});

test("the CDK's own context is no setting", () => {
  expect(readSettings({ 'aws:cdk:enable-path-metadata': true, '@aws-cdk/core:x': true }, {}).mode).toBe(
    'account',
  );
});

test('an unknown setting is rejected, and the error names it and the known settings', () => {
  expect(refusal({ frequenzy: 'One_Hour' })).toMatch(
    /^unknown setting "frequenzy"; the known settings are mode, frequency,/,
  );
});

const TOPIC = 'arn:aws:sns:us-east-1:111122223333:q';
const NOT_POLICIES = 'role/Admin role/policy/Admin user/me group/all instance-profile/web root policy/'
  .split(' ')
  .map((resource) => `arn:aws:iam::111122223333:${resource}`);

test.each([
  ['mode', 'must be one of account, template, member-template, stack-set, organization-pack', ['everything']],
  ['frequency', `must be one of ${Object.keys(FREQUENCIES).join(', ')}`, ['Hourly']],
  ['architecture', 'must be one of x86_64, arm64', ['x86']],
  ['logRetentionDays', 'must be one of 1, 3, 5, 7,', ['2']],
  ['logRetentionDays', 'expected number', ['forever']],
  ['alertEmail', 'must be an e-mail address', ['me']],
  [
    'alertTopic',
    'must be the ARN of an SNS topic (standard, not FIFO)',
    [TOPIC.replace('sns', 'sqs'), `${TOPIC}.fifo`, `${TOPIC}:6b0e71bd-7e97-4d97-80ce-4a0994e55286`],
  ],
  ['chatTopic', 'must be the ARN of an SNS topic (standard, not FIFO)', ['#security', `${TOPIC}.fifo`]],
  ['dashboard', 'must be true or false', ['yes']],
  ['permissionsBoundary', 'must be the ARN of a managed policy', ['Boundary', TOPIC, ...NOT_POLICIES]],
  ['partition', 'must be a partition of AWS', ['europe']],
  ['tags', 'must be a JSON object whose values are strings', ['team=security', '["security"]']],
  ['docsUrl', 'must be a URL', ['here']],
])('an invalid %s is rejected, and the error says that it %s', (name, allowed, values) => {
  for (const value of values) {
    const message = refusal({ [name]: value });
    expect(message, value).toContain(`setting "${name}"`);
    expect(message, value).toContain(allowed);
  }
});

test.each([
  'arn:aws:iam::111122223333:policy/Boundary',
  'arn:aws-us-gov:iam::111122223333:policy/path/of/Boundary+1',
  'arn:aws:iam::aws:policy/PowerUserAccess',
  'arn:aws:iam::aws:policy/job-function/ViewOnlyAccess',
])('%s can be a permissions boundary', (permissionsBoundary) => {
  expect(readSettings({ permissionsBoundary }, {})).toMatchObject({ permissionsBoundary });
});

test('the error names every invalid setting at once', () => {
  expect(refusal({ frequency: 'x', mode: 'y', z: '1' }).split('\n')).toHaveLength(3);
});

test('an e-mail address and a topic exclude each other', () => {
  const alertTopic = 'arn:aws:sns:us-east-1:111122223333:security';
  expect(refusal({ alertEmail: 'a@example.com', alertTopic })).toBe(
    'setting "alertTopic" cannot be combined with "alertEmail": set one of them.',
  );
});

test('a chat application is notified in addition to people, through a topic of its own', () => {
  const [alertTopic, chatTopic] = ['security', 'chat'].map(
    (it) => `arn:aws:sns:us-east-1:111122223333:${it}`,
  );
  expect(readSettings({ alertTopic, chatTopic }, {}).chatTopic).toBe(chatTopic);
  expect(readSettings({ mode: 'template', chatTopic }, {}).chatTopic).toBe(chatTopic);
  expect(refusal({ chatTopic })).toMatch(
    /^setting "chatTopic" needs "alertEmail" or "alertTopic", so that people/,
  );
  expect(refusal({ alertTopic, chatTopic: alertTopic })).toMatch(
    /^setting "chatTopic" must be another topic than "alertTopic"/,
  );
  expect(refusal({ mode: 'member-template', chatTopic })).toMatch(
    /^setting "chatTopic" does not apply to mode member-template: pass the ARN of an event bus/,
  );
});

test.each([
  ['eu-west-1', '111122223333'],
  ['us-east-1', '444455556666'],
])('a topic in another region or account (%s, %s) is rejected', (region, account) => {
  const alertTopic = `arn:aws:sns:${region}:${account}:security`;
  const here = { CDK_DEFAULT_ACCOUNT: '111122223333', CDK_DEFAULT_REGION: 'us-east-1' };
  expect(() => readSettings({ alertTopic }, here)).toThrow(
    `setting "alertTopic" must be a topic in us-east-1 of account 111122223333, where the rule is deployed, but it is ${alertTopic}.`,
  );
  expect(() => readSettings({ alertEmail: 'a@example.com', chatTopic: alertTopic }, here)).toThrow(
    `setting "chatTopic" must be a topic in us-east-1 of account 111122223333`,
  );
});

test('tags are JSON on the command line', () => {
  expect(readSettings({ tags: '{"team":"security"}' }, {}).tags).toEqual({ team: 'security' });
});

describe('a settings file', () => {
  test('is read, and the command line takes precedence', () => {
    const settings = file('{"frequency": "Six_Hours", "logRetentionDays": 30}');
    expect(readSettings({ settings, frequency: 'One_Hour' }, {})).toMatchObject({
      frequency: 'One_Hour',
      logRetentionDays: 30,
    });
  });

  test('is checked like the command line', () => {
    expect(refusal({ settings: file('{"frequenzy": "Six_Hours"}') })).toMatch(/^unknown setting "frequenzy"/);
  });

  test('may begin with a byte order mark', () => {
    expect(readSettings({ settings: file('\uFEFF{"frequency": "Six_Hours"}') }, {}).frequency).toBe(
      'Six_Hours',
    );
  });

  test.each([
    ['that does not exist', '/nowhere.json'],
    ['that is no JSON', file('frequency: One_Hour')],
    ['that is empty', file('')],
    ['that holds null', file('null')],
    ['that holds a list', file('[]')],
    ['that holds a text', file('"frequency"')],
    ['in UTF-16', file(Buffer.from('\uFEFF{"frequency": "Six_Hours"}', 'utf16le'))],
  ])('%s is rejected, and the error names it', (_, settings) => {
    expect(refusal({ settings })).toContain(`could not read the settings file ${settings}`);
  });
});

describe('the home region', () => {
  test.each(['us-east-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1'])(
    'of its partition is %s',
    (region) => {
      expect(readSettings({}, { CDK_DEFAULT_REGION: region }).environment.region).toBe(region);
    },
  );

  test.each([
    ['eu-west-1', 'us-east-1'],
    ['us-gov-east-1', 'us-gov-west-1'],
    ['cn-northwest-1', 'cn-north-1'],
  ])('rejects a deployment to %s, and the error says why and what to do', (region, home) => {
    const message = refusal({}, region);
    expect(message).toContain(
      `refusing to deploy to ${region}, since the home region is ${home}: IAM is global`,
    );
    expect(message).toContain(`-c homeRegion=${region}`);
  });

  test('can be set to another region', () => {
    const { environment } = readSettings({ homeRegion: 'eu-west-1' }, { CDK_DEFAULT_REGION: 'eu-west-1' });
    expect(environment.region).toBe('eu-west-1');
  });

  test('that is set rejects every other region, the default one too', () => {
    expect(refusal({ homeRegion: 'eu-west-1' }, 'us-east-1')).toContain('the home region is eu-west-1');
  });

  describe('that is newer than the CDK', () => {
    const NEW = 'eu-north-9';

    test('needs the setting partition', () => {
      for (const context of [{}, { homeRegion: NEW }]) {
        expect(refusal(context, NEW)).toBe(
          `this version of the CDK does not know the region ${NEW} and its partition. Check the name. If it is correct, set the partition with -c partition=aws (or aws-us-gov, aws-cn, aws-eusc).`,
        );
      }
    });

    test('is like any other region of its partition once that is set', () => {
      const { environment, iamEventRegion } = readSettings({ homeRegion: NEW, partition: 'aws' }, {});
      expect([environment.region, iamEventRegion]).toEqual([NEW, 'us-east-1']);
      expect(refusal({ partition: 'aws' }, NEW)).toContain('the home region is us-east-1');
    });

    test('may be in a new partition, where the region of IAM’s events is not known', () => {
      const settings = { homeRegion: 'xx-far-1', partition: 'aws-far' };
      expect(readSettings(settings, {}).iamEventRegion).toBeUndefined();
    });
  });

  test('that the CDK knows cannot be in another partition', () => {
    expect(refusal({ homeRegion: 'eusc-de-east-1', partition: 'aws' })).toBe(
      'setting "partition" is aws, but eusc-de-east-1 belongs to aws-eusc. Remove the setting.',
    );
  });

  test.each([
    ['eu-west-1', 'us-east-1'],
    ['cn-northwest-1', 'cn-north-1'],
    ['eusc-de-east-1', undefined],
    ['us-iso-east-1', undefined],
  ])('%s gets IAM’s events from %s, as far as a source says', (region, iamEventRegion) => {
    expect(readSettings({ homeRegion: region }, {}).iamEventRegion).toBe(iamEventRegion);
  });

  test('must be set if no default is known', () => {
    expect(refusal({}, 'us-iso-east-1')).toBe(
      'no default home region is known for the partition of us-iso-east-1. Set it with -c homeRegion=us-iso-east-1.',
    );
  });
});

test('docs/deploy.md and docs/organization.md list every setting, and no other', () => {
  const listed = ['docs/deploy.md', 'docs/organization.md'].flatMap((guide) => {
    const table = /\n\| setting \|.*\n((?:\|.*\n)+)/.exec(readFileSync(join(REPOSITORY, guide), 'utf8'));
    return [...(table?.[1] ?? '').matchAll(/^\| `(\w+)`/gm)].map((row) => row[1]);
  });
  expect(listed.sort()).toEqual([...SETTINGS].sort());
});
