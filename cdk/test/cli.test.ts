import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import cdkJson from '../cdk.json' with { type: 'json' };
import { REPOSITORY } from '../lib/settings/product.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { PACK_STACK } from '../lib/settings/stack-names.ts';
import recommended from '../node_modules/aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { elf, X86_64, zip } from './fixtures/built-function.ts';
import { REQUIRED } from './fixtures/organization.ts';

const CDK = join(import.meta.dirname, '..');
const ARTIFACT = zip({ bootstrap: elf(X86_64) });
const OUT = mkdtempSync(join(tmpdir(), 'cdk-out-'));

/** Runs the pinned CDK CLI on the app, for somebody without credentials. */
function cdk(...arguments_: string[]) {
  const run = spawnSync(
    join(CDK, 'node_modules/.bin/cdk'),
    [...arguments_, '--output', OUT, '-c', `artifact=${ARTIFACT}`],
    {
      cwd: CDK,
      env: {
        PATH: process.env.PATH,
        HOME: OUT,
        AWS_EC2_METADATA_DISABLED: 'true',
        CDK_DISABLE_CLI_TELEMETRY: 'true',
      },
      encoding: 'utf8',
    },
  );
  return { status: run.status, said: run.stdout + run.stderr };
}

test('a context argument that the CDK CLI ignores is rejected', () => {
  const { status, said } = cdk('synth', '--quiet', '-c', 'frequency');
  expect(said).toContain('-c frequency has no value: write -c frequency=VALUE.\n');
  expect(status).toBe(1);
});

test('without credentials nothing is deployed, and the error is one sentence', () => {
  const { status, said } = cdk('deploy', '--all');
  expect(said).toMatch(/^could not deploy: the CDK found no AWS credentials/);
  expect(said).not.toMatch(/ at .*\.js:\d+/);
  expect(status).toBe(1);
});

test('a synthesis lists the templates that it wrote and removes those of another mode', () => {
  const rollout = Object.entries({ mode: 'stack-set', ...REQUIRED }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  expect(cdk('synth', '--quiet', ...rollout).status).toBe(0);
  expect(stackFiles()).toContain('RootAccessKeyRuleOrganizationStackSet.template.json');
  expect(readdirSync(OUT)).toContain('members');
  const { status, said } = cdk('synth', '--quiet');
  expect(said).toBe(
    [
      'Wrote these CloudFormation templates:',
      `  ${OUT}/RootAccessKeyRule.template.json`,
      '    root-access-key-rule: AWS Config reports whether the root user of this account has access keys.',
      '',
    ].join('\n'),
  );
  expect(status).toBe(0);
  expect(stackFiles()).toEqual(['RootAccessKeyRule.template.json']);
  expect(readdirSync(OUT)).not.toContain('members');
  const uploads = readFileSync(join(OUT, 'RootAccessKeyRule.assets.json'), 'utf8');
  for (const asset of readdirSync(OUT).filter((file) => file.startsWith('asset.')))
    expect(uploads).toContain(asset);
});

test('every feature flag of the CDK library has a value, so that its CLI does not ask for one', () => {
  const flags = Object.keys(cdkJson.context).filter((key) => key.includes('aws-cdk'));
  expect(flags.sort()).toEqual(Object.keys(recommended).sort());
});

test('no context key that the pinned CDK CLI writes is read as a setting', () => {
  const source = readFileSync(join(CDK, 'node_modules/aws-cdk/lib/index.js'), 'utf8');
  const written = [
    ...source.matchAll(/configuration\.context\.set\("([^"]+)"/g),
    ...source.matchAll(/\.\.\.config\w*\.context,\s+"([^"]+)": /g),
  ].map(([, key]) => key ?? '');
  expect(written).toEqual(
    expect.arrayContaining(['cli-telemetry', 'acknowledged-issue-numbers', 'cdk-migrate']),
  );
  const context = Object.fromEntries(written.map((key) => [key, true]));
  expect(readSettings(context, {}).mode).toBe('account');
});

function stackFiles(): string[] {
  return readdirSync(OUT).filter((file) => file.endsWith('.template.json'));
}

/** The environment at a prompt: if make runs these tests, its level and options must not reach the make that is tested. */
const AT_A_PROMPT = { ...process.env, MAKEFLAGS: '', MAKELEVEL: '' };

test.each([[], ['ACCOUNT=111122223333'], ['REGION=us-east-1'], ['ACCOUNT=me', 'REGION=us-east-1']])(
  'make bootstrap without both arguments prints its usage: %o',
  (...given) => {
    const { status, stdout, stderr } = spawnSync('make', ['bootstrap', ...given], {
      cwd: REPOSITORY,
      env: AT_A_PROMPT,
      encoding: 'utf8',
    });
    expect(stderr).toMatch(
      /^usage: make bootstrap ACCOUNT=111122223333 REGION=us-east-1 .*\n {2}ACCOUNT .*\n {2}REGION .*\n/m,
    );
    expect(stdout).toBe('');
    expect(status).toBe(2);
  },
);

test('make deploy deploys all stacks, or those that STACKS names', () => {
  const commands = (...given: string[]) =>
    spawnSync('make', ['--dry-run', '--old-file=cdk/node_modules/.package-lock.json', 'deploy', ...given], {
      cwd: REPOSITORY,
      encoding: 'utf8',
    }).stdout;
  expect(commands()).toContain('npx cdk deploy --all');
  expect(commands(`STACKS=--exclusively ${PACK_STACK}`, 'ARGS=-c a=b')).toContain(
    `npx cdk deploy --exclusively ${PACK_STACK} -c a=b`,
  );
});
