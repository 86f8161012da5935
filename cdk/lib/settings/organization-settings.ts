import { z } from 'zod';
import { DeploymentError } from './deployment-error.ts';
import { hasRecipients } from './has-recipients.ts';
import { WATCH_FIELDS, watchConflicts, watchSettings, type WatchSettings } from './watch-settings.ts';

/** The modes that roll the rule out to the accounts of an organization. */
export const ORGANIZATION_MODES = ['stack-set', 'organization-pack'] as const;

/** AWS Config excludes at most this many accounts from an organization pack. */
const EXCLUSION_LIMIT = 1000;

/** The schema of a list. On the command line its values are separated by commas. */
const list = <T extends z.ZodType>(of: T) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').map((it) => it.trim()) : value),
    z.array(of),
  );

const account = z.string().regex(/^\d{12}$/, 'must be account IDs of 12 digits');

/** The settings of {@link ORGANIZATION_MODES}. */
export const ORGANIZATION_FIELDS = {
  /** ID of the organization whose accounts may read the built function. */
  organizationId: z
    .string()
    .regex(/^o-[a-z0-9]{10,32}$/, 'must be the ID of an organization, for example o-a1b2c3d4e5')
    .optional(),
  /** IDs of the organizational units whose accounts get the rule, or of the organization's root. */
  organizationalUnits: list(
    z
      .string()
      .regex(
        /^(r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$/,
        'must be IDs of organizational units or of the root, for example ou-a1b2-c3d4e5f6 or r-a1b2',
      ),
  )
    .pipe(z.array(z.string()).min(1, 'must name at least one'))
    .optional(),
  /** Whether the management account or a delegated administrator deploys. */
  administrator: z.enum(['management-account', 'delegated-administrator']).optional(),
  /** Whether the management account, which StackSets never reach, gets a stack of its own. */
  managementAccount: z.enum(['deploy', 'exclude']).optional(),
  /** ID of the management account, which the organization pack of a delegated administrator excludes. */
  managementAccountId: account.optional(),
  /** IDs of accounts that the organization pack excludes. */
  excludedAccounts: list(account)
    .pipe(
      z
        .array(z.string())
        .max(
          EXCLUSION_LIMIT - 1,
          `must be at most ${EXCLUSION_LIMIT - 1} accounts: AWS Config excludes at most ${EXCLUSION_LIMIT} from an organization pack, and the management account is one of them. To exclude more, use mode stack-set and choose organizational units`,
        ),
    )
    .optional(),
  /** ARNs of the StackSets that auto-deployment completes in a new account before this one. Default: none. */
  dependsOnStackSets: list(
    z
      .string()
      .regex(
        /^arn:[a-z-]+:cloudformation:[a-z0-9-]+:\d{12}:stackset\/[A-Za-z][A-Za-z0-9-]{0,127}:[0-9a-f-]{36}$/,
        'must be ARNs of StackSets, for example arn:aws:cloudformation:us-east-1:111122223333:stackset/NAME:1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d (`aws cloudformation describe-stack-set` shows StackSetARN)',
      ),
  ).optional(),
  /** Name of the bucket to which AWS Config delivers the pack. Default: none. */
  deliveryBucket: z
    .string()
    .regex(
      /^awsconfigconforms[a-z0-9.-]*$/,
      'must begin with awsconfigconforms, because AWS Config delivers to no other bucket',
    )
    .optional(),
  /** Whether to deploy to members before the owner of `alertEmail` has confirmed the subscription. */
  unconfirmedAlertEmail: z.enum(['refuse', 'accept']).optional(),
  ...WATCH_FIELDS,
};

type Fields = z.output<z.ZodObject<typeof ORGANIZATION_FIELDS>>;

/** The checked settings of a rollout to an organization. */
export interface OrganizationSettings {
  readonly organizationId: string;
  readonly organizationalUnits: readonly string[];
  readonly administrator: NonNullable<Fields['administrator']>;
  readonly managementAccount: NonNullable<Fields['managementAccount']>;
  /** Undefined if the management account deploys. */
  readonly managementAccountId?: string | undefined;
  readonly excludedAccounts: readonly string[];
  /** ARNs of the StackSets that auto-deployment completes in a new account before this one. */
  readonly dependsOnStackSets: readonly string[];
  readonly deliveryBucket?: string | undefined;
  readonly acceptUnconfirmedEmail: boolean;
  /** Undefined without the daily watch. */
  readonly watch: WatchSettings | undefined;
}

/** The settings without a default, each with the reason why it is required or with the choice. */
const REQUIRED = {
  organizationId:
    'only its accounts may read the built function (`aws organizations describe-organization` shows it)',
  organizationalUnits:
    'the accounts of these organizational units get the rule (`aws organizations list-roots` shows the root, r-…, for all)',
  administrator:
    'choose management-account or delegated-administrator, whichever you deploy from, because their API calls differ',
  managementAccount:
    'StackSets never reach the management account, whose root user matters most. Choose deploy for a stack of its own there, or exclude if something else checks it',
} as const satisfies Partial<Record<keyof Fields, string>>;

/**
 * Checks the settings of a rollout together. Returns undefined in the modes for one account.
 *
 * @param given the settings, each of them valid by itself
 * @throws DeploymentError naming every setting that is missing or conflicts with another one, and why
 */
export function organizationSettings(
  given: Fields & {
    readonly mode: string;
    readonly alertEmail?: string;
    readonly alertTopic?: string;
    readonly dashboard: boolean;
  },
): OrganizationSettings | undefined {
  const isOrganization = ORGANIZATION_MODES.some((mode) => mode === given.mode);
  const problems = isOrganization ? [...missing(given), ...conflicts(given)] : misplaced(given);
  if (problems.length > 0) throw new DeploymentError(problems.join('\n'));
  const { organizationId, organizationalUnits, administrator, managementAccount } = given;
  if (!organizationId || !organizationalUnits || !administrator || !managementAccount) return undefined;
  return {
    organizationId,
    organizationalUnits,
    administrator,
    managementAccount,
    managementAccountId: given.managementAccountId,
    excludedAccounts: given.excludedAccounts ?? [],
    dependsOnStackSets: given.dependsOnStackSets ?? [],
    deliveryBucket: given.deliveryBucket,
    acceptUnconfirmedEmail: given.unconfirmedAlertEmail === 'accept',
    watch: watchSettings(given),
  };
}

function misplaced(given: Fields): string[] {
  return names(ORGANIZATION_FIELDS)
    .filter((name) => given[name] !== undefined)
    .map((name) => `setting "${name}" is only for the modes ${ORGANIZATION_MODES.join(' and ')}.`);
}

function missing(given: Fields & { readonly mode: string }): string[] {
  return names(REQUIRED)
    .filter((name) => given[name] === undefined)
    .map((name) => `setting "${name}" is required in mode ${given.mode}: ${REQUIRED[name]}.`);
}

function conflicts(given: Parameters<typeof organizationSettings>[0]): string[] {
  const delegated = given.administrator === 'delegated-administrator';
  const problems: string[] = [];
  const addIf = (condition: boolean, problem: string) => condition && problems.push(problem);
  addIf(
    given.dashboard && !hasRecipients(given),
    'setting "dashboard" needs "alertEmail" or "alertTopic" in the modes for an organization: the log lines stay in the accounts, so the dashboard of the administrator account counts notifications.',
  );
  addIf(
    delegated && given.managementAccount === 'deploy',
    'setting "managementAccount" cannot be deploy for a delegated administrator, who has no access to that account. Set it to exclude, and run `make deploy` with credentials of the management account.',
  );
  problems.push(
    ...watchConflicts(given),
    ...(given.mode === 'organization-pack' ? packConflicts(given, delegated) : stackSetConflicts(given)),
  );
  return problems;
}

function packConflicts({ organizationalUnits, managementAccountId }: Fields, delegated: boolean): string[] {
  const problems: string[] = [];
  if (organizationalUnits?.some((it) => !it.startsWith('r-')) || (organizationalUnits?.length ?? 0) > 1) {
    problems.push(
      'setting "organizationalUnits" must be only the root of the organization in mode organization-pack: such a pack is deployed to every account and fails if one has no function. Exclude accounts with "excludedAccounts", or use mode stack-set.',
    );
  }
  if (delegated && managementAccountId === undefined) {
    problems.push(
      'setting "managementAccountId" is required for the organization pack of a delegated administrator: the pack must exclude the management account, because StackSets deploy no function there.',
    );
  }
  if (!delegated && managementAccountId !== undefined) {
    problems.push(
      'setting "managementAccountId" is only for a delegated administrator: here the management account deploys. Remove the setting.',
    );
  }
  return problems;
}

function stackSetConflicts(given: Fields): string[] {
  const reasons = {
    excludedAccounts:
      'auto-deployment follows organizational units and would deploy the rule to an excluded account. Choose organizational units instead',
    deliveryBucket: 'the packs of the accounts need no bucket',
    managementAccountId: 'StackSets never deploy to the management account',
  };
  return names(reasons)
    .filter((name) => given[name] !== undefined)
    .map((name) => `setting "${name}" is only for mode organization-pack: ${reasons[name]}.`);
}

function names<K extends string>(of: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(of) as K[];
}
