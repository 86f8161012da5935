import { Aws, type Stack, Tags } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';

/** Bounds every role of a stack and tags everything that can carry tags, as the operator says. */
export function applyTagsAndBoundary(
  stack: Stack,
  {
    permissionsBoundary,
    tags,
  }: Pick<Settings, 'tags'> & { readonly permissionsBoundary?: string | undefined },
): void {
  applyPermissionsBoundary(stack, permissionsBoundary);
  for (const [key, value] of Object.entries(tags)) Tags.of(stack).add(key, value);
}

/**
 * Bounds every role under a scope by a managed policy. A customer's policy is taken from the account where
 * the role is made: it has to be there, under the same path and name, in every one.
 */
export function applyPermissionsBoundary(scope: Construct, policyArn: string | undefined): void {
  if (policyArn === undefined) return;
  const here = policyArn.replace(/^(arn:[a-z-]+:iam::)\d{12}(?=:)/, `$1${Aws.ACCOUNT_ID}`);
  PermissionsBoundary.of(scope).apply(ManagedPolicy.fromManagedPolicyArn(scope, 'Boundary', here));
}
