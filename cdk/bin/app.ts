import { App, BootstraplessSynthesizer } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AccountStack } from '../lib/account-stack.ts';
import { checkSubscription, subscriptionWarning } from '../lib/alert-subscription.ts';
import { readArtifact } from '../lib/artifact.ts';
import { checkCommand, type Command, readCommand } from '../lib/command.ts';
import { bringIamEvents } from '../lib/iam-events-stack.ts';
import { organizationStacks } from '../lib/organization.ts';
import { parameterCode } from '../lib/parameter-code.ts';
import { Refusal } from '../lib/refusal.ts';
import { readSettings } from '../lib/settings.ts';
import { removeLeftovers, synthesisReport } from '../lib/synthesis.ts';

try {
  const app = new App();
  const command = readCommand(process.env);
  makeStacks(app, command);
  const assembly = app.synth();
  removeLeftovers(assembly);
  // Not to the standard output, where `cdk synth` prints a template.
  if (command.name === 'synth') console.error(synthesisReport(assembly));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  // Not only the exit code: the app would still be synthesized on the way out.
  process.exit(1);
}

function makeStacks(app: App, command: Command): void {
  const settings = readSettings(app.node.getAllContext() as Record<string, unknown>, process.env);
  checkCommand(command, settings);
  checkSubscription(command, settings);
  const artifact = readArtifact(settings.artifact, settings.architecture);
  const { mode, organization, environment: env } = settings;
  const stack = { architecture: artifact.architecture, settings };
  if (organization) organizationStacks(app, { artifact, settings, organization });
  if (mode === 'account' || organization?.managementAccount === 'deploy') {
    new AccountStack(app, 'RootAccessKeyRule', { ...stack, env, code: () => Code.fromAsset(artifact.path) });
    bringIamEvents(app, settings);
  }
  if (mode === 'template') {
    new AccountStack(app, 'RootAccessKeyRule', {
      ...stack,
      synthesizer: new BootstraplessSynthesizer(),
      code: parameterCode,
    });
    bringIamEvents(app, settings, { synthesizer: new BootstraplessSynthesizer() });
  }
  const warning = subscriptionWarning(command, settings);
  if (warning !== undefined) console.error(warning);
}
