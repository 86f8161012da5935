import { App, BootstraplessSynthesizer, CfnParameter, type Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AccountStack } from '../lib/account-stack.ts';
import { readArtifact } from '../lib/artifact.ts';
import { Refusal } from '../lib/refusal.ts';
import { readSettings } from '../lib/settings.ts';

try {
  makeStacks(new App());
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  // Not only the exit code: the app would still be synthesized on the way out.
  process.exit(1);
}

function makeStacks(app: App): void {
  const settings = readSettings(app.node.getAllContext() as Record<string, unknown>, process.env);
  const { path, architecture } = readArtifact(settings.artifact, settings.architecture);
  const stack = { architecture, settings };
  switch (settings.mode) {
    case 'account':
      new AccountStack(app, 'RootAccessKeyRule', {
        ...stack,
        env: settings.environment,
        code: () => Code.fromAsset(path),
      });
      break;
    case 'template':
      new AccountStack(app, 'RootAccessKeyRule', {
        ...stack,
        synthesizer: new BootstraplessSynthesizer(),
        code: codeOfParameters,
      });
  }
}

/** The function's code where the CDK brings no artifact: whoever deploys the template says where it is. */
function codeOfParameters(stack: Stack): Code {
  return Code.fromCfnParameters({
    bucketNameParam: new CfnParameter(stack, 'ArtifactBucket', {
      description: 'Bucket, in the region of the stack, that holds the built function.',
    }),
    objectKeyParam: new CfnParameter(stack, 'ArtifactKey', {
      description: 'Key of the built function; a new build needs a new key.',
    }),
  });
}
