import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import controls from '../../controls.json' with { type: 'json' };
import { NOTIFICATIONS } from '../../lib/notifications/notifications.ts';
import { relatedRequirements } from '../../lib/security-hub/finding.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { MemberStack } from '../../lib/stacks/member-stack.ts';
import { accountTemplate } from '../fixtures/account.ts';
import { REQUIRED, rollout } from '../fixtures/organization.ts';
import { permissions } from '../fixtures/permissions.ts';

const WITH = { securityHub: true, alertEmail: 'security@example.com' };

interface Resources {
  readonly Resources: Readonly<Record<string, { readonly Properties?: Readonly<Record<string, unknown>> }>>;
}

function publishedMember(): Resources {
  const settings = readSettings({ mode: 'member-template', securityHub: 'true' }, {});
  const stack = new MemberStack(new App({ context: cdkJson.context }), { architecture: 'x86_64', settings });
  return Template.fromStack(stack).toJSON() as Resources;
}

const ROLLOUT = rollout({ mode: 'stack-set', ...REQUIRED, ...WITH });
const KEY = 'arn:aws:kms:us-east-1:111122223333:key/1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d';

describe.each<[string, Resources, string]>([
  ['account', accountTemplate(WITH).toJSON() as Resources, 'root-access-key-rule'],
  ['template', accountTemplate({ ...WITH, mode: 'template' }).toJSON() as Resources, 'root-access-key-rule'],
  ['stack-set', ROLLOUT.member, 'root-access-key-rule-org'],
  [
    'organization-pack',
    rollout({ mode: 'organization-pack', ...REQUIRED, ...WITH }).member,
    'root-access-key-rule-org',
  ],
  ['member-template', publishedMember(), 'root-access-key-rule-org'],
])('in mode %s', (_, { Resources }, name) => {
  const ours = Object.entries(Resources).filter(([id]) => id.startsWith('SecurityHub'));
  const of = (id: string) =>
    ours.filter(([it]) => it.startsWith(`SecurityHub${id}`)).map(([, it]) => it.Properties ?? {});

  test('a change of compliance and the week start the state machine', () => {
    const [machine] = of('StateMachine').filter(({ StateMachineName }) => StateMachineName);
    expect(machine?.StateMachineName).toBe(`${name}-security-hub`);
    expect(of('ComplianceChanged')).toMatchObject([
      {
        EventPattern: {
          account: [{ Ref: 'AWS::AccountId' }],
          source: ['aws.config'],
          'detail-type': ['Config Rules Compliance Change'],
          detail: { configRuleName: [{ prefix: 'root-access-key-rule' }] },
        },
      },
    ]);
    expect(of('Weekly')).toMatchObject([{ ScheduleExpression: 'rate(7 days)', State: 'ENABLED' }]);
  });

  test('the state machine may read the results and import them as the account’s own product, and nothing else', () => {
    const allowed = permissions({ Resources: Object.fromEntries(ours) })
      .filter((it) => it.startsWith('SecurityHubImporter'))
      .map((it) => it.replace(/^\w+: /, '').replaceAll(/:(us-east-1|\$\{AWS::Region\}):/g, ':REGION:'));
    const here = ':REGION:${AWS::AccountId}:';
    expect(allowed).toEqual([
      'Allow states.amazonaws.com sts:AssumeRole if {"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}}',
      'Allow config:DescribeConfigRules on *',
      `Allow config:GetComplianceDetailsByConfigRule on arn:\${AWS::Partition}:config${here}config-rule/*`,
      `Allow securityhub:BatchImportFindings on arn:\${AWS::Partition}:securityhub${here}product/\${AWS::AccountId}/default`,
    ]);
  });
});

test('a failed import is notified where notifications are, and only with the setting', () => {
  const count = (template: Resources) =>
    Object.keys(template.Resources).filter((id) => id.includes('FindingNotImported')).length;
  expect(count(accountTemplate(WITH).toJSON() as Resources)).toBe(1);
  expect(count(ROLLOUT.template('Alerts').toJSON() as Resources)).toBe(1);
  expect(count(ROLLOUT.member)).toBe(1);
  expect(NOTIFICATIONS.map(({ id }) => id)).not.toContain('FindingNotImported');
});

test('the related requirements are verified controls and fit into a finding', () => {
  const requirements = relatedRequirements();
  expect(requirements).toContain('CIS AWS Foundations Benchmark v5.0.0/1.3');
  expect(requirements).toContain('AWS Foundational Security Best Practices v1.0.0/IAM.4');
  expect(requirements.length).toBeLessThanOrEqual(32);
  expect(requirements.filter((it) => it.length > 64)).toEqual([]);
  for (const { verified, framework, control } of controls) {
    if (verified) continue;
    expect(requirements.filter((it) => it.startsWith(framework) && it.endsWith(`/${control}`))).toEqual([]);
  }
});

test.each(['us-east-1', 'eu-central-1'])(
  'with everything on, a member’s template in %s fits into a request',
  (homeRegion) => {
    const { template } = rollout(
      {
        mode: 'stack-set',
        ...REQUIRED,
        ...WITH,
        homeRegion,
        rolePath: '/a-long-path-of-a-platform-team/',
        roleNamePrefix: 'a-prefix-of-20-chars',
        permissionsBoundary: 'arn:aws:iam::111122223333:policy/Boundary',
        kmsKeys: Object.fromEntries(
          ['logGroup', 'environment', 'topic', 'bucket'].map((use) => [
            use,
            KEY.replace('us-east-1', homeRegion),
          ]),
        ),
        tags: { team: 'security' },
      },
      homeRegion,
    );
    const { TemplateBody } = Object.values(
      template('StackSet').findResources('AWS::CloudFormation::StackSet'),
    )[0]?.Properties as { TemplateBody: string };
    expect(TemplateBody.length).toBeGreaterThan(20_000);
    expect(Buffer.byteLength(TemplateBody)).toBeLessThan(51_200);
  },
);
