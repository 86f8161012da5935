import { expect, test } from 'vitest';
import { accountTemplate } from '../fixtures/account.ts';
import { permissions } from '../fixtures/permissions.ts';
import { inventory } from '../fixtures/template.ts';

const EVERYTHING = {
  alertEmail: 'security@example.com',
  permissionsBoundary: 'arn:aws-cn:iam::111122223333:policy/Boundary',
};

test.each(['us-east-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1'])(
  'in %s no ARN names a partition',
  (region) => {
    const text = JSON.stringify(accountTemplate({ alertEmail: 'security@example.com' }, { region }));
    expect(text).toContain('AWS::Partition');
    expect(text).not.toMatch(/arn:aws/);
  },
);

test('every resource that supports tags has the tags', () => {
  const { Resources } = accountTemplate({ ...EVERYTHING, tags: { team: 'security' } }).toJSON();
  const tagged = Object.values<{ Type: string; Properties: { Tags?: object[] } }>(Resources)
    .filter((resource) => resource.Properties.Tags)
    .map((resource) => {
      expect(resource.Properties.Tags).toEqual([{ Key: 'team', Value: 'security' }]);
      return resource.Type;
    });
  expect([...new Set(tagged)].sort()).toEqual([
    'AWS::CloudWatch::Alarm',
    'AWS::Events::Rule',
    'AWS::IAM::Role',
    'AWS::Lambda::Function',
    'AWS::Logs::LogGroup',
    'AWS::SNS::Topic',
    'AWS::StepFunctions::StateMachine',
  ]);
});

test('the names in the stack are these', () => {
  const everything = accountTemplate({ ...EVERYTHING, dashboard: 'true' });
  expect(inventory(everything.toJSON())).toMatchSnapshot();
});

test('these principals have these permissions, and no others', () => {
  const template = accountTemplate({ alertEmail: 'security@example.com' }, { region: 'us-east-1' });
  expect(permissions(template.toJSON() as { Resources: object })).toMatchSnapshot();
});
