import { parseArgs } from 'node:util';
import { DeploymentError } from './deployment-error.ts';
import { forwardingRegion } from './home-region.ts';
import type { Settings } from './settings.ts';
import {
  ACCOUNT_STACK,
  IAM_EVENTS_STACK,
  IAM_EVENTS_STACK_SET_STACK,
  PACK_STACK,
  STACK_SET_STACK,
  WATCH_STACK,
} from './stack-names.ts';

/** Environment variable in which `bin/cli-plugin.cjs` passes on the CDK CLI's arguments, as a JSON array. */
const ARGUMENTS = 'ROOT_ACCESS_KEY_RULE_CDK_ARGUMENTS';

/** The commands of the CDK CLI that read or change what is deployed in an AWS account. */
const ACCOUNT_COMMANDS = [
  'bootstrap',
  'deploy',
  'destroy',
  'diff',
  'drift',
  'import',
  'refactor',
  'rollback',
  'watch',
];

/** Characters that make the name of a stack a pattern, see minimatch. */
export const PATTERN = /[*?[{!]/;

/** The commands that deploy. */
export const DEPLOYING_COMMANDS = ['deploy', 'watch'];

/** A command of the CDK CLI, as far as the app depends on it. */
export interface Command {
  /** For example `deploy`; undefined where the app runs without the CDK CLI. */
  readonly name: string | undefined;
  /** Names or patterns of the stacks that the operator chose; empty for all. */
  readonly stacks: readonly string[];
  /** Whether the command leaves out the stacks that these stacks depend on. */
  readonly exclusively: boolean;
  /** The profile of the AWS configuration that `--profile` names. */
  readonly profile: string | undefined;
}

/**
 * Reads the command line of the CDK CLI.
 *
 * @throws DeploymentError naming each `-c` without a value, which the CDK CLI ignores with a warning
 */
export function readCommand(environment: Readonly<Record<string, string | undefined>>): Command {
  const { values, positionals } = parseArgs({
    args: JSON.parse(environment[ARGUMENTS] ?? '[]') as string[],
    strict: false,
    options: {
      all: { type: 'boolean' },
      context: { type: 'string', short: 'c', multiple: true },
      exclusively: { type: 'boolean', short: 'e' },
      output: { type: 'string', short: 'o' },
      profile: { type: 'string' },
      quiet: { type: 'boolean', short: 'q' },
      template: { type: 'string' },
    },
  });
  rejectContextWithoutValue(values.context ?? []);
  const [name, ...words] = positionals;
  // The other words are values of options that are not declared above, such as `--require-approval never`.
  const stacks = words.filter((word) => word.startsWith(ACCOUNT_STACK) || PATTERN.test(word));
  // `cdk diff --template FILE` compares with a file and needs no account.
  const offline = name === 'diff' && values.template !== undefined;
  return {
    name: offline ? undefined : name,
    stacks: values.all === true ? [] : stacks,
    exclusively: values.exclusively === true,
    profile: typeof values.profile === 'string' ? values.profile : undefined,
  };
}

function rejectContextWithoutValue(context: readonly (string | boolean)[]): void {
  const names = context.map(String).filter((assignment) => !assignment.includes('='));
  if (names.length === 0) return;
  throw new DeploymentError(
    names.map((name) => `-c ${name} has no value: write -c ${name}=VALUE.`).join('\n'),
  );
}

/**
 * Checks that a command can succeed with these settings.
 *
 * @throws DeploymentError if the command needs an AWS account and the CDK CLI found none, or if it would deploy the
 * organization conformance pack together with the functions that the pack's rule calls
 */
export function checkCommand(command: Command, settings: Settings): void {
  checkCredentials(command, settings);
  if (settings.mode === 'organization-pack') checkOrder(command, settings);
}

function checkCredentials({ name }: Command, { environment }: Settings): void {
  if (name === undefined || !ACCOUNT_COMMANDS.includes(name) || environment.account !== undefined) return;
  throw new DeploymentError(
    `could not ${name}: the CDK found no AWS credentials, or AWS rejected them, so the account is not known. Sign in or set AWS_PROFILE until \`aws sts get-caller-identity\` shows the account. Then try again.`,
  );
}

/** Requires functions and pack to be deployed separately: AWS Config fails the pack if one account has no function. */
function checkOrder({ name, stacks, exclusively }: Command, settings: Settings): void {
  const { organization } = settings;
  if (name === undefined || !DEPLOYING_COMMANDS.includes(name)) return;
  const packAlone = exclusively && stacks.length > 0 && stacks.every((stack) => stack === PACK_STACK);
  const withoutPack =
    stacks.length > 0 && stacks.every((stack) => stack !== PACK_STACK && !PATTERN.test(stack));
  if (packAlone || withoutPack) return;
  const callAs = organization?.administrator === 'delegated-administrator' ? 'DELEGATED_ADMIN' : 'SELF';
  const elsewhere = forwardingRegion(settings) !== undefined;
  const functions = [
    STACK_SET_STACK,
    ...(elsewhere ? [IAM_EVENTS_STACK_SET_STACK] : []),
    ...(organization?.managementAccount === 'deploy'
      ? [ACCOUNT_STACK, ...(elsewhere ? [IAM_EVENTS_STACK] : [])]
      : []),
  ];
  throw new DeploymentError(
    [
      'refusing to deploy the organization conformance pack together with the functions: AWS Config fails the pack if one account has no function yet. Deploy in this order, each time with the same ARGS:',
      `1. make deploy STACKS='${functions.join(' ')}'`,
      `2. aws cloudformation list-stack-instances --stack-set-name root-access-key-rule-org --call-as ${callAs} --query "Summaries[?Status!='CURRENT'].[Account,StatusReason]" --output text`,
      '   Repeat this until it prints nothing, or only accounts in "excludedAccounts".',
      `3. make deploy STACKS='--exclusively ${PACK_STACK}'`,
      ...(organization?.watch ? [`4. make deploy STACKS=${WATCH_STACK}`] : []),
    ].join('\n'),
  );
}
