import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Environment } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';
import { DeploymentError } from './deployment-error.ts';
import { KMS_KEYS, keyProblems } from './encryption-keys.ts';
import { homeRegion } from './home-region.ts';
import { parseJsonText } from './json-text.ts';
import {
  ORGANIZATION_FIELDS,
  ORGANIZATION_MODES,
  organizationSettings,
  type OrganizationSettings,
} from './organization-settings.ts';
import { ARCHITECTURES, DOCS_URL, REPOSITORY } from './product.ts';

/** How often AWS Config starts an evaluation: the values of its API, with the hours between two evaluations. */
export const FREQUENCIES = {
  One_Hour: 1,
  Three_Hours: 3,
  Six_Hours: 6,
  Twelve_Hours: 12,
  TwentyFour_Hours: 24,
} as const;
export type Frequency = keyof typeof FREQUENCIES;

/** The numbers of days for which CloudWatch Logs can store log lines. */
export const RETENTIONS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

/** The schema of an ARN. `rest` is a regular expression for what follows the service. */
const arn = (service: string, rest: string, what: string) =>
  z.string().regex(new RegExp(`^arn:[a-z-]+:${service}:${rest}$`), `must be the ARN of ${what}`);

const topicArn = arn('sns', '[a-z0-9-]+:\\d{12}:[\\w-]{1,256}', 'an SNS topic (standard, not FIFO)');

/** Context keys without a colon or a slash that the CDK CLI writes to `cdk.context.json` or `cdk.json`. */
const CDK_KEYS = ['acknowledged-issue-numbers', 'cdk-migrate', 'cli-telemetry'];

/** Settings that the member template has no place for, and what to use instead. */
const NOT_IN_MEMBER_TEMPLATE = {
  alertEmail: 'pass the ARN of an event bus to its parameter instead',
  alertTopic: 'pass the ARN of an event bus to its parameter instead',
  chatTopic: 'pass the ARN of an event bus to its parameter instead',
  dashboard: 'the accounts of an organization have no dashboard',
  tags: 'set the tags of the StackSet, which CloudFormation gives to all resources',
} as const;

const SCHEMA = z
  .strictObject({
    /** What to deploy: a stack in this account, a rollout to an organization, or a template for use without the CDK. */
    mode: z.enum(['account', 'template', 'member-template', ...ORGANIZATION_MODES]).default('account'),
    /** How often the rule evaluates. */
    frequency: z.enum(Object.keys(FREQUENCIES) as [Frequency, ...Frequency[]]).default('TwentyFour_Hours'),
    /** The architecture that the function must have been built for. Default: any. */
    architecture: z.enum(ARCHITECTURES).optional(),
    /** Path of the built function, a zip; relative to the repository. */
    artifact: z
      .string()
      .default('target/lambda/bootstrap/bootstrap.zip')
      .transform((path) => resolve(REPOSITORY, path)),
    /** Days for which CloudWatch Logs stores the function's log lines. */
    logRetentionDays: z.coerce.number().pipe(z.literal(RETENTIONS)).default(RetentionDays.ONE_YEAR),
    /** E-mail address that receives the notifications. Default: none. */
    alertEmail: z.email('must be an e-mail address').optional(),
    /** ARN of an existing SNS topic in the same account and region, instead of `alertEmail`. */
    alertTopic: topicArn.optional(),
    /** ARN of an SNS topic of Amazon Q Developer in chat applications, in the same account and region. Default: none. */
    chatTopic: topicArn.optional(),
    /** Whether to create a CloudWatch dashboard, which is charged. */
    dashboard: z.preprocess(parseJsonText, z.boolean('must be true or false')).default(false),
    /** Whether each account imports its result into its own Security Hub. */
    securityHub: z.preprocess(parseJsonText, z.boolean('must be true or false')).default(false),
    /** ARN of the managed policy that is the permissions boundary of every role. Default: none. */
    permissionsBoundary: arn(
      'iam',
      ':(aws|\\d{12}):policy/([!-~]+/)?[\\w+=,.@-]{1,128}',
      'a managed policy',
    ).optional(),
    /** KMS keys for everything that can be encrypted, as JSON. Default: the keys that AWS owns. */
    kmsKeys: z.preprocess(parseJsonText, KMS_KEYS).optional(),
    /** Path of every role; roles of members are in a folder of it. Default: none. */
    rolePath: z
      .string()
      .regex(/^\/([\w+=,.@-]+\/)+$/, 'must begin and end with a slash, as in /platform/')
      .max(100, 'must be at most 100 characters')
      .optional(),
    /** What the name of every role begins with. Default: CloudFormation generates the names. */
    roleNamePrefix: z
      .string()
      .regex(/^[\w+=,.@-]{1,20}$/, 'must be 1 to 20 characters that a role name can have')
      .optional(),
    /** The region in which the rule runs. Default: the partition's region for IAM's events. */
    homeRegion: z.string().optional(),
    /** Partition of the home region, if the CDK does not know that region yet. Default: the one that the CDK knows. */
    partition: z
      .string()
      .regex(/^aws(-[a-z]+)*$/, 'must be a partition of AWS, for example aws or aws-us-gov')
      .optional(),
    /** Tags for every resource that supports tags, as a JSON object. */
    tags: z
      .preprocess(
        parseJsonText,
        z.record(z.string(), z.string(), 'must be a JSON object whose values are strings'),
      )
      .default({}),
    /** Address at which the documents of this repository are published. */
    docsUrl: z.url('must be a URL').default(DOCS_URL),
    ...ORGANIZATION_FIELDS,
  })
  .refine((settings) => !(settings.alertEmail && settings.alertTopic), {
    path: ['alertTopic'],
    message: 'cannot be combined with "alertEmail": set one of them',
  })
  .refine(
    ({ mode, chatTopic, alertEmail, alertTopic }) =>
      !chatTopic || (alertEmail ?? alertTopic) || mode === 'template' || mode === 'member-template',
    {
      path: ['chatTopic'],
      message:
        'needs "alertEmail" or "alertTopic", so that people are notified if the chat application is not',
    },
  )
  .refine(({ chatTopic, alertTopic }) => !chatTopic || chatTopic !== alertTopic, {
    path: ['chatTopic'],
    message: 'must be another topic than "alertTopic": people and a chat application get different messages',
  })
  .superRefine((settings, context) => {
    if (settings.mode !== 'member-template') return;
    for (const [path, instead] of Object.entries(NOT_IN_MEMBER_TEMPLATE)) {
      if (!isGiven(settings[path as keyof typeof NOT_IN_MEMBER_TEMPLATE])) continue;
      context.addIssue({
        code: 'custom',
        path: [path],
        message: `does not apply to mode member-template: ${instead}`,
      });
    }
  });

