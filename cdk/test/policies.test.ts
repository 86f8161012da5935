import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import quarantine from '../../root-keys/quarantine-root-user.json' with { type: 'json' };
import { NAME, ORGANIZATION_NAME, REPOSITORY } from '../lib/settings/product.ts';
import denyRootAccessKeys from '../policies/deny-root-access-keys.json' with { type: 'json' };
import keepTheRule from '../policies/keep-root-access-key-rule.json' with { type: 'json' };
import { generatedName } from './fixtures/generated-names.ts';
import { memberArns, THE_STACK } from './fixtures/member-arns.ts';
import { REQUIRED, rollout } from './fixtures/organization.ts';

/** A request as IAM sees it: what, on what, by whom, and whether in a session of AssumeRoot. */
interface Request {
  readonly action: string;
  readonly resource: string;
  readonly principal: string;
  readonly assumedRoot?: 'true';
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const escaped = (text: string) => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');

const glob = (pattern: string, value: string) =>
  new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, 's').test(value);

const some = (patterns: string | readonly string[], value: string) =>
  [patterns].flat().some((pattern) => glob(pattern, value));

/** Whether a service control policy denies a request. Supports only the condition operators that our policies use. */
function denies(
  { Statement: statements }: { readonly Statement: readonly Statement[] },
  request: Request,
): boolean {
  return statements.some(({ Effect, Action, Resource, Condition = {} }) => {
    expect(Effect).toBe('Deny');
    return some(Action, request.action) && some(Resource, request.resource) && holds(Condition, request);
  });
}

function holds(condition: NonNullable<Statement['Condition']>, request: Request): boolean {
  const context: Record<string, string | undefined> = {
    'aws:PrincipalArn': request.principal,
    'aws:AssumedRoot': request.assumedRoot,
  };
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => {
      if (!(key in context)) throw new Error(`unknown condition key ${key}`);
      const value = context[key];
      switch (operator) {
        case 'Null':
          return (value === undefined) === (expected === 'true');
        case 'ArnLike':
          return value !== undefined && [expected].flat().some((pattern) => arnLike(pattern, value));
        case 'ArnNotLike':
          return value === undefined || ![expected].flat().some((pattern) => arnLike(pattern, value));
        default:
          throw new Error(`unknown condition operator ${operator}`);
      }
    }),
  );
}

/** ARNs are compared part by part: a wildcard does not reach beyond its colon. */
function arnLike(pattern: string, arn: string): boolean {
  const [patterns, parts] = [pattern.split(':'), arn.split(':')];
  return patterns.length === parts.length && patterns.every((it, index) => glob(it, parts[index] ?? ''));
}

test.each([denyRootAccessKeys, keepTheRule, quarantine])(
  'the policy fits into a service control policy: %#',
  (policy) => {
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(5120);
  },
);

/** Where members are, one region for each partition. */
const PARTITIONS = {
  aws: 'us-east-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-cn': 'cn-north-1',
  'aws-eusc': 'eusc-de-east-1',
} as const;

const SECURITY = readFileSync(join(REPOSITORY, 'docs/security.md'), 'utf8');

/** The rows of the table of security.md that begins with this heading, each as its cells. */
function rows(heading: string): string[][] {
  const table = new RegExp(`\\n\\| ${heading} \\|.*\\n\\|[-|]+\\n((?:\\|.*\\n)+)`).exec(SECURITY)?.[1];
  if (!table) throw new Error(`docs/security.md has no table "${heading}"`);
  return table
    .trim()
    .split('\n')
    .map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
}

const actionsIn = (cell: string) => [...cell.matchAll(/`([a-z]+:[A-Z]\w+)`/g)].map((match) => match[1] ?? '');

/** What security.md says that members cannot do, by what it is done to. */
const denied = new Map(
  rows("in a member's stack").map(([what = '', actions = '']) => [
    what.replaceAll('`', ''),
    actionsIn(actions),
  ]),
);

const member = (region: string) =>
  rollout({ mode: 'stack-set', ...REQUIRED, alertTopic: topic(region) }, region).member;

const topic = (region: string) => `arn:aws:sns:${region}:222222222222:security`;

test('security.md lists every type of resource in a member’s stack, and every action that the policy denies on them', () => {
  const inTemplate = Object.values(member('us-east-1').Resources).map(({ Type }) => Type);
  expect([...denied.keys()].sort()).toEqual([THE_STACK, ...new Set(inTemplate)].sort());
  expect([...denied.values()].flat().sort()).toEqual(keepTheRule.Statement[0]?.Action);
});

test('however long a logical ID is, CloudFormation keeps the part of the stack’s name by which the policy finds EventBridge rules', () => {
  for (const id of ['R', ...Object.keys(member('us-east-1').Resources), 'R'.repeat(255)]) {
    const name = generatedName(`StackSet-${ORGANIZATION_NAME}-1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d`, id, 64);
    expect(name.length).toBeLessThanOrEqual(64);
    expect(name).toMatch(/^StackSet-root-access-k/);
  }
});

test.each(rows('a member').map(([act = '', , prevented = '']) => ({ act, prevented })))(
  'security.md says correctly whether the policy prevents that a member can $act',
  ({ act, prevented }) => {
    const actions = actionsIn(act);
    const keeps = new Set(keepTheRule.Statement.flatMap(({ Action }) => Action));
    expect(prevented).toMatch(/^(yes|\*\*no\*\*)/);
    expect(actions).not.toEqual([]);
    expect(actions.filter((action) => keeps.has(action))).toEqual(prevented.startsWith('yes') ? actions : []);
  },
);

