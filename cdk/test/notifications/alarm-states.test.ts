import { describe, expect, test } from 'vitest';
import { FREQUENCIES, type Frequency } from '../../lib/settings/settings.ts';
import { accountTemplate } from '../fixtures/account.ts';
import {
  type Alarm,
  alarmModel,
  type Metrics,
  READINGS,
  type Reading,
  state,
} from '../fixtures/alarm-model.ts';
import { silenceAlarm } from '../fixtures/template.ts';

/** Lambda's metrics of a function that was invoked at these minutes, and failed at those. It sends both for each invocation. */
function history(invocations: readonly number[], errors: readonly number[] = []): Metrics {
  return {
    invocations: invocations.map((minute) => [minute, 1]),
    errors: invocations.map((minute) => [minute, errors.includes(minute) ? 1 : 0]),
  };
}

describe.each(
  Object.entries(FREQUENCIES).map(([frequency, hours]) => ({ frequency: frequency as Frequency, hours })),
)('$frequency', ({ frequency, hours }) => {
  const alarm = alarmModel(silenceAlarm(accountTemplate({ alertEmail: 'a@example.com', frequency })));
  const period = hours * 60;
  const start = 1000 * 60 + 17;
  // AWS Config does not start evaluations to the minute.
  const invocations = Array.from({ length: 12 }, (_, i) => start + i * period + (i % 3) * 13);
  const last = invocations[invocations.length - 1] ?? 0;

  test.each(READINGS)('the alarm fires if the function was never invoked: %o', (reading) => {
    expect(state(alarm, start, history([]), reading)).toBe('ALARM');
  });

  test.each(READINGS)('the alarm never fires while evaluations complete in time: %o', (reading) => {
    for (let now = start; now <= last + period; now += 7) {
      expect(state(alarm, now, history(invocations), reading), `minute ${now - start}`).toBe('OK');
    }
  });

  test.each(READINGS)(
    'the alarm fires within two periods and an hour of the last evaluation, and stays: %o',
    (reading) => {
      for (let now = last; now <= last + 2 * period; now += 7)
        expect(state(alarm, now, history(invocations), reading)).toBe('OK');
      for (let now = last + 2 * period + 60; now <= last + 9 * period; now += 7) {
        expect(state(alarm, now, history(invocations), reading), `${now - last} minutes later`).toBe('ALARM');
      }
    },
  );

  test.each(READINGS)(
    'the alarm fires when every evaluation fails, and ends with the first that completes: %o',
    (reading) => {
      const failing = history(invocations, invocations.slice(1, -1));
      expect(state(alarm, last - 1, failing, reading)).toBe('ALARM');
      expect(state(alarm, last, failing, reading)).toBe('OK');
    },
  );

  test('the evaluation periods are within the seven days that CloudWatch allows', () => {
    expect(alarm.period * alarm.evaluationPeriods).toBeLessThanOrEqual(7 * 24 * 60);
  });
});

test('without FILL one old point would keep the alarm at OK, as CloudWatch documents', () => {
  const alarm: Alarm = {
    expression: 'invocations - errors',
    period: 24 * 60,
    evaluationPeriods: 2,
    treatMissingData: 'breaching',
  };
  const reading: Reading = { window: 'sliding', fillsUnknownMetric: true };
  const threeDaysLater = 3.5 * 24 * 60;
  expect(state(alarm, threeDaysLater, history([0]), reading)).toBe('OK');
});
