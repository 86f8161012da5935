import { App, type Environment } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import cdkJson from '../cdk.json' with { type: 'json' };
import { AccountStack } from '../lib/account-stack.ts';
import { readArtifact } from '../lib/artifact.ts';
import { readSettings } from '../lib/settings.ts';
import { elf, X86_64, zip } from './built-function.ts';

const BUILT = zip({ bootstrap: elf(X86_64) });

/** The account stack as `-c name=value …` makes it for an operator whose credentials are for a region. */
export function accountStack(context: Record<string, unknown> = {}, current: Environment = {}): AccountStack {
  const settings = readSettings(
    { artifact: BUILT, ...context },
    { CDK_DEFAULT_ACCOUNT: current.account, CDK_DEFAULT_REGION: current.region },
  );
  const { path, architecture } = readArtifact(settings.artifact, settings.architecture);
  return new AccountStack(new App({ context: cdkJson.context }), 'RootAccessKeyRule', {
    env: settings.environment,
    code: () => Code.fromAsset(path),
    architecture,
    settings,
  });
}

/** The template of {@link accountStack}. */
export function accountTemplate(context: Record<string, unknown> = {}, current: Environment = {}): Template {
  return Template.fromStack(accountStack(context, current));
}

/** The properties of the only resource of a type. */
export function only(template: Template, type: string): Record<string, unknown> {
  const found = Object.values(template.findResources(type));
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type}`);
  return found[0]?.Properties;
}

/** The properties of the only role whose logical id matches. */
export function roleOf(template: Template, logicalId: RegExp): Record<string, unknown> {
  const roles = Object.entries(template.findResources('AWS::IAM::Role'));
  const [role, ...more] = roles.filter(([id]) => logicalId.test(id));
  if (!role || more.length > 0) throw new Error(`not one role matches ${String(logicalId)}`);
  return role[1].Properties as Record<string, unknown>;
}

/** Every statement of a role; it has no policy besides its own. */
export function allowed(from: Template, logicalId: RegExp): unknown[] {
  const { Policies, ManagedPolicyArns } = roleOf(from, logicalId);
  if (ManagedPolicyArns) throw new Error('the role has managed policies');
  return (Policies as { PolicyDocument: { Statement: unknown[] } }[]).flatMap(
    (policy) => policy.PolicyDocument.Statement,
  );
}
