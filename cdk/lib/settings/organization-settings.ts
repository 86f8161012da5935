import { z } from 'zod';
import { DeploymentError } from './deployment-error.ts';

/** The modes that roll the rule out to the accounts of an organization. */
export const ORGANIZATION_MODES = ['stack-set', 'organization-pack'] as const;

/** AWS Config excludes at most this many accounts from an organization pack. */
const EXCLUSION_LIMIT = 1000;

/** On the command line a list is a text with commas. */
const list = <T extends z.ZodType>(of: T) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').map((it) => it.trim()) : value),
    z.array(of),
  );

const account = z.string().regex(/^\d{12}$/, 'must be account ids of 12 digits');

/** The settings that only these modes know. */
export const ORGANIZATION_FIELDS = {
  /** The organization whose accounts may read the built function. */
  organizationId: z
    .string()
    .regex(/^o-[a-z0-9]{10,32}$/, 'must be the id of an organization, as in o-a1b2c3d4e5')
    .optional(),
  /** Where the accounts are: the root of the organization, or organizational units. */
  organizationalUnits: list(
    z
      .string()
      .regex(
        /^(r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$/,
        'must be ids of organizational units or of the root, as in ou-a1b2-c3d4e5f6 or r-a1b2',
      ),
  )
    .pipe(z.array(z.string()).min(1, 'must name at least one'))
    .optional(),
  /** From which account of the organization this is deployed. */
  administrator: z.enum(['management-account', 'delegated-administrator']).optional(),
  /** What becomes of the management account, which StackSets never reach. */
  managementAccount: z.enum(['deploy', 'exclude']).optional(),
  /** Its id, for the exclusions of an organization pack that a delegated administrator makes. */
  managementAccountId: account.optional(),
  /** Accounts that the organization pack leaves out. */
  excludedAccounts: list(account)
    .pipe(
      z
        .array(z.string())
        .max(
          EXCLUSION_LIMIT - 1,
          `must be at most ${EXCLUSION_LIMIT - 1} accounts: AWS Config excludes ${EXCLUSION_LIMIT} from an organization pack and the management account is one of them; to leave out more, use mode stack-set and choose organizational units`,
        ),
    )
    .optional(),
  /** StackSets that auto-deployment completes in a new account before it starts with this one. Default: none. */
  dependsOnStackSets: list(
    z
      .string()
      .regex(
        /^arn:[a-z-]+:cloudformation:[a-z0-9-]+:\d{12}:stackset\/[A-Za-z][A-Za-z0-9-]{0,127}:[0-9a-f-]{36}$/,
        'must be ARNs of StackSets, as in arn:aws:cloudformation:us-east-1:111122223333:stackset/NAME:1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d (`aws cloudformation describe-stack-set` shows StackSetARN)',
      ),
  ).optional(),
  /** Bucket for the pack's artifacts. Default: none. */
  deliveryBucket: z
    .string()
    .regex(
      /^awsconfigconforms[a-z0-9.-]*$/,
      'must begin with awsconfigconforms: AWS Config writes to no other',
    )
    .optional(),
  /** Whether members get the rule before the owner of `alertEmail` has confirmed the subscription. */
  unconfirmedAlertEmail: z.enum(['refuse', 'accept']).optional(),
};

type Fields = z.output<z.ZodObject<typeof ORGANIZATION_FIELDS>>;

/** The settings of a rollout to an organization, complete and fitting together. */
export interface OrganizationSettings {
  readonly organizationId: string;
  readonly organizationalUnits: readonly string[];
  readonly administrator: NonNullable<Fields['administrator']>;
  readonly managementAccount: NonNullable<Fields['managementAccount']>;
  /** Only when it is not the account that deploys. */
  readonly managementAccountId?: string | undefined;
  readonly excludedAccounts: readonly string[];
  /** ARNs of the StackSets that auto-deployment completes first. */
  readonly dependsOnStackSets: readonly string[];
  readonly deliveryBucket?: string | undefined;
  readonly acceptUnconfirmedEmail: boolean;
}

/** Why each setting is needed that has no default, or what to choose. */
const NEEDED = {
  organizationId:
    'only its accounts may read the built function (`aws organizations describe-organization` shows it)',
  organizationalUnits:
    'the accounts of these organizational units get the rule (`aws organizations list-roots` shows the root, r-…, for all)',
  administrator: 'say from where you deploy, management-account or delegated-administrator: the calls differ',
  managementAccount:
    'StackSets never reach the management account, whose root user matters most. Choose deploy, for a stack of its own there, or exclude, if it is watched otherwise',
} as const satisfies Partial<Record<keyof Fields, string>>;

/**
 * What an organization mode is told, or undefined in the other modes.
 *
 * @param given the settings, each of them right by itself
 * @throws DeploymentError naming every setting that is missing or does not go with the others, and why
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
  };
}

function misplaced(given: Fields): string[] {
  return names(ORGANIZATION_FIELDS)
    .filter((name) => given[name] !== undefined)
    .map((name) => `setting "${name}" is only for the modes ${ORGANIZATION_MODES.join(' and ')}.`);
}

function missing(given: Fields & { readonly mode: string }): string[] {
  return names(NEEDED)
    .filter((name) => given[name] === undefined)
    .map((name) => `setting "${name}" is needed in mode ${given.mode}: ${NEEDED[name]}.`);
}

function conflicts(given: Parameters<typeof organizationSettings>[0]): string[] {
  const delegated = given.administrator === 'delegated-administrator';
  const problems: string[] = [];
  const refuse = (condition: boolean, problem: string) => condition && problems.push(problem);
  refuse(
    given.dashboard && given.alertEmail === undefined && given.alertTopic === undefined,
    'setting "dashboard" needs "alertEmail" or "alertTopic" in the modes for an organization: the administrator has no log lines of the accounts, its dashboard counts the messages.',
  );
  refuse(
    delegated && given.managementAccount === 'deploy',
    'setting "managementAccount" cannot be deploy for a delegated administrator, who has no access there: set it to exclude, and run `make deploy` with credentials of the management account.',
  );
  problems.push(
    ...(given.mode === 'organization-pack' ? packConflicts(given, delegated) : stackSetConflicts(given)),
  );
  return problems;
}

function packConflicts({ organizationalUnits, managementAccountId }: Fields, delegated: boolean): string[] {
  const problems: string[] = [];
  if (organizationalUnits?.some((it) => !it.startsWith('r-')) || (organizationalUnits?.length ?? 0) > 1) {
    problems.push(
      'setting "organizationalUnits" must be the root of the organization alone in mode organization-pack: such a pack knows no organizational units, it goes to every account, and where the function is not it fails. Leave accounts out by "excludedAccounts", or use mode stack-set.',
    );
  }
  if (delegated && managementAccountId === undefined) {
    problems.push(
      'setting "managementAccountId" is needed for an organization pack of a delegated administrator: the pack has to leave that account out, since StackSets bring it no function.',
    );
  }
  if (!delegated && managementAccountId !== undefined) {
    problems.push(
      'setting "managementAccountId" is for a delegated administrator: here it is the account that deploys.',
    );
  }
  return problems;
}

function stackSetConflicts(given: Fields): string[] {
  const reasons = {
    excludedAccounts:
      'auto-deployment looks at organizational units only and would bring the rule to an excluded account after all. Choose the organizational units',
    deliveryBucket: 'the packs of the accounts need none',
    managementAccountId: 'StackSets leave that account out by themselves',
  };
  return names(reasons)
    .filter((name) => given[name] !== undefined)
    .map((name) => `setting "${name}" is only for mode organization-pack: ${reasons[name]}.`);
}

function names<K extends string>(of: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(of) as K[];
}
