import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';
import { expect, test } from 'vitest';

const CDK = join(import.meta.dirname, '..');
const { forbidden = [], options } = await extractDepcruiseConfig(join(CDK, '.dependency-cruiser.js'));

/** The imports below `lib/` and `bin/` that break a rule, as `rule: from -> to`. */
async function forbiddenImports(baseDir: string): Promise<string[]> {
  const { output } = await cruise(
    ['lib', 'bin'],
    { ...options, baseDir, validate: true, ruleSet: { forbidden } },
    {},
  );
  const { summary, modules } = output as ICruiseResult;
  expect(modules.length).toBeGreaterThan(1);
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

/** The files of `lib/` outside `settings/` that read the CDK context or an environment variable. */
function readersOfContext(baseDir: string): string[] {
  return readdirSync(join(baseDir, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('settings/'))
    .filter((file) =>
      /process\b.*\benv\b|node:process|etContext\b|etAllContext\b/.test(
        readFileSync(join(baseDir, 'lib', file), 'utf8'),
      ),
    );
}

/** A folder with these files. */
function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'architecture-'));
  for (const [path, text] of Object.entries({ 'bin/app.ts': 'export {};\n', ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const importing = (path: string) => `import { x } from '${path}';\nexport const y = x;\n`;
const LEAF = 'export const x = 1;\n';

test('every import in the app follows the rules for its folder, and none is part of a cycle', async () => {
  expect(await forbiddenImports(CDK)).toEqual([]);
});

test.each([
  [
    'a cycle',
    'no-cycle',
    { 'lib/rule/a.ts': importing('./b.ts'), 'lib/rule/b.ts': `import './a.ts';\n${LEAF}` },
  ],
  [
    'an event pattern that imports a notification',
    'events-imports-only-itself',
    { 'lib/events/a.ts': importing('../notifications/b.ts'), 'lib/notifications/b.ts': LEAF },
  ],
  [
    'a setting that imports a type of a stack',
    'settings-imports-only-itself',
    {
      'lib/settings/a.ts': "import type { X } from '../stacks/b.ts';\nexport type Y = X;\n",
      'lib/stacks/b.ts': 'export type X = 1;\n',
    },
  ],
  [
    'a notification that imports the function',
    'notifications-imports-only-settings-events',
    { 'lib/notifications/a.ts': importing('../rule/b.ts'), 'lib/rule/b.ts': LEAF },
  ],
  [
    'product code that imports a test',
    'lib-imports-no-caller',
    { 'lib/rule/a.ts': importing('../../test/b.ts'), 'test/b.ts': LEAF },
  ],
  ['a file in no folder', 'known-folder', { 'lib/rule/a.ts': importing('../b.ts'), 'lib/b.ts': LEAF }],
])('%s is found', async (_, rule, files) => {
  expect((await forbiddenImports(tree(files))).map((found) => found.split(':')[0])).toContain(rule);
});

test('only the settings read the CDK context and the environment', () => {
  expect(readersOfContext(CDK)).toEqual([]);
});

test.each([
  'export const x = process.env.HOME;',
  "export const x = process['env'];",
  "import { env } from 'node:process';",
  "export const x = (app: App) => app.node.tryGetContext('x');",
  'export const x = (app: App) => app.node.getAllContext();',
])('a construct that reads them is found: %s', (line) => {
  expect(readersOfContext(tree({ 'lib/rule/a.ts': line, 'lib/settings/b.ts': line }))).toEqual(['rule/a.ts']);
});
