import { resolve } from 'node:path';
import { z } from 'zod';
import { hasRecipients } from './has-recipients.ts';
import { parseJsonText } from './json-text.ts';
import { REPOSITORY } from './product.ts';

const flag = z.preprocess(parseJsonText, z.boolean('must be true or false')).optional();

/** The settings of the daily watch. */
export const WATCH_FIELDS = {
  /** Whether a function evaluates all accounts daily. Default: yes, if there is a recipient. */
  watch: flag,
  /** Whether the watch retries the StackSet where it failed in an account. Default: yes in mode stack-set. */
  repair: flag,
  /** Path of the built watch, a zip; relative to the repository. */
  watchArtifact: z
    .string()
    .transform((path) => resolve(REPOSITORY, path))
    .optional(),
};

type Fields = z.output<z.ZodObject<typeof WATCH_FIELDS>>;

/** The settings of a deployment on which those of the watch depend. */
interface Deployment extends Fields {
  readonly mode: string;
  readonly alertEmail?: string | undefined;
  readonly alertTopic?: string | undefined;
}

/** The checked settings of the daily watch. */
export interface WatchSettings {
  /** Whether the watch may start operations of the StackSet. */
  readonly repair: boolean;
  /** Path of the built watch. */
  readonly artifact: string;
}

/** The settings of the watch in a mode for an organization, or undefined if there is no watch. */
export function watchSettings(given: Deployment): WatchSettings | undefined {
  if (!hasWatch(given)) return undefined;
  return {
    repair: given.repair ?? given.mode === 'stack-set',
    artifact: given.watchArtifact ?? resolve(REPOSITORY, 'target/lambda/watch/bootstrap.zip'),
  };
}

/** What is wrong with the settings of the watch in a mode for an organization. */
export function watchConflicts(given: Deployment): string[] {
  const problems: string[] = [];
  for (const name of ['watch', 'repair'] as const) {
    if (!given[name] || hasRecipients(given)) continue;
    problems.push(
      `setting "${name}" needs "alertEmail" or "alertTopic", to which the watch sends its digest.`,
    );
  }
  if (given.repair && given.mode !== 'stack-set') {
    problems.push(
      'setting "repair" is only for mode stack-set: it starts operations of the StackSet, and in mode organization-pack the rule is in a pack instead.',
    );
  }
  if (given.repair && given.watch === false) {
    problems.push('setting "repair" needs the watch, which repairs: remove "watch": false.');
  }
  return problems;
}

function hasWatch(given: Deployment): boolean {
  return hasRecipients(given) && given.watch !== false;
}