describe.each(Object.entries(PARTITIONS))('in partition %s', (partition, region) => {
  const iam = (what: string) => `arn:${partition}:iam::222222222222:${what}`;
  const fn = `arn:${partition}:lambda:${region}:222222222222:function:${ORGANIZATION_NAME}`;
  const pack = `arn:${partition}:config:${region}:222222222222:conformance-pack/${ORGANIZATION_NAME}/conformance-pack-abc`;
  // CloudFormation cuts the names that it makes, to what fits the service.
  const eventRule = `arn:${partition}:events:${region}:222222222222:rule/StackSet-root-access-key-r-ForwardingRootKeyCreated-1A2B`;
  const machine = `arn:${partition}:states:${region}:222222222222:stateMachine:${ORGANIZATION_NAME}`;
  const logGroup = `arn:${partition}:logs:${region}:222222222222:log-group:StackSet-${ORGANIZATION_NAME}-1a2b-LogGroupF5B46931-1A2B`;
  const admin = iam('role/Administrator');
  const stackSets = iam('role/stacksets-exec-1a2b');

  describe('no new root access keys', () => {
    const create = { action: 'iam:CreateAccessKey', resource: iam('root') };

    test('the root user creates none', () => {
      expect(denies(denyRootAccessKeys, { ...create, principal: iam('root') })).toBe(true);
    });

    test.each([
      ['everybody else creates keys', { ...create, resource: iam('user/root'), principal: admin }],
      ['a user who is called root is not the root user', { ...create, principal: iam('user/root') }],
      [
        'a root session of AssumeRoot is not affected',
        { ...create, principal: iam('root'), assumedRoot: 'true' },
      ],
      [
        'the root user deletes keys',
        { action: 'iam:DeleteAccessKey', resource: iam('root'), principal: iam('root') },
      ],
    ] as const)('%s', (_, request) => {
      expect(denies(denyRootAccessKeys, request)).toBe(false);
    });
  });

  describe('quarantine of the root user', () => {
    const sts = (what: string) => `arn:${partition}:sts::222222222222:${what}`;
    // ARNs as https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    // gives them for aws:PrincipalArn.
    const by = (principal: string) => ({ action: 's3:GetObject', resource: '*', principal });

    test.each([
      ['the root user, by key, sign-in or GetSessionToken', iam('root')],
      ['a session that root created by GetFederationToken', sts('federated-user/backup')],
    ])('%s can do nothing', (_, principal) => {
      expect(denies(quarantine, by(principal))).toBe(true);
    });

    test.each([
      ['a root session of AssumeRoot, which deletes the keys', { ...by(iam('root')), assumedRoot: 'true' }],
      ['a role', by(iam('role/Administrator'))],
      ['an IAM user', by(iam('user/root'))],
      ['a user whose path looks like a federated user', by(iam('user/federated-user/backup'))],
    ] as const)('%s is not affected', (_, request) => {
      expect(denies(quarantine, request)).toBe(false);
    });
  });

  describe('every resource of a member stays', () => {
    const arns = memberArns(member(region), { partition, region, account: '222222222222' });
    const acts = [...arns].flatMap(([type, resources]) =>
      resources.flatMap((resource) => (denied.get(type) ?? []).map((action) => [action, resource] as const)),
    );

    test.each(acts)('%s on %s', (action, resource) => {
      for (const principal of [admin, iam('root')]) {
        expect(denies(keepTheRule, { action, resource, principal })).toBe(true);
      }
      expect(denies(keepTheRule, { action, resource, principal: stackSets })).toBe(false);
    });
  });

  describe('the rule stays', () => {
    // Beside the resources of the stack, above: what belongs to them, and the role that may change them.
    test.each([
      ['lambda:RemovePermission', `${fn}:alias`],
      ['states:StopExecution', `${machine.replace(':stateMachine:', ':execution:')}-NeverRan:1a2b`],
      ['logs:DeleteLogStream', `${logGroup}:log-stream:2026/11/26/[$LATEST]1a2b`],
      ['iam:CreateRole', iam('role/stacksets-exec-mine')],
      ['iam:UpdateAssumeRolePolicy', stackSets],
    ])('a member cannot %s on %s, not even its root user', (action, resource) => {
      for (const principal of [admin, iam('root')]) {
        expect(denies(keepTheRule, { action, resource, principal })).toBe(true);
      }
      if (!action.startsWith('iam:')) {
        expect(denies(keepTheRule, { action, resource, principal: stackSets })).toBe(false);
      }
    });

    test.each([
      ['lambda:InvokeFunction', fn],
      ['lambda:DeleteFunction', `${fn}-other`],
      ['lambda:DeleteFunction', fn.replace(ORGANIZATION_NAME, 'mine')],
      ['config:DeleteConformancePack', pack.replace(`${ORGANIZATION_NAME}/`, 'mine/')],
      ['iam:CreateRole', iam('role/mine')],
      ['events:DeleteRule', eventRule.replace('StackSet-', 'mine-')],
      ['states:DeleteStateMachine', machine.replace(ORGANIZATION_NAME, NAME)],
      ['iam:PutRolePolicy', iam('role/mine')],
      // The account stack's, which the account itself deploys and removes.
      ['iam:DeleteRole', iam('role/RootAccessKeyRule-Role1ABCC5F0-1A2B')],
      ['logs:DeleteLogGroup', logGroup.replace(`StackSet-${ORGANIZATION_NAME}`, 'RootAccessKeyRule')],
    ])('the policy does not affect other resources: %s on %s', (action, resource) => {
      expect(denies(keepTheRule, { action, resource, principal: admin })).toBe(false);
    });
  });
});
