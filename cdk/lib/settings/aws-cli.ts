import { spawnSync } from 'node:child_process';
import type { Command } from './command.ts';
import { DeploymentError } from './deployment-error.ts';
import type { Settings } from './settings.ts';

/** A question to AWS that the app asks before a deployment. */
export interface Question {
  /** Service and command of the AWS CLI, for example `['sns', 'list-subscriptions']`. */
  readonly call: readonly string[];
  /** The action that the operator's credentials need. */
  readonly action: string;
  /** What could not be found out if the call fails, as a sentence that ends with a colon. */
  readonly failed: string;
  /** How to deploy without an answer. */
  readonly override: string;
}

/**
 * The JSON that the AWS CLI prints for a question. It finds the operator's credentials as the CDK CLI does, and reads
 * every page.
 *
 * @throws DeploymentError if the AWS CLI does not start or its call fails
 */
export function askAws(
  { call, action, failed, override }: Question,
  { profile }: Command,
  { environment }: Settings,
): string {
  const arguments_ = [...call, '--output', 'json', '--region', environment.region ?? ''];
  if (profile !== undefined) arguments_.push('--profile', profile);
  const run = spawnSync('aws', arguments_, { encoding: 'utf8' });
  if (run.error) {
    throw new DeploymentError(
      `${failed} the AWS CLI did not start (${run.error.message}). Install the AWS CLI. ${override}`,
    );
  }
  if (run.status !== 0) {
    throw new DeploymentError(
      `${failed} \`aws ${call.join(' ')}\` failed: ${run.stderr.trim()} Your credentials need ${action}, see cdk/policies/operator.json. ${override}`,
    );
  }
  return run.stdout;
}
