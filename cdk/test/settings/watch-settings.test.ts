import { expect, test } from 'vitest';
import { REPOSITORY } from '../../lib/settings/product.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { messageOf } from '../fixtures/deployment-error.ts';
import { REQUIRED } from '../fixtures/organization.ts';

const EMAIL = { alertEmail: 'security@example.com' };
const STACK_SET = { mode: 'stack-set', ...REQUIRED };
const PACK = { mode: 'organization-pack', ...REQUIRED };

const watch = (context: Record<string, unknown>) => readSettings(context, {}).organization?.watch;
const refusal = (context: Record<string, unknown>) => messageOf(() => readSettings(context, {}));

test.each([
  [STACK_SET, true],
  [PACK, false],
])('with a recipient there is a watch, and it repairs in mode stack-set only: %o', (mode, repair) => {
  expect(watch({ ...mode, ...EMAIL })).toEqual({
    repair,
    artifact: `${REPOSITORY}/target/lambda/watch/bootstrap.zip`,
  });
});

test('an existing topic is a recipient of the watch', () => {
  expect(watch({ ...STACK_SET, alertTopic: 'arn:aws:sns:us-east-1:111122223333:security' })).toBeDefined();
});

test.each([STACK_SET, { ...STACK_SET, ...EMAIL, watch: 'false' }, {}])('there is no watch: %o', (context) => {
  expect(watch(context)).toBeUndefined();
});

test('repairs can be switched off, and the built watch can be elsewhere', () => {
  expect(watch({ ...STACK_SET, ...EMAIL, repair: 'false', watchArtifact: 'elsewhere/watch.zip' })).toEqual({
    repair: false,
    artifact: `${REPOSITORY}/elsewhere/watch.zip`,
  });
});

test.each([
  [
    { ...STACK_SET, watch: 'true' },
    'setting "watch" needs "alertEmail" or "alertTopic", to which the watch sends its digest.',
  ],
  [
    { ...STACK_SET, repair: 'true' },
    'setting "repair" needs "alertEmail" or "alertTopic", to which the watch sends its digest.',
  ],
  [
    { ...PACK, ...EMAIL, repair: true },
    'setting "repair" is only for mode stack-set: it starts operations of the StackSet, and in mode organization-pack the rule is in a pack instead.',
  ],
  [
    { ...STACK_SET, ...EMAIL, watch: 'false', repair: 'true' },
    'setting "repair" needs the watch, which repairs: remove "watch": false.',
  ],
  [{ ...STACK_SET, ...EMAIL, watch: 'yes' }, 'setting "watch" must be true or false.'],
  [{ ...STACK_SET, ...EMAIL, repair: 'yes' }, 'setting "repair" must be true or false.'],
  [{ watch: 'true' }, 'setting "watch" is only for the modes stack-set and organization-pack.'],
  [{ repair: 'false' }, 'setting "repair" is only for the modes stack-set and organization-pack.'],
])('%o is refused: %s', (context, message) => {
  expect(refusal(context)).toBe(message);
});
