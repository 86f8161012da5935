import { expect, test } from 'vitest';
import { accountTemplate } from '../fixtures/account.ts';
import { arn, roleOf } from '../fixtures/template.ts';

const role = roleOf(accountTemplate({}, { region: 'us-east-1' }), /^Role/);

test('only Lambda assumes the role', () => {
  expect(role.AssumeRolePolicyDocument).toEqual({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
    ],
  });
});

test('the role allows an evaluation, its log lines, the report of a final failure, and nothing else', () => {
  expect(role.Policies).toEqual([
    statement('Evaluate', {
      Action: [
        'config:PutEvaluations',
        'iam:GenerateCredentialReport',
        'iam:GetAccountSummary',
        'iam:GetCredentialReport',
      ],
      Resource: '*',
    }),
    statement('Log', {
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^LogGroup/), 'Arn'] },
    }),
    statement('ReportFinalFailure', {
      Action: 'events:PutEvents',
      Resource: arn('events:us-east-1', 'event-bus/default'),
    }),
  ]);
});

test('the role has inline policies only', () => {
  expect(role.ManagedPolicyArns).toBeUndefined();
  const types = Object.values(accountTemplate().toJSON().Resources).map(
    (resource) => (resource as { Type: string }).Type,
  );
  expect(types.filter((type) => /Policy$/.test(type))).toEqual([]);
});

test('the role has no fixed name, and a permissions boundary only if it is set', () => {
  expect(role).not.toHaveProperty('RoleName');
  expect(role).not.toHaveProperty('PermissionsBoundary');
  const permissionsBoundary = 'arn:aws:iam::111122223333:policy/Boundary';
  expect(roleOf(accountTemplate({ permissionsBoundary }), /^Role/)).toMatchObject({
    PermissionsBoundary: {
      'Fn::Join': ['', ['arn:aws:iam::', { Ref: 'AWS::AccountId' }, ':policy/Boundary']],
    },
  });
});

function statement(name: string, allowed: object): object {
  const Statement = [{ Effect: 'Allow', ...allowed }];
  return { PolicyName: name, PolicyDocument: { Version: '2012-10-17', Statement } };
}
