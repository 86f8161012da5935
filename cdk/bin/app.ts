import { App, BootstraplessSynthesizer } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { checkSubscription, subscriptionWarning } from '../lib/notifications/email-confirmation.ts';
import { parameterCode, readArtifact } from '../lib/rule/artifact.ts';
import { checkCommand, type Command, readCommand } from '../lib/settings/command.ts';
import { contextOf } from '../lib/settings/context.ts';
import { DeploymentError } from '../lib/settings/deployment-error.ts';
import { forwardingRegion } from '../lib/settings/home-region.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { ACCOUNT_STACK, MEMBER_IAM_EVENTS_STACK, MEMBER_STACK } from '../lib/settings/stack-names.ts';
import { AccountStack } from '../lib/stacks/account-stack.ts';
import { forwardIamEvents } from '../lib/stacks/iam-events-stack.ts';
import { MemberIamEventsStack } from '../lib/stacks/member-iam-events-stack.ts';
import { MemberStack } from '../lib/stacks/member-stack.ts';
import { organizationStacks } from '../lib/stacks/organization-stacks.ts';
import { removeStaleOutput, synthesisReport } from '../lib/stacks/synthesis.ts';
import { checkAggregator } from '../lib/watch/aggregator-check.ts';

try {
  const app = new App();
  const command = readCommand(process.env);
  makeStacks(app, command);
  const assembly = app.synth();
  removeStaleOutput(assembly);
  // Not to the standard output, where `cdk synth` prints a template.
  if (command.name === 'synth') console.error(synthesisReport(assembly));
} catch (error) {
  if (!(error instanceof DeploymentError)) throw error;
  console.error(error.message);
  // Not only the exit code: the app would still be synthesized on the way out.
  process.exit(1);
}

function makeStacks(app: App, command: Command): void {
  const settings = readSettings(contextOf(app), process.env);
  checkCommand(command, settings);
  checkSubscription(command, settings);
  checkAggregator(command, settings);
  const artifact = readArtifact(settings.artifact, settings.architecture);
  const { mode, organization, environment: env } = settings;
  const stack = { architecture: artifact.architecture, settings };
  if (organization) organizationStacks(app, { artifact, settings, organization });
  if (mode === 'account' || organization?.managementAccount === 'deploy') {
    new AccountStack(app, ACCOUNT_STACK, { ...stack, env, code: () => Code.fromAsset(artifact.path) });
    forwardIamEvents(app, settings);
  }
  if (mode === 'member-template') {
    new MemberStack(app, stack, MEMBER_STACK);
    if (forwardingRegion(settings) !== undefined) {
      new MemberIamEventsStack(app, MEMBER_IAM_EVENTS_STACK, settings);
    }
  }
  if (mode === 'template') {
    new AccountStack(app, ACCOUNT_STACK, {
      ...stack,
      synthesizer: new BootstraplessSynthesizer(),
      code: parameterCode,
    });
    forwardIamEvents(app, settings, { synthesizer: new BootstraplessSynthesizer() });
  }
  const warning = subscriptionWarning(command, settings);
  if (warning !== undefined) console.error(warning);
}
