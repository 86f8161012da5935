import { describe, expect, test } from 'vitest';
import { checkCommand } from '../../lib/settings/command.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { PACK_STACK, STACK_SET_STACK } from '../../lib/settings/stack-names.ts';
import { commandLine } from '../fixtures/command-line.ts';
import { messageOf } from '../fixtures/deployment-error.ts';
import { REQUIRED } from '../fixtures/organization.ts';

const ACCOUNT = { CDK_DEFAULT_ACCOUNT: '111122223333' };
const PACK = { mode: 'organization-pack', ...REQUIRED };

/** Checks a command line of the CDK CLI against settings, as the app does. */
function check(line: string, context: Record<string, string> = {}, environment = ACCOUNT as object) {
  checkCommand(commandLine(line), readSettings(context, environment));
}

/** The error with which the app refuses a command line. */
const refusal = (...given: Parameters<typeof check>) =>
  messageOf(() => {
    check(...given);
  });

test.each([
  'synth -c frequency',
  'deploy --all --context frequency',
  'diff --context=frequency',
  'synth -qc frequency',
])('a context argument without a value is rejected: cdk %s', (line) => {
  expect(refusal(line)).toContain('-c frequency has no value: write -c frequency=VALUE.');
});

test('the error names every context argument without a value', () => {
  expect(refusal('synth -c mode -c a=b -c frequency')).toMatch(/^-c mode has .*\n-c frequency has .*$/);
});

test.each([
  'synth -c mode=account --quiet',
  'synth --context frequency=One_Hour',
  'synth -c tags={"a":"b=c"} -o out',
])('context arguments with a value are accepted: cdk %s', (line) => {
  check(line);
});

describe('without credentials', () => {
  test.each(['deploy --all', 'destroy RootAccessKeyRule --force', 'diff', 'bootstrap'])(
    'cdk %s is rejected',
    (line) => {
      const [name] = line.split(' ');
      expect(refusal(line, {}, {})).toMatch(
        new RegExp(
          `^could not ${name ?? ''}: the CDK found no AWS credentials, .* \`aws sts get-caller-identity\` shows`,
        ),
      );
    },
  );

  test.each(['synth', 'list', 'diff --template old.json'])(
    'cdk %s is accepted, because it needs no account',
    (line) => {
      check(line, {}, {});
    },
  );
});

describe('mode organization-pack', () => {
  test.each([
    'deploy --all',
    'deploy',
    'watch',
    'deploy *',
    'deploy RootAccessKeyRuleOrganization*',
    `deploy ${PACK_STACK}`,
    `deploy ${STACK_SET_STACK} ${PACK_STACK}`,
    `deploy -e ${STACK_SET_STACK} ${PACK_STACK}`,
    `deploy --all --exclusively`,
    'deploy --require-approval never',
    'deploy --require-approval never --all',
    `deploy ${PACK_STACK} --require-approval never`,
  ])('rejects cdk %s, which may deploy the pack before the functions, and gives the order', (line) => {
    expect(refusal(line, PACK)).toMatch(
      /^refusing to deploy the organization conformance pack together with the functions: .*\n1\. make deploy STACKS='RootAccessKeyRuleOrganizationStackSet'\n2\. aws cloudformation list-stack-instances .* --call-as SELF .*\n.*\n3\. make deploy STACKS='--exclusively RootAccessKeyRuleOrganizationPack'$/,
    );
  });

  test.each([
    `deploy ${STACK_SET_STACK}`,
    `deploy ${STACK_SET_STACK} RootAccessKeyRule`,
    `deploy --exclusively ${PACK_STACK}`,
    `deploy ${PACK_STACK} -e`,
    `deploy --require-approval never --exclusively ${PACK_STACK}`,
    `deploy --require-approval never ${STACK_SET_STACK} --output out`,
    'synth',
    'diff',
    'destroy --all',
  ])('accepts cdk %s', (line) => {
    check(line, PACK);
  });

  test('the order contains the management account’s own stack and the caller', () => {
    expect(refusal('deploy --all', { ...PACK, managementAccount: 'deploy' })).toContain(
      "make deploy STACKS='RootAccessKeyRuleOrganizationStackSet RootAccessKeyRule'",
    );
    const delegated = {
      ...PACK,
      administrator: 'delegated-administrator',
      managementAccountId: '999999999999',
    };
    expect(refusal('deploy --all', delegated)).toContain('--call-as DELEGATED_ADMIN');
  });

  test('the order ends with the watch, if there is one', () => {
    expect(refusal('deploy --all', { ...PACK, alertEmail: 'security@example.com' })).toMatch(
      /\n3\. .*\n4\. make deploy STACKS=RootAccessKeyRuleOrganizationWatch$/,
    );
  });
});

test.each([{}, { mode: 'stack-set', ...REQUIRED }])(
  'in the other modes every stack may be deployed at once: %o',
  (context) => {
    check('deploy --all', context);
  },
);
