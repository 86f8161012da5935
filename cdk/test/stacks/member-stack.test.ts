import { readFileSync } from 'node:fs';
import { App, BootstraplessSynthesizer } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { NOTIFICATIONS } from '../../lib/notifications/notifications.ts';
import { parameterCode } from '../../lib/rule/artifact.ts';
import { PACK_FILE } from '../../lib/rule/conformance-pack.ts';
import { MEMBER_ROLE_PATH, NAME, ORGANIZATION_NAME } from '../../lib/settings/product.ts';
import { AccountStack } from '../../lib/stacks/account-stack.ts';
import { EVERY_ROLLOUT } from '../fixtures/every-rollout.ts';
import { REQUIRED, resource, rollout } from '../fixtures/organization.ts';
import { permissions } from '../fixtures/permissions.ts';
import { createdBefore, inventory } from '../fixtures/template.ts';

const plain = rollout({ mode: 'stack-set', ...REQUIRED });

describe.each(EVERY_ROLLOUT)('$name', ({ region, context, member }) => {
  const hasRecipient = 'alertEmail' in context;
  const resources = Object.values(member.Resources);
  const roles = resources.filter(({ Type }) => Type === 'AWS::IAM::Role');

  test('a member gets the function; the pack in mode stack-set; re-evaluation where IAM’s events arrive; forwarding if there is a recipient', () => {
    const reEvaluation = region === 'eusc-de-east-1' ? 0 : 1;
    const expected = {
      'AWS::Config::ConformancePack': context.mode === 'organization-pack' ? 0 : 1,
      'AWS::Events::Rule': reEvaluation + (hasRecipient ? NOTIFICATIONS.length : 0),
      'AWS::IAM::Role': 1 + 2 * reEvaluation + (hasRecipient ? 3 : 0),
      'AWS::Lambda::EventInvokeConfig': 1,
      'AWS::Lambda::Function': 1,
      'AWS::Lambda::Permission': 1,
      'AWS::Logs::LogGroup': 1,
      'AWS::StepFunctions::StateMachine': reEvaluation + (hasRecipient ? 2 : 0),
    };
    const counts = Object.fromEntries(Object.keys(expected).map((type) => [type, 0]));
    for (const { Type } of resources) counts[Type] = (counts[Type] ?? 0) + 1;
    expect(counts).toEqual(expected);
  });

  test('no role has a name, which would need CAPABILITY_NAMED_IAM', () => {
    for (const { Properties } of roles) {
      expect(Properties).not.toHaveProperty('RoleName');
      expect(Properties.Path).toBe('/root-access-key-rule/');
    }
  });

  test('the template needs no CDK bootstrap and fits into a request', () => {
    expect(member.Rules).toBeUndefined();
    expect(JSON.stringify(member)).not.toContain('cdk-hnb659fds');
    expect(Buffer.byteLength(JSON.stringify(member))).toBeLessThanOrEqual(51_200);
  });
});

test('what a member shares with the account stack differs by names and the path of roles only', () => {
  const { member, settings, architecture } = plain;
  const account = Template.fromStack(
    new AccountStack(new App({ context: cdkJson.context }), 'Account', {
      synthesizer: new BootstraplessSynthesizer(),
      code: parameterCode,
      architecture,
      settings,
    }),
  ).toJSON().Resources;
  const { Pack, ...shared } = member.Resources;
  expect(Pack?.Type).toBe('AWS::Config::ConformancePack');
  const renamed = (it: object) =>
    JSON.parse(
      JSON.stringify(it)
        .replaceAll(`"${ORGANIZATION_NAME}"`, `"${NAME}"`)
        .replace(`"Path":"${MEMBER_ROLE_PATH}",`, ''),
    ) as object;
  for (const [id, inMember] of Object.entries(shared)) expect(renamed(inMember)).toEqual(account[id]);
});

test("a member's pack calls the function of its account and is created after everything that it needs", () => {
  const { member } = plain;
  const functionArn = { 'Fn::GetAtt': [expect.stringMatching(/^Function/), 'Arn'] };
  expect(resource(member, 'AWS::Config::ConformancePack').Properties).toEqual({
    ConformancePackName: 'root-access-key-rule-org',
    TemplateBody: readFileSync(PACK_FILE, 'utf8'),
    ConformancePackInputParameters: [
      { ParameterName: 'FunctionArn', ParameterValue: functionArn },
      { ParameterName: 'MaximumExecutionFrequency', ParameterValue: 'TwentyFour_Hours' },
      { ParameterName: 'RuleDescription', ParameterValue: expect.any(String) },
    ],
  });
  expect([...createdBefore(member.Resources, 'Pack')].sort()).toEqual([
    'AWS::IAM::Role',
    'AWS::Lambda::EventInvokeConfig',
    'AWS::Lambda::Function',
    'AWS::Lambda::Permission',
    'AWS::Logs::LogGroup',
  ]);
});

test("the names and the permissions in a member's stack are these", () => {
  const { member } = rollout({ mode: 'stack-set', ...REQUIRED, alertEmail: 'security@example.com' });
  expect(inventory(member)).toMatchSnapshot();
  expect(permissions(member)).toMatchSnapshot('permissions');
});
