import { expect, test } from 'vitest';
import { PACK_FILE } from '../../lib/rule/conformance-pack.ts';
import { readFileSync } from 'node:fs';
import { REQUIRED, rollout, ROLLOUTS } from '../fixtures/organization.ts';
import { only } from '../fixtures/template.ts';

const PACK = 'AWS::Config::OrganizationConformancePack';

test.each(ROLLOUTS.filter(({ mode }) => mode === 'organization-pack'))(
  'the pack calls the function of each account and excludes the management account: $administrator',
  (context) => {
    expect(only(rollout(context).template('Pack'), PACK)).toEqual({
      OrganizationConformancePackName: 'root-access-key-rule-org',
      TemplateBody: readFileSync(PACK_FILE, 'utf8'),
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
  },
);

test('the pack excludes the accounts of the setting and delivers to the bucket of the setting', () => {
  const { template } = rollout({
    mode: 'organization-pack',
    ...REQUIRED,
    excludedAccounts: '111111111111, 222222222222',
    deliveryBucket: 'awsconfigconforms-example',
  });
  expect(only(template('Pack'), PACK)).toMatchObject({
    ExcludedAccounts: [{ Ref: 'AWS::AccountId' }, '111111111111', '222222222222'],
    DeliveryS3Bucket: 'awsconfigconforms-example',
  });
});
