import { expect, test } from 'vitest';
import { accountTemplate } from '../fixtures/account.ts';
import { roleOf } from '../fixtures/template.ts';

const role = roleOf(accountTemplate({}, { region: 'us-east-1' }), /^Role/);

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
