import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import cdkJson from '../cdk.json' with { type: 'json' };
import { readArtifact } from '../lib/artifact.ts';
import { organizationStacks } from '../lib/organization.ts';
import { readSettings } from '../lib/settings.ts';
import { only } from './account.ts';
import { elf, X86_64, zip } from './built-function.ts';

const BUILT = zip({ bootstrap: elf(X86_64) });

/** The settings without which no organization mode works. */
export const NEEDED = {
  organizationId: 'o-a1b2c3d4e5',
  organizationalUnits: 'r-a1b2',
  administrator: 'management-account',
  managementAccount: 'exclude',
};

/** A right set of settings for each mode and administrator, with and without somebody to tell. */
export const ROLLOUTS: Record<string, string>[] = [
  { mode: 'stack-set', ...NEEDED },
  {
    mode: 'stack-set',
    ...NEEDED,
    administrator: 'delegated-administrator',
    alertEmail: 'security@example.com',
  },
  { mode: 'organization-pack', ...NEEDED },
  {
    mode: 'organization-pack',
    ...NEEDED,
    administrator: 'delegated-administrator',
    managementAccountId: '999999999999',
    alertEmail: 'security@example.com',
  },
];

/** What the app makes of these settings: stacks by the last word of their names, and the member template. */
export function rollout(context: Record<string, unknown>, region = 'us-east-1') {
  const app = new App({ context: cdkJson.context });
  const settings = readSettings({ artifact: BUILT, ...context }, { CDK_DEFAULT_REGION: region });
  if (!settings.organization) throw new Error('these settings are for one account');
  const artifact = readArtifact(settings.artifact);
  const stacks = organizationStacks(app, { artifact, settings, organization: settings.organization });
  const templates = new Map(stacks.map((stack) => [stack.stackName, Template.fromStack(stack)]));
  const template = (name: string) => {
    const found = templates.get(`RootAccessKeyRuleOrganization${name}`);
    if (!found) throw new Error(`no stack ${name}`);
    return found;
  };
  const member = JSON.parse(
    only(template('StackSet'), 'AWS::CloudFormation::StackSet').TemplateBody as string,
  ) as MemberTemplate;
  return { stacks, template, member, settings, architecture: artifact.architecture };
}

/** What tests ask of a member's template. */
export interface MemberTemplate {
  readonly Parameters: Readonly<Record<string, object>>;
  readonly Rules?: object;
  readonly Resources: Readonly<Record<string, Resource>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
}

/** The only resource of a type in a member's template. */
export function resource(member: MemberTemplate, type: string): Resource {
  const [found, ...others] = Object.values(member.Resources).filter(({ Type }) => Type === type);
  if (!found || others.length > 0) throw new Error(`not one resource of type ${type}`);
  return found;
}

/**
 * The types of the resources that CloudFormation creates before one: those that it depends on or refers to, and so
 * on. Which of the two is left to the template.
 */
export function madeBefore(resources: Readonly<Record<string, object>>, logicalId: string): Set<string> {
  const before = new Set<string>();
  const open = [logicalId];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const other of Object.keys(resources)) {
      if (before.has(other) || !new RegExp(`"${other}["}.]`).test(JSON.stringify(resources[id]))) continue;
      before.add(other);
      open.push(other);
    }
  }
  return new Set([...before].map((id) => (resources[id] as Resource).Type));
}
