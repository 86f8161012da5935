import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readArtifact } from '../../lib/rule/artifact.ts';
import { ARM64, elf, X86_64, zip } from '../fixtures/built-function.ts';
import { messageOf } from '../fixtures/deployment-error.ts';

test('the architecture is that of the executable', () => {
  expect(readArtifact(zip({ bootstrap: elf(X86_64) })).architecture).toBe('x86_64');
  expect(readArtifact(zip({ bootstrap: elf(ARM64) })).architecture).toBe('arm64');
});

test('the setting architecture accepts an executable for it', () => {
  expect(readArtifact(zip({ bootstrap: elf(ARM64) }), 'arm64').architecture).toBe('arm64');
});

const refusal = (path: string, expected?: 'x86_64' | 'arm64') =>
  messageOf(() => readArtifact(path, expected));

test('the setting architecture rejects an executable for another one, and the error names both', () => {
  expect(refusal(zip({ bootstrap: elf(X86_64) }), 'arm64')).toMatch(
    /"architecture" is arm64, but .* was built for x86_64/,
  );
});

test('a missing artifact is rejected, and the error names the command that builds it', () => {
  expect(refusal('/nowhere/bootstrap.zip')).toBe(
    'there is no built function at /nowhere/bootstrap.zip: build it with `make package`.',
  );
});

test.each([
  ['a script', new TextEncoder().encode('#!/bin/sh\necho this is longer than a header\n')],
  ['nothing', new Uint8Array()],
  ['a header cut short', elf(X86_64).subarray(0, 19)],
  ['a 32-bit executable', elf(X86_64).fill(1, 4, 5)],
  ['an executable for another machine', elf(0xf3)],
])('%s instead of an executable is rejected', (_, bootstrap) => {
  expect(refusal(zip({ bootstrap }))).toMatch(/not a 64-bit x86_64 or arm64 Linux executable.*make package/);
});

test('a zip whose bootstrap is not at its root is rejected', () => {
  expect(refusal(zip({ 'bin/bootstrap': elf(X86_64) }))).toMatch(/no bootstrap at the root.*make package/);
});

test('a file that is not a zip is rejected', () => {
  const path = zip({ bootstrap: elf(X86_64) });
  writeFileSync(path, elf(X86_64));
  expect(refusal(path)).toMatch(/could not unzip .*make package/);
});
