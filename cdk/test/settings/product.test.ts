import { expect, test } from 'vitest';
import controls from '../../controls.json' with { type: 'json' };
import { DeploymentError } from '../../lib/settings/deployment-error.ts';
import { DOCS_URL, ruleDescription } from '../../lib/settings/product.ts';

test('the rule description is this', () => {
  expect(ruleDescription(DOCS_URL)).toBe(
    'Root user has no access keys, active or not. CIS 1.4 (v3.0), 1.3 (v5), 2.3 (v6), 2.4 (v7), IAM.4, PCI 3.2.1 2.1, NIST AC-6. Fix: https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs/remediation.md',
  );
});

test('a rule description of 256 characters is accepted, and one of 257 is rejected', () => {
  const room = 256 - ruleDescription('').length;
  expect(ruleDescription('x'.repeat(room))).toHaveLength(256);
  expect(() => ruleDescription('x'.repeat(room + 1))).toThrow(DeploymentError);
});

test('every short form of a control contains its id', () => {
  const short = controls.filter((control) => control.short);
  expect(short.length).toBeGreaterThan(0);
  for (const control of short) expect(control.short).toContain(control.control);
});

test('no control is listed twice', () => {
  const ids = controls.map(({ framework, version, control }) => [framework, version, control].join(' '));
  expect(new Set(ids).size).toBe(ids.length);
});
