import { CfnStackSet, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { OrganizationBus } from '../notifications/organization-bus.ts';
import { ARTIFACT_BUCKET, ARTIFACT_KEY } from '../rule/artifact.ts';
import type { OrganizationSettings } from '../settings/organization-settings.ts';
import { NAME, ORGANIZATION_NAME } from '../settings/product.ts';
import type { ArtifactStack } from './artifact-stack.ts';
import { BUS_PARAMETER } from './member-stack.ts';

export interface StackSetStackProps extends StackProps {
  /** The stack with the bucket of the built function. */
  readonly artifact: ArtifactStack;
  /** The stack with the bus for the accounts' events, if there is a recipient of notifications. */
  readonly alerts?: Stack | undefined;
  /** The template of the stack in each account, as JSON. */
  readonly memberTemplate: string;
  readonly organization: OrganizationSettings;
  /** Whether the roles have names that CloudFormation does not generate. */
  readonly hasRoleNames: boolean;
}

/** Deploys the member template to every present and future account of the organizational units. */
export class StackSetStack extends Stack {
  constructor(scope: Construct, id: string, props: StackSetStackProps) {
    const { artifact, alerts, memberTemplate, organization, hasRoleNames, ...stack } = props;
    const dependsOn = [...organization.dependsOnStackSets];
    super(scope, id, { description: `${NAME}: the rollout to the accounts of the organization.`, ...stack });
    // On the stack, not a resource: the accounts need the build and the bucket's policy, to which nothing here refers.
    this.addStackDependency(artifact, 'the accounts read the build from its bucket');
    if (alerts) this.addStackDependency(alerts, 'the accounts send events to its bus');
    new CfnStackSet(this, 'StackSet', {
      stackSetName: ORGANIZATION_NAME,
      description: `${NAME} in every account.`,
      permissionModel: 'SERVICE_MANAGED',
      callAs: organization.administrator === 'delegated-administrator' ? 'DELEGATED_ADMIN' : 'SELF',
      autoDeployment: {
        enabled: true,
        retainStacksOnAccountRemoval: false,
        // Orders the operations of auto-deployment only.
        ...(dependsOn.length > 0 && { dependsOn }),
      },
      // An operation waits for another one instead of failing.
      managedExecution: { Active: true },
      capabilities: [hasRoleNames ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'],
      operationPreferences: {
        // A few accounts always fail (no recorder, suspended) and must not delay the others. If a tenth fails, the cause
        // is general. The concurrency mode is soft, because a strict one would also limit the concurrency to the tolerance.
        failureTolerancePercentage: 10,
        concurrencyMode: 'SOFT_FAILURE_TOLERANCE',
        // Four waves: a build that cannot be deployed stops before it reaches half of the accounts.
        maxConcurrentPercentage: 25,
      },
      // One region: IAM is global.
      stackInstancesGroup: [
        {
          deploymentTargets: { organizationalUnitIds: [...organization.organizationalUnits] },
          regions: [this.region],
        },
      ],
      parameters: [
        { parameterKey: ARTIFACT_BUCKET, parameterValue: artifact.bucket.bucketName },
        { parameterKey: ARTIFACT_KEY, parameterValue: artifact.key },
        ...(alerts ? [{ parameterKey: BUS_PARAMETER, parameterValue: OrganizationBus.arn(this) }] : []),
      ],
      templateBody: memberTemplate,
    });
  }
}
