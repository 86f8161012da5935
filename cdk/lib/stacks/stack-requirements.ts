import { Aws, CfnResource, Names, type Stack, Tags } from 'aws-cdk-lib';
import { CfnRole, ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { KmsKeys } from '../settings/encryption-keys.ts';
import type { Settings } from '../settings/settings.ts';

/** IAM accepts role names of at most this many characters. */
const ROLE_NAME_LIMIT = 64;

/** What an organization can require of every stack. */
export type StackRequirements = Pick<Settings, 'kmsKeys' | 'rolePath' | 'roleNamePrefix'> & {
  readonly permissionsBoundary?: string | undefined;
  /** Not for the template of a member account: its StackSet has the tags. */
  readonly tags?: Settings['tags'];
};

/** Applies what the operator's organization requires of every stack to all resources of a stack. */
export function applyRequirements(stack: Stack, required: StackRequirements): void {
  const { permissionsBoundary, tags, kmsKeys, rolePath, roleNamePrefix } = required;
  applyPermissionsBoundary(stack, permissionsBoundary);
  for (const [key, value] of Object.entries(tags ?? {})) Tags.of(stack).add(key, value);
  for (const node of stack.node.findAll()) {
    if (node instanceof CfnRole) nameRole(node, { rolePath, roleNamePrefix });
    else if (kmsKeys && CfnResource.isCfnResource(node)) encrypt(node, kmsKeys);
  }
}

function nameRole(role: CfnRole, { rolePath, roleNamePrefix }: StackRequirements): void {
  // Roles of members are already in a folder of their own.
  if (rolePath !== undefined) role.path = rolePath + (role.path ?? '/').slice(1);
  if (roleNamePrefix === undefined) return;
  const maxLength = ROLE_NAME_LIMIT - roleNamePrefix.length;
  role.roleName = roleNamePrefix + Names.uniqueResourceName(role, { maxLength });
}

function encrypt(resource: CfnResource, { logGroup, environment, topic, bucket }: KmsKeys): void {
  if (resource instanceof CfnLogGroup && logGroup) resource.kmsKeyId = logGroup;
  if (resource instanceof CfnFunction && environment) resource.kmsKeyArn = environment;
  if (resource instanceof CfnTopic && topic) resource.kmsMasterKeyId = topic;
  if (resource instanceof CfnBucket && bucket) {
    const byDefault = { sseAlgorithm: 'aws:kms', kmsMasterKeyId: bucket };
    resource.bucketEncryption = {
      serverSideEncryptionConfiguration: [
        { bucketKeyEnabled: true, serverSideEncryptionByDefault: byDefault },
      ],
    };
  }
}

/**
 * Applies a permissions boundary to every role under a scope. The ARN of a customer managed policy gets the account of the
 * role, so every account needs a policy with the same path and name.
 */
function applyPermissionsBoundary(scope: Construct, policyArn: string | undefined): void {
  if (policyArn === undefined) return;
  const here = policyArn.replace(/^(arn:[a-z-]+:iam::)\d{12}(?=:)/, `$1${Aws.ACCOUNT_ID}`);
  PermissionsBoundary.of(scope).apply(ManagedPolicy.fromManagedPolicyArn(scope, 'Boundary', here));
}
