import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import controls from '../../controls.json' with { type: 'json' };
import { DeploymentError } from './deployment-error.ts';

/** The repository; paths that people type are relative to it. */
export const REPOSITORY = join(import.meta.dirname, '..', '..', '..');

/** Name of the function and of the ConfigRule in an account. */
export const NAME = 'root-access-key-rule';

/**
 * Name of the function, the conformance pack and the StackSet of an organization: another one, so that an
 * account may have both deployments while it moves from one to the other.
 */
export const ORGANIZATION_NAME = `${NAME}-org`;

/**
 * Path of every role that a StackSet creates in a member, by which a service control policy protects them all. The
 * account stack's roles are elsewhere, so that the policy does not stop an account from removing that stack.
 */
export const MEMBER_ROLE_PATH = `/${NAME}/`;

/** The architectures that Lambda runs, in the words of its API. */
export const ARCHITECTURES = ['x86_64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** Version of the function, from its own manifest, so that there is only one. */
export const VERSION = versionOf(readFileSync(join(REPOSITORY, 'Cargo.toml'), 'utf8'));

/** Where the documents are published; the setting `docsUrl` replaces it for those who mirror them. */
export const DOCS_URL = 'https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs';

/** AWS Config accepts a rule description of at most this many characters. */
const DESCRIPTION_LIMIT = 256;

/**
 * The rule's description in the AWS Config console: what it checks, the ids of the controls it evidences
 * (those of controls.json that have a `short` form) and the runbook.
 *
 * @throws DeploymentError when `docsUrl` makes it longer than AWS Config accepts.
 */
export function ruleDescription(docsUrl: string): string {
  const ids = controls.flatMap((control) => control.short ?? []);
  const description = `Root user has no access keys, active or not. ${ids.join(', ')}. Fix: ${docsUrl}/remediation.md`;
  if (description.length > DESCRIPTION_LIMIT) {
    const excess = description.length - DESCRIPTION_LIMIT;
    throw new DeploymentError(
      `setting "docsUrl" is ${excess} characters too long: AWS Config takes a rule description of ${DESCRIPTION_LIMIT} characters, and the address of the runbook is part of it.`,
    );
  }
  return description;
}

function versionOf(manifest: string): string {
  const version = /^\[package\][^[]*^version = "([^"]+)"/m.exec(manifest)?.[1];
  if (!version) throw new Error('Cargo.toml has no version in its [package] section');
  return version;
}
