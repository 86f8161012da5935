import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { REPOSITORY } from '../settings/product.ts';
import { ACCOUNT_STACK, STACK_SET_STACK } from '../settings/stack-names.ts';

/** Folder below the app's output with the template of the accounts that a StackSet reaches. */
export const MEMBERS = 'members';

/** What the CDK writes for a stack: its template, and lists of its files and of what is known about it. */
const STACK_FILE = new RegExp(`^(${ACCOUNT_STACK}[\\w-]*)\\.(template|assets|metadata)\\.json$`);

/** A file or folder that the CDK uploads for a stack. */
const ASSET = /^asset\.[0-9a-f]{64}/;

/** Removes from the app's output what an earlier run, in another mode, wrote there and this one did not. */
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

/** Lists the templates that were written, each with its description. */
export function synthesisReport(assembly: CloudAssembly): string {
  const templates = assembly.stacks.map(({ templateFullPath, template }) => {
    const { Description } = template as { Description?: string };
    return `  ${shown(templateFullPath)}\n    ${Description ?? ''}`;
  });
  const members = join(assembly.directory, MEMBERS, 'Member.template.json');
  const ofMembers = existsSync(members)
    ? [`  ${shown(members)}\n    What the StackSet deploys to each account, for reading only.`]
    : [];
  return ['Wrote these CloudFormation templates:', ...templates, ...ofMembers].join('\n');
}

/** A path as seen from the repository, or in full when it is elsewhere. */
function shown(path: string): string {
  const fromRepository = relative(REPOSITORY, resolve(path));
  return fromRepository.startsWith('..') || isAbsolute(fromRepository) ? path : fromRepository;
}
