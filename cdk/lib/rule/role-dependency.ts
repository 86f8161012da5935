import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/**
 * Removes the `DependsOn` that the CDK gives each function under a scope for its role. The function refers to
 * the role's ARN, which already orders the two, so `cloudformation-validate` reports the other as redundant (W3005).
 *
 * Use it only for roles with inline policies: the function would not wait for an
 * `AWS::IAM::Policy`.
 */
export function dependOnRolesByReference(scope: Construct): void {
  for (const node of scope.node.findAll()) {
    if (node instanceof CfnFunction) node.addDeletionOverride('DependsOn');
  }
}
