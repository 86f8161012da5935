import { expect, test } from 'vitest';
import { DOCS_URL, ruleDescription } from '../../lib/settings/product.ts';
import { accountTemplate, only } from '../fixtures/account.ts';
import { createdBefore } from '../fixtures/organization.ts';

const template = accountTemplate();

test('the rule asks the function once a day', () => {
  expect(only(template, 'AWS::Config::ConfigRule')).toEqual({
    ConfigRuleName: 'root-access-key-rule',
    Description: ruleDescription(DOCS_URL),
    Source: {
      Owner: 'CUSTOM_LAMBDA',
      SourceIdentifier: { 'Fn::GetAtt': [ids('AWS::Lambda::Function')[0], 'Arn'] },
      SourceDetails: [
        {
          EventSource: 'aws.config',
          MessageType: 'ScheduledNotification',
          MaximumExecutionFrequency: 'TwentyFour_Hours',
        },
      ],
    },
  });
});

test('the rule asks as often as the operator says', () => {
  expect(only(accountTemplate({ frequency: 'Three_Hours' }), 'AWS::Config::ConfigRule')).toMatchObject({
    Source: { SourceDetails: [{ MaximumExecutionFrequency: 'Three_Hours' }] },
  });
});

test('the rule is made after the function, the permission to invoke it and its failure destination', () => {
  const { Resources } = template.toJSON() as { Resources: Record<string, object> };
  const [rule] = Object.keys(template.findResources('AWS::Config::ConfigRule'));
  expect([...createdBefore(Resources, rule ?? '')]).toEqual(
    expect.arrayContaining(['Function', 'Permission', 'EventInvokeConfig'].map((it) => `AWS::Lambda::${it}`)),
  );
});

test('the description links the runbook of mirrored documents', () => {
  const rule = only(
    accountTemplate({ docsUrl: 'https://wiki.example.com/root-keys' }),
    'AWS::Config::ConfigRule',
  );
  expect(rule.Description).toMatch(/ Fix: https:\/\/wiki\.example\.com\/root-keys\/remediation\.md$/);
});

function ids(type: string): string[] {
  const found = Object.keys(template.findResources(type));
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type}`);
  return found;
}
