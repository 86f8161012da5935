import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { REPOSITORY } from '../settings/product.ts';
import { ACCOUNT_STACK, STACK_SET_STACK } from '../settings/stack-names.ts';

/** Folder in the app's output with the template that the StackSet deploys to the accounts. */
export const MEMBERS = 'members';

/** The files that the CDK writes for a stack: its template, assets and metadata. */
const STACK_FILE = new RegExp(`^(${ACCOUNT_STACK}[\\w-]*)\\.(template|assets|metadata)\\.json$`);

/** A file or folder that the CDK uploads for a stack. */
const ASSET = /^asset\.[0-9a-f]{64}/;

/** Removes the files that an earlier run in another mode left in the app's output. */
export function removeStaleOutput({ directory, stacks }: CloudAssembly): void {
  const ids = stacks.map(({ id }) => id);
  const stale = (file: string) => {
    const stack = STACK_FILE.exec(file)?.[1];
    return stack === undefined ? file === MEMBERS && !hasMembers(ids) : !ids.includes(stack);
  };
  remove(directory, stale);
  const uploads = ids
    .map((id) => join(directory, `${id}.assets.json`))
    .map((list) => (existsSync(list) ? readFileSync(list, 'utf8') : ''))
    .join();
  remove(directory, (file) => ASSET.test(file) && !uploads.includes(file));
}

function remove(directory: string, stale: (file: string) => boolean): void {
  for (const file of readdirSync(directory).filter(stale)) rmSync(join(directory, file), { recursive: true });
}

function hasMembers(stacks: readonly string[]): boolean {
  return stacks.includes(STACK_SET_STACK);
}

/** A text that lists the written templates, each with its description. */
export function synthesisReport(assembly: CloudAssembly): string {
  const templates = assembly.stacks.map(({ templateFullPath, template }) => {
    const { Description } = template as { Description?: string };
    return `  ${displayPath(templateFullPath)}\n    ${Description ?? ''}`;
  });
  return ['Wrote these CloudFormation templates:', ...templates, ...memberReport(assembly)].join('\n');
}

function memberReport({ directory }: CloudAssembly): string[] {
  const members = join(directory, MEMBERS);
  if (!existsSync(members)) return [];
  const templates = readdirSync(members).filter((file) => file.endsWith('.template.json'));
  return templates.map(
    (file) =>
      `  ${displayPath(join(members, file))}\n    The stack that a StackSet deploys to each account. For reading only.`,
  );
}

/** A path relative to the repository, or the absolute path of a file outside it. */
function displayPath(path: string): string {
  const fromRepository = relative(REPOSITORY, resolve(path));
  return fromRepository.startsWith('..') || isAbsolute(fromRepository) ? path : fromRepository;
}
