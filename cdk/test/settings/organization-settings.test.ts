import { describe, expect, test } from 'vitest';
import { readSettings } from '../../lib/settings/settings.ts';
import { messageOf } from '../fixtures/deployment-error.ts';
import { REQUIRED, ROLLOUTS } from '../fixtures/organization.ts';

const refusal = (context: Record<string, unknown>) => messageOf(() => readSettings(context, {}));

const PACK = { mode: 'organization-pack', ...REQUIRED };
const STACK_SET = { mode: 'stack-set', ...REQUIRED };

test.each(ROLLOUTS)('these settings are a valid rollout: %o', (context) => {
  expect(readSettings(context, {}).organization).toMatchObject({
    administrator: context.administrator,
    organizationalUnits: ['r-a1b2'],
    excludedAccounts: [],
    dependsOnStackSets: [],
  });
});

test('mode account has no rollout', () => {
  expect(readSettings({}, {}).organization).toBeUndefined();
});

test.each(Object.entries(REQUIRED))('mode account rejects the setting %s', (name, value) => {
  expect(refusal({ [name]: value })).toBe(
    `setting "${name}" is only for the modes stack-set and organization-pack.`,
  );
});

test.each(['stack-set', 'organization-pack'])('mode %s names every missing setting at once', (mode) => {
  const lines = refusal({ mode }).split('\n');
  const named = lines.map(
    (line) => new RegExp(`^setting "(\\w+)" is required in mode ${mode}: .+\\.$`).exec(line)?.[1],
  );
  expect(named).toEqual(Object.keys(REQUIRED));
});

test('the management account has no default, and the error says why', () => {
  expect(refusal({ ...STACK_SET, managementAccount: undefined })).toBe(
    'setting "managementAccount" is required in mode stack-set: StackSets never reach the management account, whose root user matters most. Choose deploy for a stack of its own there, or exclude if something else checks it.',
  );
});

test('a list is text with commas on the command line, or a JSON list in a file', () => {
  const units = ['ou-a1b2-c3d4e5f6', 'ou-a1b2-c3d4e5f7'];
  for (const organizationalUnits of [units, units.join(','), units.join(', ')]) {
    const { organization } = readSettings({ ...STACK_SET, organizationalUnits }, {});
    expect(organization?.organizationalUnits).toEqual(units);
  }
});

test.each([
  [STACK_SET, 'organizationId', 'a1b2c3d4e5', 'must be the ID of an organization, for example o-a1b2c3d4e5'],
  [STACK_SET, 'organizationalUnits', 'Workloads', 'must be IDs of organizational units or of the root'],
  [STACK_SET, 'organizationalUnits', [], 'must name at least one'],
  [STACK_SET, 'administrator', 'me', 'must be one of management-account, delegated-administrator'],
  [STACK_SET, 'managementAccount', 'yes', 'must be one of deploy, exclude'],
  [PACK, 'excludedAccounts', '1234', 'must be account IDs of 12 digits'],
  [
    STACK_SET,
    'dependsOnStackSets',
    'recorder',
    'must be ARNs of StackSets, for example arn:aws:cloudformation:',
  ],
  [
    STACK_SET,
    'dependsOnStackSets',
    'arn:aws:cloudformation:us-east-1:111122223333:stack/recorder/1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d',
    'must be ARNs of StackSets',
  ],
  [PACK, 'deliveryBucket', 'my-bucket', 'must begin with awsconfigconforms'],
])('an invalid setting is rejected with what is allowed: %#', (context, name, value, allowed) => {
  const message = refusal({ ...context, [name]: value });
  expect(message).toContain(`setting "${name}`);
  expect(message).toContain(allowed);
});

describe('mode organization-pack', () => {
  test.each([['ou-a1b2-c3d4e5f6'], ['r-a1b2,ou-a1b2-c3d4e5f6'], ['r-a1b2,r-a1b3']])(
    'rejects the organizational units %s and says why',
    (organizationalUnits) => {
      expect(refusal({ ...PACK, organizationalUnits })).toMatch(
        /^setting "organizationalUnits" must be only the root .* deployed to every account and fails if one has no function\./,
      );
    },
  );

  test('accepts 999 excluded accounts besides the management account, and rejects 1,000', () => {
    const accounts = Array.from({ length: 1000 }, (_, i) => String(100_000_000_000 + i));
    const { organization } = readSettings({ ...PACK, excludedAccounts: accounts.slice(1) }, {});
    expect(organization?.excludedAccounts).toHaveLength(999);
    expect(refusal({ ...PACK, excludedAccounts: accounts })).toMatch(
      /^setting "excludedAccounts" must be at most 999 accounts: AWS Config excludes at most 1000 .* use mode stack-set/,
    );
  });

  test('requires the ID of the management account from a delegated administrator, to exclude it', () => {
    expect(refusal({ ...PACK, administrator: 'delegated-administrator' })).toMatch(
      /^setting "managementAccountId" is required for the organization pack of a delegated administrator/,
    );
    expect(refusal({ ...PACK, managementAccountId: '999999999999' })).toMatch(
      /^setting "managementAccountId" is only for a delegated administrator/,
    );
  });
});

test.each([
  ['excludedAccounts', '111111111111', 'auto-deployment follows organizational units'],
  ['deliveryBucket', 'awsconfigconforms-example', 'the packs of the accounts need no bucket'],
  ['managementAccountId', '999999999999', 'StackSets never deploy to the management account'],
])('mode stack-set rejects %s and says why', (name, value, why) => {
  expect(refusal({ ...STACK_SET, [name]: value })).toContain(
    `setting "${name}" is only for mode organization-pack: ${why}`,
  );
});

test('a delegated administrator cannot deploy to the management account, and the error says what to do', () => {
  const message = refusal({
    ...STACK_SET,
    administrator: 'delegated-administrator',
    managementAccount: 'deploy',
  });
  expect(message).toContain('run `make deploy` with credentials of the management account');
});

test.each([
  { alertEmail: 'security@example.com' },
  { alertTopic: 'arn:aws:sns:us-east-1:111122223333:security' },
])('a rollout can have a recipient: %o', (alert) => {
  expect(readSettings({ ...STACK_SET, ...alert }, {})).toMatchObject(alert);
});

test('a dashboard of the administrator account needs a recipient', () => {
  expect(refusal({ ...STACK_SET, dashboard: 'true' })).toMatch(
    /^setting "dashboard" needs "alertEmail" or "alertTopic" .* the dashboard of the administrator account counts notifications/,
  );
});
