import { expect, test } from 'vitest';
import { REQUIRED, rollout } from '../fixtures/organization.ts';
import { joinedJson, only } from '../fixtures/template.ts';

const template = rollout({ mode: 'stack-set', ...REQUIRED, alertEmail: 'security@example.com' }).template(
  'Watch',
);

interface State {
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Catch?: readonly object[];
}

const { States } = joinedJson(only(template, 'AWS::StepFunctions::StateMachine').DefinitionString) as {
  readonly States: Readonly<Record<string, State>>;
};

test('an attempt is given up only after the function has ended', () => {
  const attempts = Object.values(States).filter(({ Resource }) => Resource?.endsWith(':lambda:invoke'));
  expect(attempts).toHaveLength(4);
  const { Timeout } = only(template, 'AWS::Lambda::Function') as { Timeout: number };
  for (const { TimeoutSeconds } of attempts) expect(TimeoutSeconds).toBeGreaterThan(Timeout);
});

test('the switches are null if they cannot be read', () => {
  expect(States.ReadSwitches?.Catch).toEqual([
    { ErrorEquals: ['States.ALL'], Assign: { switches: null }, Next: 'Work' },
  ]);
});
