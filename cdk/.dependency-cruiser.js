// Which folder of lib/ may import which: arrows point one way, from the stacks down. `npx depcruise lib bin` reports
// what breaks these rules; test/architecture.test.ts runs them with the other tests.

/** The folders of lib/, each with the folders that it may import. */
const FOLDERS = {
  settings: [],
  events: [],
  rule: ['settings', 'events'],
  're-evaluation': ['settings', 'events'],
  notifications: ['settings', 'events'],
  'security-hub': ['settings', 'events'],
  watch: ['settings', 'events', 'notifications'],
  stacks: ['settings', 'events', 'rule', 're-evaluation', 'notifications', 'security-hub', 'watch'],
};

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'lib-imports-no-caller',
      comment: 'The app in bin/ and the tests use lib/, never the other way round.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(bin|test)/' },
    },
    {
      name: 'known-folder',
      comment: 'Every file of lib/ belongs to a folder of the table above.',
      severity: 'error',
      from: {},
      to: { path: '^lib/', pathNot: `^lib/(${Object.keys(FOLDERS).join('|')})/` },
    },
    {
      name: 'no-development-package',
      comment: 'Whoever deploys installs the packages under `dependencies` only.',
      severity: 'error',
      from: { path: '^(lib|bin)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    ...Object.entries(FOLDERS).map(([folder, allowed]) => ({
      name: `${folder}-imports-only-${allowed.join('-') || 'itself'}`,
      severity: 'error',
      from: { path: `^lib/${folder}/` },
      to: { path: '^lib/', pathNot: `^lib/(${[folder, ...allowed].join('|')})/` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports of types count: they are what a reader follows.
    tsPreCompilationDeps: true,
  },
};
