import { CfnStackSet, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { OrganizationBus } from '../notifications/organization-bus.ts';
import { ARTIFACT_BUCKET, ARTIFACT_KEY } from '../rule/artifact.ts';
import type { OrganizationSettings } from '../settings/organization-settings.ts';
import { NAME, ORGANIZATION_NAME } from '../settings/product.ts';
import type { ArtifactStack } from './artifact-stack.ts';
import { BUS_PARAMETER } from './member-stack.ts';

export interface StackSetStackProps extends StackProps {
  /** Where the accounts get the function from. */
  readonly artifact: ArtifactStack;
  /** Where the accounts' events go, if anybody is told of them. */
  readonly alerts?: Stack | undefined;
  /** What each account gets. */
  readonly memberTemplate: string;
  readonly organization: OrganizationSettings;
}

/** Brings the member template to every account of the chosen organizational units, now and later. */
export class StackSetStack extends Stack {
  constructor(scope: Construct, id: string, props: StackSetStackProps) {
    const { artifact, alerts, memberTemplate, organization, ...stack } = props;
    const dependsOn = [...organization.dependsOnStackSets];
    super(scope, id, { description: `${NAME}: the rollout to the accounts of the organization.`, ...stack });
    // As a whole: the accounts need the build and the bucket's policy, which no reference would wait for.
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
        // Orders operations of auto-deployment, and no others.
        ...(dependsOn.length > 0 && { dependsOn }),
      },
      // Lets an operation wait for another instead of failing.
      managedExecution: { Active: true },
      // The roles have generated names.
      capabilities: ['CAPABILITY_IAM'],
      operationPreferences: {
        // A few accounts are always broken (no recorder, suspended) and must not hold up the others; if a
        // tenth fails, something general is wrong. Soft, or the tolerance would also bound the pace.
        failureTolerancePercentage: 10,
        concurrencyMode: 'SOFT_FAILURE_TOLERANCE',
        // Four waves: a build that cannot be deployed is stopped before it has reached half of the accounts.
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
