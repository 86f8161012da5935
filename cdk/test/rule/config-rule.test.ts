import { expect, test } from 'vitest';
import { DOCS_URL, ruleDescription } from '../../lib/settings/product.ts';
import { accountTemplate } from '../fixtures/account.ts';
import { createdBefore, idOf, only } from '../fixtures/template.ts';

const template = accountTemplate();

test('the rule invokes the function once a day', () => {
  expect(only(template, 'AWS::Config::ConfigRule')).toEqual({
    ConfigRuleName: 'root-access-key-rule',
    Description: ruleDescription(DOCS_URL),
    Source: {
      Owner: 'CUSTOM_LAMBDA',
      SourceIdentifier: { 'Fn::GetAtt': [idOf(template, 'AWS::Lambda::Function'), 'Arn'] },
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

test('the setting frequency changes how often the rule invokes the function', () => {
  expect(only(accountTemplate({ frequency: 'Three_Hours' }), 'AWS::Config::ConfigRule')).toMatchObject({
    Source: { SourceDetails: [{ MaximumExecutionFrequency: 'Three_Hours' }] },
  });
});

test('the rule is created after the function, the permission to invoke it and its failure destination', () => {
  const { Resources } = template.toJSON() as { Resources: Record<string, object> };
  expect([...createdBefore(Resources, idOf(template, 'AWS::Config::ConfigRule'))]).toEqual(
    expect.arrayContaining(['Function', 'Permission', 'EventInvokeConfig'].map((it) => `AWS::Lambda::${it}`)),
  );
});

test('the description links the runbook at docsUrl', () => {
  const rule = only(
    accountTemplate({ docsUrl: 'https://wiki.example.com/root-keys' }),
    'AWS::Config::ConfigRule',
  );
  expect(rule.Description).toMatch(/ Fix: https:\/\/wiki\.example\.com\/root-keys\/remediation\.md$/);
});
