import { z } from 'zod';

/** What a KMS key of the organization can encrypt, and when that exists. */
const USES = {
  logGroup: 'the log group of the function',
  environment: "the function's environment variables",
  topic: 'the topic, which is created for "alertEmail"',
  bucket: 'the bucket for the built function, which exists in the modes for an organization',
} as const;
type Use = keyof typeof USES;

const key = z
  .string()
  .regex(
    /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/(mrk-)?[0-9a-f-]{32,36}$/,
    'must be the ARN of a KMS key, as in arn:aws:kms:us-east-1:111122223333:key/1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d, and not of an alias',
  )
  .optional();

/** ARNs of KMS keys by what they encrypt. */
export const KMS_KEYS = z.strictObject({ logGroup: key, environment: key, topic: key, bucket: key });
export type KmsKeys = z.output<typeof KMS_KEYS>;

/** Which of the resources a deployment has. */
export interface Encrypted {
  readonly topic: boolean;
  readonly bucket: boolean;
  /** The region of the deployment. KMS keys are regional. */
  readonly region: string | undefined;
}

/**
 * What is wrong with the keys of a deployment. A key for only some of the resources is a problem: a policy that
 * requires keys would stop the deployment half-way.
 */
export function keyProblems(keys: KmsKeys | undefined, { topic, bucket, region }: Encrypted): string[] {
  if (keys === undefined) return [];
  const exists = { logGroup: true, environment: true, topic, bucket };
  return (Object.keys(USES) as Use[]).flatMap((use) => {
    const setting = `setting "kmsKeys.${use}"`;
    const arn = keys[use];
    if (arn === undefined) {
      return exists[use] ? [`${setting} is missing: with "kmsKeys", give a key for ${USES[use]}.`] : [];
    }
    if (!exists[use]) return [`${setting} does not apply: this deployment does not create ${USES[use]}.`];
    if (arn.split(':')[3] === region) return [];
    return [`${setting} must be a key in ${region}, the region of the deployment: ${arn} is not.`];
  });
}
