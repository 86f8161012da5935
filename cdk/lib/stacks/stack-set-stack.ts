import { CfnStackSet, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { OrganizationBus } from '../notifications/organization-bus.ts';
import { ARTIFACT_BUCKET, ARTIFACT_KEY } from '../rule/artifact.ts';
import type { OrganizationSettings } from '../settings/organization-settings.ts';
import { IAM_EVENTS_STACK_SET, NAME, ORGANIZATION_NAME } from '../settings/product.ts';
import type { ArtifactStack } from './artifact-stack.ts';
import { BUS_PARAMETER } from './member-stack.ts';

/** What the StackSets of a rollout have in common. */
export interface Rollout {
  /** The stack with the bus for the accounts' events, if there is a recipient of notifications. */
  readonly alerts?: Stack | undefined;
  readonly organization: OrganizationSettings;
  /** Whether the roles have names that CloudFormation does not generate. */
  readonly hasRoleNames: boolean;
}

export interface StackSetStackProps extends StackProps {
  readonly rollout: Rollout;
  /** The template of the stack in each account, as JSON. */
  readonly memberTemplate: string;
  /** The stack with the bucket of the built function. */
  readonly artifact: ArtifactStack;
}

/** Deploys the member template to every present and future account of the organizational units. */
export class StackSetStack extends Stack {
  constructor(scope: Construct, id: string, props: StackSetStackProps) {
    const { rollout, memberTemplate, artifact, ...stack } = props;
    super(scope, id, { description: `${NAME}: the rollout to the accounts of the organization.`, ...stack });
    // On the stack, not a resource: the accounts need the build and the bucket's policy, to which nothing here refers.
    this.addStackDependency(artifact, 'the accounts read the build from its bucket');
    createStackSet(this, rollout, {
      memberTemplate,
      stackSetName: ORGANIZATION_NAME,
      description: `${NAME} in every account.`,
      // One region: IAM is global.
      region: this.region,
      parameters: {
        [ARTIFACT_BUCKET]: artifact.bucket.bucketName,
        [ARTIFACT_KEY]: artifact.key,
      },
    });
  }
}

export interface IamEventsStackSetStackProps extends StackProps {
  readonly rollout: Rollout;
  /** The template of the stack in each account, as JSON. */
  readonly memberTemplate: string;
  /** The region in which IAM's events arrive. */
  readonly iamEventRegion: string;
}

/**
 * Forwards IAM's events of every account of the organizational units to another home region. It is a stack of its own,
 * because a region that is denied to the accounts must not roll back the rule.
 */
export class IamEventsStackSetStack extends Stack {
  constructor(scope: Construct, id: string, props: IamEventsStackSetStackProps) {
    const { rollout, memberTemplate, iamEventRegion, ...stack } = props;
    super(scope, id, {
      description: `${NAME}: forwards IAM's events of the accounts to the home region.`,
      ...stack,
    });
    createStackSet(this, rollout, {
      memberTemplate,
      stackSetName: IAM_EVENTS_STACK_SET,
      description: `${NAME}: forwards IAM's events to ${this.region}.`,
      region: iamEventRegion,
      parameters: {},
    });
  }
}

interface Target {
  readonly stackSetName: string;
  readonly description: string;
  /** The region of the accounts' stacks. */
  readonly region: string;
  /** Parameters of the template, besides the bus. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly memberTemplate: string;
}

function createStackSet(
  stack: Stack,
  { alerts, organization, hasRoleNames }: Rollout,
  { stackSetName, description, region, parameters, memberTemplate }: Target,
): void {
  const dependsOn = [...organization.dependsOnStackSets];
  if (alerts) stack.addStackDependency(alerts, 'the accounts send events to its bus');
  const all = { ...parameters, ...(alerts && { [BUS_PARAMETER]: OrganizationBus.arn(stack) }) };
  new CfnStackSet(stack, 'StackSet', {
    stackSetName,
    description,
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
    stackInstancesGroup: [
      {
        deploymentTargets: { organizationalUnitIds: [...organization.organizationalUnits] },
        regions: [region],
      },
    ],
    parameters: Object.entries(all).map(([parameterKey, parameterValue]) => ({
      parameterKey,
      parameterValue,
    })),
    templateBody: memberTemplate,
  });
}