const isGiven = (value: string | boolean | object | undefined) =>
  typeof value === 'object' ? Object.keys(value).length > 0 : Boolean(value);

/** The names of all settings. */
export const SETTINGS: readonly string[] = Object.keys(SCHEMA.shape);

/** The checked settings of a deployment, with defaults. */
export type Settings = Omit<
  z.output<typeof SCHEMA>,
  'homeRegion' | 'partition' | keyof typeof ORGANIZATION_FIELDS
> & {
  /** The account of the operator's credentials, if there are any, and the home region. */
  readonly environment: Environment;
  /** The region whose EventBridge receives IAM's events. Undefined if it is not known. */
  readonly iamEventRegion: string | undefined;
  /** The rollout, in the modes for an organization. */
  readonly organization: OrganizationSettings | undefined;
};

/**
 * Reads the settings of a deployment from the file that `-c settings=FILE` names and from `-c name=value`, which takes
 * precedence.
 *
 * @param context the app's context. Keys with a colon or a slash and {@link CDK_KEYS} belong to the CDK
 * @param environment the account and region of the operator's credentials, as the CDK CLI passes them
 * @throws DeploymentError naming every unknown or invalid setting with what is allowed; or the region, see
 * {@link homeRegion}; or a topic in another account or region
 */
export function readSettings(
  context: Readonly<Record<string, unknown>>,
  environment: { readonly CDK_DEFAULT_ACCOUNT?: string; readonly CDK_DEFAULT_REGION?: string },
): Settings {
  const { settings: file, ...given } = withoutCdkKeys(context);
  const parsed = SCHEMA.safeParse({ ...readSettingsFile(file), ...given });
  if (!parsed.success) throw new DeploymentError(parsed.error.issues.map(describe).join('\n'));
  const { homeRegion: chosen, partition, ...settings } = parsed.data;
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: current } = environment;
  const { region, iamEventRegion } = homeRegion({ chosen, partition, current });
  const here = { account, region };
  checkTopic('alertTopic', settings.alertTopic, here);
  checkTopic('chatTopic', settings.chatTopic, here);
  checkKeys(settings, region);
  return { ...settings, environment: here, iamEventRegion, organization: organizationSettings(settings) };
}

function withoutCdkKeys(context: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(context).filter(([key]) => !/[:/]/.test(key) && !CDK_KEYS.includes(key)),
  );
}

function readSettingsFile(path: unknown): object {
  if (path === undefined) return {};
  if (typeof path !== 'string')
    throw new DeploymentError('setting "settings" must be the path of a JSON file.');
  try {
    return jsonObject(readFileSync(resolve(REPOSITORY, path)));
  } catch (error) {
    throw new DeploymentError(`could not read the settings file ${path}: ${(error as Error).message}.`);
  }
}

/** Decodes JSON. A text editor may have added a byte order mark, which the decoder removes. */
function jsonObject(bytes: Uint8Array): object {
  const content: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new Error('it must be a JSON object, for example {"frequency": "Six_Hours"}');
  }
  return content;
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return `unknown setting "${issue.keys.join('", "')}"; the known settings are ${SETTINGS.join(', ')}.`;
  }
  const requirement =
    issue.code === 'invalid_value' ? `must be one of ${issue.values.join(', ')}` : issue.message;
  return `setting "${issue.path.join('.')}" ${requirement}.`;
}

function checkKeys({ kmsKeys, mode, alertEmail }: z.output<typeof SCHEMA>, region: string): void {
  const problems = keyProblems(kmsKeys, {
    // The plain template creates the topic if its parameter says so.
    topic: mode === 'template' || alertEmail !== undefined,
    bucket: ORGANIZATION_MODES.some((it) => it === mode),
    region,
  });
  if (problems.length > 0) throw new DeploymentError(problems.join('\n'));
}

/** Checks that Step Functions and CloudWatch, which publish within their account and region, can publish to the topic. */
function checkTopic(setting: string, topic: string | undefined, { account, region }: Environment): void {
  const [, , , topicRegion, topicAccount] = topic?.split(':') ?? [];
  if (topic && (topicRegion !== region || topicAccount !== (account ?? topicAccount))) {
    throw new DeploymentError(
      `setting "${setting}" must be a topic in ${region}${account ? ` of account ${account}` : ''}, where the rule is deployed, but it is ${topic}.`,
    );
  }
}
