import { Aws } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * Bounds every role under a scope by a managed policy. A customer's policy is taken from the account where
 * the role is made: it has to be there, under the same path and name, in every one.
 */
export function boundRoles(scope: Construct, policyArn: string | undefined): void {
  if (policyArn === undefined) return;
  const here = policyArn.replace(/^(arn:[a-z-]+:iam::)\d{12}(?=:)/, `$1${Aws.ACCOUNT_ID}`);
  PermissionsBoundary.of(scope).apply(ManagedPolicy.fromManagedPolicyArn(scope, 'Boundary', here));
}
