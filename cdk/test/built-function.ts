import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';

/** `e_machine` of an ELF header. */
export const X86_64 = 0x3e;
export const ARM64 = 0xb7;

/** The first 64 bytes of a 64-bit Linux executable for a machine; nothing of it is ever run. */
export function elf(machine: number): Uint8Array {
  const header = new Uint8Array(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  new DataView(header.buffer).setUint16(18, machine, true);
  return header;
}

/** Writes a zip with these entries to a directory of its own and returns its path. */
export function zip(entries: Record<string, Uint8Array>): string {
  const path = join(mkdtempSync(join(tmpdir(), 'built-function-')), 'bootstrap.zip');
  // A fixed date, or the asset's hash would change from run to run.
  writeFileSync(path, zipSync(entries, { mtime: '2026-01-01' }));
  return path;
}
