import { expect, test } from 'vitest';
import { REQUIRED, rollout } from '../fixtures/organization.ts';
import { only } from '../fixtures/template.ts';

const template = rollout({ mode: 'stack-set', ...REQUIRED }).template('Artifact');

test('the bucket is private, versioned and encrypted, and is retained', () => {
  const [bucket] = Object.values(template.findResources('AWS::S3::Bucket'));
  expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  expect(bucket?.Properties).toEqual({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    VersioningConfiguration: { Status: 'Enabled' },
  });
});

test('a build is copied from the assets of the CDK to a key of its own, and no build is deleted', () => {
  const published = only(template, 'Custom::PublishedBuild');
  expect(published).not.toHaveProperty('Delete');
  for (const event of ['Create', 'Update']) {
    const call = JSON.stringify(published[event]).replaceAll('\\', '');
    expect(call).toMatch(/"service":"S3","action":"CopyObject","parameters":\{"Bucket":".*\{"Ref":"Bucket/);
    const [, key, source] =
      /"Key":"([0-9a-f]{64})\.zip","CopySource":"cdk-hnb659fds-assets-.*\/([0-9a-f]{64})\.zip"/.exec(
        call.replaceAll(/",\{"(Ref|Fn::Sub)":"([^"]*)"\},"/g, '$2'),
      ) ?? [];
    expect(key, call).toBeDefined();
    expect(source).toBe(key);
  }
});

test('the log lines of the copy are deleted after a month', () => {
  expect(only(template, 'AWS::Logs::LogGroup')).toEqual({ RetentionInDays: 30 });
});
