import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { elf, X86_64, zip } from './fixtures/built-function.ts';
import { REQUIRED } from './fixtures/organization.ts';

/** Runs the app as the CDK CLI does, with `-c name=value …`. */
function app(context: Record<string, string>, environment: Record<string, string> = {}) {
  const out = mkdtempSync(join(tmpdir(), 'cdk-out-'));
  const run = spawnSync(process.execPath, ['--import', 'tsx', 'bin/app.ts'], {
    cwd: join(import.meta.dirname, '..'),
    env: {
      PATH: process.env.PATH,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify(context),
      ...environment,
    },
    encoding: 'utf8',
  });
  return { out, status: run.status, said: run.stdout + run.stderr };
}

test('without a built function the app prints one sentence and fails', () => {
  const { status, said, out } = app({ artifact: '/nowhere/bootstrap.zip' });
  expect(said).toBe('there is no built function at /nowhere/bootstrap.zip: build it with `make package`.\n');
  expect(status).toBe(1);
  expect(readdirSync(out)).toEqual([]);
});

test('the plain template has parameters for the artifact and needs no CDK bootstrap', () => {
  const { status, said, out } = app({ mode: 'template', artifact: zip({ bootstrap: elf(X86_64) }) });
  expect(said).toBe('');
  expect(status).toBe(0);
  const template = JSON.parse(readFileSync(join(out, 'RootAccessKeyRule.template.json'), 'utf8'));
  expect(Object.keys(template.Parameters)).toEqual(expect.arrayContaining(['ArtifactBucket', 'ArtifactKey']));
  expect(Object.keys(template.Parameters)).not.toContain('BootstrapVersion');
  const fn = Object.values<{ Type: string; Properties: object }>(template.Resources).find(
    ({ Type }) => Type === 'AWS::Lambda::Function',
  );
  expect(fn?.Properties).toMatchObject({
    Code: { S3Bucket: { Ref: 'ArtifactBucket' }, S3Key: { Ref: 'ArtifactKey' } },
  });
});

test('a deployment that subscribes an address and evaluates in one step prints a warning', () => {
  const { status, said } = app(
    { alertEmail: 'security@example.com', artifact: zip({ bootstrap: elf(X86_64) }) },
    { ROOT_ACCESS_KEY_RULE_CDK_ARGUMENTS: '["deploy"]', CDK_DEFAULT_ACCOUNT: '111122223333' },
  );
  expect(said).toMatch(/^Warning: until security@example\.com confirms the subscription .+\n$/);
  expect(status).toBe(0);
});

test('a rollout that also deploys to the management account creates the stacks of both', () => {
  const { status, said, out } = app({
    mode: 'organization-pack',
    ...REQUIRED,
    managementAccount: 'deploy',
    alertEmail: 'security@example.com',
    artifact: zip({ bootstrap: elf(X86_64) }),
    watchArtifact: zip({ bootstrap: elf(X86_64) }),
  });
  expect(said).toBe('');
  expect(status).toBe(0);
  const templates = (folder: string) => readdirSync(folder).filter((file) => file.endsWith('.template.json'));
  expect(templates(out)).toEqual([
    'RootAccessKeyRule.template.json',
    'RootAccessKeyRuleOrganizationAlerts.template.json',
    'RootAccessKeyRuleOrganizationArtifact.template.json',
    'RootAccessKeyRuleOrganizationPack.template.json',
    'RootAccessKeyRuleOrganizationStackSet.template.json',
    'RootAccessKeyRuleOrganizationWatch.template.json',
  ]);
  expect(templates(join(out, 'members'))).toEqual(['Member.template.json']);
});
