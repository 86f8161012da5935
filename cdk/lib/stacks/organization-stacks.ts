import type { App, Stack } from 'aws-cdk-lib';
import type { Recipients } from '../notifications/recipients.ts';
import { hasRecipients } from '../settings/has-recipients.ts';
import { warnReEvaluationNotDeployed } from '../re-evaluation/re-evaluation.ts';
import { type Artifact, readArtifact } from '../rule/artifact.ts';
import { forwardingRegion } from '../settings/home-region.ts';
import type { OrganizationSettings } from '../settings/organization-settings.ts';
import type { Settings } from '../settings/settings.ts';
import {
  ALERTS_STACK,
  ARTIFACT_STACK,
  IAM_EVENTS_STACK_SET_STACK,
  PACK_STACK,
  STACK_SET_STACK,
  WATCH_STACK,
} from '../settings/stack-names.ts';
import { ArtifactStack } from './artifact-stack.ts';
import { memberTemplates } from './member-templates.ts';
import { OrganizationAlertsStack } from './organization-alerts-stack.ts';
import { OrganizationPackStack } from './organization-pack-stack.ts';
import { OrganizationWatchStack } from './organization-watch-stack.ts';
import { IamEventsStackSetStack, StackSetStack } from './stack-set-stack.ts';
import { applyRequirements } from './stack-requirements.ts';

export interface OrganizationProps {
  /** The built function. */
  readonly artifact: Artifact;
  readonly settings: Settings;
  readonly organization: OrganizationSettings;
}

/** Creates the stacks of the administrator account, in the order of their deployment. */
export function organizationStacks(app: App, props: OrganizationProps): Stack[] {
  const { artifact, settings, organization } = props;
  const { path, architecture } = artifact;
  const env = settings.environment;
  const published = new ArtifactStack(app, ARTIFACT_STACK, {
    env,
    path,
    organizationId: organization.organizationId,
    bucketKey: settings.kmsKeys?.bucket,
  });
  const alerts = hasRecipients(settings)
    ? new OrganizationAlertsStack(app, ALERTS_STACK, {
        env,
        settings,
        organizationId: organization.organizationId,
      })
    : undefined;
  const members = memberTemplates(app, { architecture, settings });
  const rollout = { alerts, organization, hasRoleNames: settings.roleNamePrefix !== undefined };
  const stackSet = new StackSetStack(app, STACK_SET_STACK, {
    env,
    rollout,
    artifact: published,
    memberTemplate: members.home,
  });
  const stacks: Stack[] = [published, ...(alerts ? [alerts] : []), stackSet];
  const iamEventRegion = forwardingRegion(settings);
  if (iamEventRegion !== undefined && members.iamEvents !== undefined) {
    const memberTemplate = members.iamEvents;
    stacks.push(
      new IamEventsStackSetStack(app, IAM_EVENTS_STACK_SET_STACK, {
        env,
        rollout,
        memberTemplate,
        iamEventRegion,
      }),
    );
  }
  if (settings.mode === 'organization-pack') {
    const pack = new OrganizationPackStack(app, PACK_STACK, {
      env,
      settings,
      organization,
    });
    pack.addStackDependency(stackSet, 'a rule without its function fails the pack');
    stacks.push(pack);
  }
  if (alerts) stacks.push(...watchStacks(app, props, { recipients: alerts.recipients, stackSet }));
  if (settings.iamEventRegion === undefined) warnReEvaluationNotDeployed(stackSet, settings);
  for (const stack of stacks) applyRequirements(stack, settings);
  return stacks;
}

/** The stack of the watch, if there is one. */
function watchStacks(
  app: App,
  { settings, organization }: OrganizationProps,
  { recipients, stackSet }: { readonly recipients: Recipients; readonly stackSet: Stack },
): Stack[] {
  const { watch } = organization;
  if (!watch) return [];
  const stack = new OrganizationWatchStack(app, WATCH_STACK, {
    env: settings.environment,
    settings,
    organization,
    watch,
    artifact: readArtifact(watch.artifact, settings.architecture),
    recipients,
  });
  stack.addStackDependency(stackSet, 'it reports what has not been rolled out');
  return [stack];
}
