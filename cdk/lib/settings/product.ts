import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import controls from '../../controls.json' with { type: 'json' };
import { DeploymentError } from './deployment-error.ts';

/** The root of the repository. Paths in settings are relative to it. */
export const REPOSITORY = join(import.meta.dirname, '..', '..', '..');

/** Name of the function and of the ConfigRule in an account. */
export const NAME = 'root-access-key-rule';

/**
 * Name of the function, the conformance pack and the StackSet of an organization. It differs from {@link NAME}, so that an
 * account can have both deployments while it moves from one to the other.
 */
export const ORGANIZATION_NAME = `${NAME}-org`;

/** Name of the state machine that imports findings into Security Hub, for a function of this name. */
export const securityHubName = (functionName: string) => `${functionName}-security-hub`;

/** Name of the state machine that sends the notifications, for the deployment with a function of this name. */
export const notificationsName = (functionName: string) => `${functionName}-notifications`;

/** Name of the schedule of the weekly reminder, for the deployment with a function of this name. */
export const reminderName = (functionName: string) => `${functionName}-reminder`;

/** Name of the StackSet that forwards IAM's events of the members to another home region. */
export const IAM_EVENTS_STACK_SET = `${ORGANIZATION_NAME}-iam-events`;

/** Name of the daily watch: its function, state machine and schedule. */
export const WATCH_NAME = `${ORGANIZATION_NAME}-watch`;

/**
 * Path of every role that the StackSet creates in a member. A service control policy protects the roles with this path.
 * The roles of the account stack have another path, so that the policy does not prevent the removal of that stack.
 */
export const MEMBER_ROLE_PATH = `/${NAME}/`;

/** The architectures of Lambda, as its API names them. */
export const ARCHITECTURES = ['x86_64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** Version of the function, read from its manifest. */
export const VERSION = versionOf(readFileSync(join(REPOSITORY, 'Cargo.toml'), 'utf8'));

/** Where the documents are published. The setting `docsUrl` replaces it where they are mirrored. */
export const DOCS_URL = 'https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs';

/** AWS Config accepts a rule description of at most this many characters. */
const DESCRIPTION_LIMIT = 256;

/**
 * The rule's description in the AWS Config console: what it checks, the ids of the controls that it provides evidence for
 * (those of controls.json that have a `short` form) and the runbook.
 *
 * @throws DeploymentError if `docsUrl` makes it longer than AWS Config accepts
 */
export function ruleDescription(docsUrl: string): string {
  const ids = controls.flatMap((control) => control.short ?? []);
  const description = `Root user has no access keys, active or not. ${ids.join(', ')}. Fix: ${docsUrl}/remediation.md`;
  if (description.length > DESCRIPTION_LIMIT) {
    const excess = description.length - DESCRIPTION_LIMIT;
    throw new DeploymentError(
      `setting "docsUrl" is ${excess} characters too long: AWS Config accepts a rule description of ${DESCRIPTION_LIMIT} characters, which includes the address of the runbook. Use a shorter address.`,
    );
  }
  return description;
}

function versionOf(manifest: string): string {
  const version = /^\[package\][^[]*^version = "([^"]+)"/m.exec(manifest)?.[1];
  if (!version) throw new Error('Cargo.toml has no version in its [package] section');
  return version;
}
