import { App, BootstraplessSynthesizer, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { conformancePack, PACK_FILE } from '../../lib/rule/conformance-pack.ts';
import { DOCS_URL, NAME, ORGANIZATION_NAME, ruleDescription } from '../../lib/settings/product.ts';
import { FREQUENCIES, readSettings } from '../../lib/settings/settings.ts';

const template = read();

function read() {
  const stack = new Stack(new App({ context: cdkJson.context }), 'Pack', {
    synthesizer: new BootstraplessSynthesizer(),
  });
  new CfnInclude(stack, 'Template', { templateFile: PACK_FILE });
  return Template.fromStack(stack).toJSON();
}

test('the pack contains one rule and nothing else', () => {
  expect(Object.keys(template.Resources)).toEqual(['RootAccessKeyRule']);
  expect(template.Resources.RootAccessKeyRule).toMatchObject({
    Type: 'AWS::Config::ConfigRule',
    Properties: {
      ConfigRuleName: NAME,
      Description: { Ref: 'RuleDescription' },
      Source: { SourceDetails: [{ MaximumExecutionFrequency: { Ref: 'MaximumExecutionFrequency' } }] },
    },
  });
});

test('the defaults of the pack’s parameters are those of the app', () => {
  const defaults = Object.entries<{ Default: string }>(template.Parameters).map(([name, it]) => [
    name,
    it.Default,
  ]);
  expect(Object.fromEntries(defaults)).toEqual({
    FunctionArn: '',
    FunctionName: ORGANIZATION_NAME,
    MaximumExecutionFrequency: readSettings({}, {}).frequency,
    RuleDescription: ruleDescription(DOCS_URL),
  });
});

test('the pack accepts every frequency that the app accepts', () => {
  expect(template.Parameters.MaximumExecutionFrequency.AllowedValues).toEqual(Object.keys(FREQUENCIES));
});

test('the app sets only parameters that the pack has', () => {
  const settings = readSettings({ frequency: 'One_Hour', docsUrl: 'https://example.com/docs' }, {});
  const { conformancePackInputParameters: given } = conformancePack({ FunctionArn: 'arn' }, settings);
  expect(given).toEqual([
    { parameterName: 'FunctionArn', parameterValue: 'arn' },
    { parameterName: 'MaximumExecutionFrequency', parameterValue: 'One_Hour' },
    { parameterName: 'RuleDescription', parameterValue: ruleDescription('https://example.com/docs') },
  ]);
  for (const { parameterName } of given) expect(template.Parameters).toHaveProperty(parameterName);
});

test('the pack fits into a request', () => {
  const { templateBody } = conformancePack({ FunctionName: 'x' }, readSettings({}, {}));
  expect(Buffer.byteLength(templateBody)).toBeLessThanOrEqual(51_200);
});
