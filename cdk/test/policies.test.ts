import { describe, expect, test } from 'vitest';
import { ORGANIZATION_NAME } from '../lib/product.ts';
import denyRootAccessKeys from '../policies/deny-root-access-keys.json' with { type: 'json' };
import keepTheRule from '../policies/keep-root-access-key-rule.json' with { type: 'json' };

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
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const escaped = (text: string) => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');

const glob = (pattern: string, value: string) =>
  new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, 's').test(value);

const some = (patterns: string | readonly string[], value: string) =>
  [patterns].flat().some((pattern) => glob(pattern, value));

/** Whether a service control policy denies a request; knows the condition operators of ours and no others. */
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
    Object.entries(keys).every(([key, wanted]) => {
      if (!(key in context)) throw new Error(`unknown condition key ${key}`);
      const value = context[key];
      switch (operator) {
        case 'Null':
          return (value === undefined) === (wanted === 'true');
        case 'ArnLike':
          return value !== undefined && arnLike(wanted, value);
        case 'ArnNotLike':
          return value === undefined || !arnLike(wanted, value);
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

test.each([denyRootAccessKeys, keepTheRule])(
  'the policy fits into a service control policy: %#',
  (policy) => {
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(5120);
  },
);

describe.each(['aws', 'aws-us-gov', 'aws-cn'])('in partition %s', (partition) => {
  const iam = (what: string) => `arn:${partition}:iam::222222222222:${what}`;
  const region = 'us-east-1';
  const fn = `arn:${partition}:lambda:${region}:222222222222:function:${ORGANIZATION_NAME}`;
  const pack = `arn:${partition}:config:${region}:222222222222:conformance-pack/${ORGANIZATION_NAME}/conformance-pack-abc`;
  const stack = `arn:${partition}:cloudformation:${region}:222222222222:stack/StackSet-${ORGANIZATION_NAME}-1a2b/3c4d`;
  // CloudFormation cuts the names that it makes, to what fits the service.
  const tells = `arn:${partition}:events:${region}:222222222222:rule/StackSet-root-access-key-r-ForwardingRootKeyCreated-1A2B`;
  const machine = `arn:${partition}:states:${region}:222222222222:stateMachine:${ORGANIZATION_NAME}`;
  const admin = iam('role/Administrator');

  describe('no new root access keys', () => {
    const create = { action: 'iam:CreateAccessKey', resource: iam('root') };

    test('the root user makes none', () => {
      expect(denies(denyRootAccessKeys, { ...create, principal: iam('root') })).toBe(true);
    });

    test.each([
      ['everybody else makes keys', { ...create, resource: iam('user/root'), principal: admin }],
      ['a user who is called root is not the root user', { ...create, principal: iam('user/root') }],
      ['a root session of AssumeRoot is spared', { ...create, principal: iam('root'), assumedRoot: 'true' }],
      [
        'the root user deletes keys',
        { action: 'iam:DeleteAccessKey', resource: iam('root'), principal: iam('root') },
      ],
    ] as const)('%s', (_, request) => {
      expect(denies(denyRootAccessKeys, request)).toBe(false);
    });
  });

  describe('the rule stays', () => {
    const changes: [string, string][] = [
      ['lambda:DeleteFunction', fn],
      ['lambda:UpdateFunctionCode', fn],
      ['lambda:PutFunctionConcurrency', fn],
      ['lambda:RemovePermission', `${fn}:alias`],
      ['config:DeleteConformancePack', pack],
      ['config:PutConformancePack', pack],
      ['cloudformation:DeleteStack', stack],
      ['cloudformation:ExecuteChangeSet', stack],
      ['events:DisableRule', tells],
      ['events:RemoveTargets', tells],
      ['states:UpdateStateMachine', machine],
      ['iam:CreateRole', iam('role/stacksets-exec-mine')],
      ['iam:UpdateAssumeRolePolicy', iam('role/stacksets-exec-1a2b')],
    ];

    test.each(changes)('a member cannot %s, not even its root user', (action, resource) => {
      for (const principal of [admin, iam('root')]) {
        expect(denies(keepTheRule, { action, resource, principal })).toBe(true);
      }
    });

    test.each(changes.filter(([action]) => !action.startsWith('iam:')))(
      'StackSets can %s',
      (action, resource) => {
        expect(denies(keepTheRule, { action, resource, principal: iam('role/stacksets-exec-1a2b') })).toBe(
          false,
        );
      },
    );

    test.each([
      ['lambda:InvokeFunction', fn],
      ['lambda:DeleteFunction', `${fn}-other`],
      ['lambda:DeleteFunction', fn.replace(ORGANIZATION_NAME, 'mine')],
      ['config:DeleteConformancePack', pack.replace(`${ORGANIZATION_NAME}/`, 'mine/')],
      ['iam:CreateRole', iam('role/mine')],
      ['events:DeleteRule', tells.replace('StackSet-', 'mine-')],
      ['states:DeleteStateMachine', `${machine}-mine`],
    ])('what is not its business is left alone: %s on %s', (action, resource) => {
      expect(denies(keepTheRule, { action, resource, principal: admin })).toBe(false);
    });
  });
});
