import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readArtifact } from '../../lib/rule/artifact.ts';
import { DeploymentError } from '../../lib/settings/deployment-error.ts';
import { ARM64, elf, X86_64, zip } from '../fixtures/built-function.ts';

const built = (entries: Record<string, Uint8Array>) => zip(entries);

test('the architecture is that of the executable', () => {
  expect(readArtifact(built({ bootstrap: elf(X86_64) })).architecture).toBe('x86_64');
  expect(readArtifact(built({ bootstrap: elf(ARM64) })).architecture).toBe('arm64');
});

test('an expected architecture that the executable has is fine', () => {
  expect(readArtifact(built({ bootstrap: elf(ARM64) }), 'arm64').architecture).toBe('arm64');
});

function refusal(path: string, expected?: 'x86_64' | 'arm64'): string {
  try {
    readArtifact(path, expected);
  } catch (error) {
    if (error instanceof DeploymentError) return error.message;
    throw error;
  }
  throw new Error('the artifact was taken');
}

test('an expected architecture that the executable lacks is refused, naming both', () => {
  expect(refusal(built({ bootstrap: elf(X86_64) }), 'arm64')).toMatch(
    /"architecture" is arm64, but .* was built for x86_64/,
  );
});

test('a missing artifact is refused, naming the command that builds it', () => {
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
])('%s instead of an executable is refused', (_, bootstrap) => {
  expect(refusal(built({ bootstrap }))).toMatch(
    /not a 64-bit x86_64 or arm64 Linux executable.*make package/,
  );
});

test('a zip whose bootstrap is not at its root is refused', () => {
  expect(refusal(built({ 'bin/bootstrap': elf(X86_64) }))).toMatch(/no bootstrap at the root.*make package/);
});

test('a file that is no zip is refused', () => {
  const path = built({ bootstrap: elf(X86_64) });
  writeFileSync(path, elf(X86_64));
  expect(refusal(path)).toMatch(/could not unzip .*make package/);
});
