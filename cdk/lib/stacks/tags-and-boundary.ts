import { Aws, type Stack, Tags } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';

/** Applies the permissions boundary to every role of a stack and the tags to every resource that supports tags. */
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
 * Applies a permissions boundary to every role under a scope. The ARN of a customer managed policy gets the account of the
 * role, so every account needs a policy with the same path and name.
 */
export function applyPermissionsBoundary(scope: Construct, policyArn: string | undefined): void {
  if (policyArn === undefined) return;
  const here = policyArn.replace(/^(arn:[a-z-]+:iam::)\d{12}(?=:)/, `$1${Aws.ACCOUNT_ID}`);
  PermissionsBoundary.of(scope).apply(ManagedPolicy.fromManagedPolicyArn(scope, 'Boundary', here));
}
