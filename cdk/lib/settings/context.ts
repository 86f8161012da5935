import type { App } from 'aws-cdk-lib';

/** Everything that `cdk.json` and `-c name=value` give the app: the settings and the feature flags of the CDK. */
export function contextOf(app: App): Record<string, unknown> {
  return app.node.getAllContext() as Record<string, unknown>;
}
