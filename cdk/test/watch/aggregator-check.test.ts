import { expect, test } from 'vitest';
import { readSettings } from '../../lib/settings/settings.ts';
import { ALERTS_STACK, PACK_STACK, STACK_SET_STACK, WATCH_STACK } from '../../lib/settings/stack-names.ts';
import { checkAggregator, collects } from '../../lib/watch/aggregator-check.ts';
import { commandLine } from '../fixtures/command-line.ts';
import { REQUIRED } from '../fixtures/organization.ts';

/** A response of AWS Config with one aggregator, by default of the organization and for us-east-1. */
function response(other: object = { OrganizationAggregationSource: { AwsRegions: ['us-east-1'] } }): string {
  return JSON.stringify({
    ConfigurationAggregators: [{ ConfigurationAggregatorName: 'organization', ...other }],
  });
}

const OF_ACCOUNTS = response({
  AccountAggregationSources: [{ AccountIds: ['111122223333'], AllAwsRegions: true }],
});

/** Checks a command line as the app does. Returns how often AWS Config was called. */
function check(line: string, context: Record<string, string> = {}, aggregators = OF_ACCOUNTS): number {
  const settings = readSettings(
    { mode: 'stack-set', ...REQUIRED, alertEmail: 'security@example.com', ...context },
    { CDK_DEFAULT_ACCOUNT: '111122223333' },
  );
  let calls = 0;
  checkAggregator(commandLine(line), settings, () => {
    calls += 1;
    return aggregators;
  });
  return calls;
}

test.each([
  [true, response()],
  [true, response({ OrganizationAggregationSource: { AllAwsRegions: true } })],
  [
    true,
    response({
      OrganizationAggregationSource: { AllAwsRegions: false, AwsRegions: ['eu-west-1', 'us-east-1'] },
    }),
  ],
  [false, response({ OrganizationAggregationSource: { AllAwsRegions: false, AwsRegions: ['eu-west-1'] } })],
  [false, OF_ACCOUNTS],
  [false, '{"ConfigurationAggregators": []}'],
])('an aggregator collects from the organization in us-east-1: %s for %s', (found, aggregators) => {
  expect(collects(aggregators, 'us-east-1')).toBe(found);
});

test.each(['', '{}', '{"ConfigurationAggregators": [{"OrganizationAggregationSource": 1}]}'])(
  'a malformed response is an error: %s',
  (malformed) => {
    expect(() => collects(malformed, 'us-east-1')).toThrow(
      /^could not check whether there is an aggregator of the organization, which the watch reads: /,
    );
  },
);

test.each([
  'deploy --all',
  'deploy',
  'watch',
  `deploy ${WATCH_STACK}`,
  `deploy --exclusively ${WATCH_STACK}`,
  'deploy RootAccessKeyRuleOrganization*',
])('without an aggregator of the organization, cdk %s is refused with the next step', (line) => {
  expect(() => check(line)).toThrow(
    /^refusing to deploy the watch: account 111122223333 has no AWS Config aggregator in us-east-1 that collects the organization's results from us-east-1, so the watch would see no account\. Create one with `aws configservice put-configuration-aggregator`: https:\S+\/organization\.md#an-aggregator\. To deploy without the watch, add -c watch=false\.$/,
  );
});

test('with one, the watch may be deployed', () => {
  expect(check('deploy --all', {}, response())).toBe(1);
});

test.each([
  [`deploy ${ALERTS_STACK} ${STACK_SET_STACK}`, {}],
  [`deploy --exclusively ${PACK_STACK}`, { mode: 'organization-pack' }],
  ['deploy --all', { watch: 'false' }],
  ['diff', {}],
  ['synth', {}],
  ['destroy --all', {}],
])('cdk %s does not call AWS Config: %o', (line, context) => {
  expect(check(line, context)).toBe(0);
});
