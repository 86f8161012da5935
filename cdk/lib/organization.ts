import type { App, Stack } from 'aws-cdk-lib';
import { ALERTS_STACK } from './alert-subscription.ts';
import { isTold } from './alert-topic.ts';
import type { Artifact } from './artifact.ts';
import { ArtifactStack } from './artifact-stack.ts';
import { memberTemplate } from './member-stack.ts';
import { OrganizationAlertsStack } from './organization-alerts-stack.ts';
import { OrganizationPackStack } from './organization-pack-stack.ts';
import type { OrganizationSettings } from './organization-settings.ts';
import { warnOfNoReEvaluation } from './re-evaluation.ts';
import type { Settings } from './settings.ts';
import { StackSetStack } from './stack-set-stack.ts';
import { applyStackWide } from './stack-wide.ts';

export interface OrganizationProps {
  /** The built function. */
  readonly artifact: Artifact;
  readonly settings: Settings;
  readonly organization: OrganizationSettings;
}

/** The stacks of an organization's administrator, in the order of their deployment. */
export function organizationStacks(app: App, props: OrganizationProps): Stack[] {
  const { artifact, settings, organization } = props;
  const { path, architecture } = artifact;
  const env = settings.environment;
  const published = new ArtifactStack(app, 'RootAccessKeyRuleOrganizationArtifact', {
    env,
    path,
    organizationId: organization.organizationId,
  });
  const alerts = isTold(settings)
    ? new OrganizationAlertsStack(app, ALERTS_STACK, {
        env,
        settings,
        organizationId: organization.organizationId,
      })
    : undefined;
  const stackSet = new StackSetStack(app, 'RootAccessKeyRuleOrganizationStackSet', {
    env,
    artifact: published,
    alerts,
    memberTemplate: memberTemplate(app, { architecture, settings }),
    organization,
  });
  const stacks: Stack[] = [published, ...(alerts ? [alerts] : []), stackSet];
  if (settings.mode === 'organization-pack') {
    const pack = new OrganizationPackStack(app, 'RootAccessKeyRuleOrganizationPack', {
      env,
      settings,
      organization,
    });
    pack.addStackDependency(stackSet, 'a rule without its function fails the pack');
    stacks.push(pack);
  }
  if (settings.iamEventRegion !== env.region) warnOfNoReEvaluation(stackSet, settings);
  for (const stack of stacks) applyStackWide(stack, settings);
  return stacks;
}
