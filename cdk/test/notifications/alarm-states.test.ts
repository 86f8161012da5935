import { describe, expect, test } from 'vitest';
import { FREQUENCIES, type Frequency } from '../../lib/settings/settings.ts';
import { accountTemplate } from '../fixtures/account.ts';
import { silenceAlarm } from '../fixtures/template.ts';

/** The properties of an alarm that decide its state. The period is in minutes. */
interface Alarm {
  readonly expression: string;
  readonly period: number;
  readonly evaluationPeriods: number;
  readonly treatMissingData: unknown;
}

/** The minutes at which the function was invoked, and those of them at which the invocation failed. */
interface History {
  readonly invocations: readonly number[];
  readonly errors: readonly number[];
}

/** A reading of AWS's documentation where it is ambiguous. */
interface Reading {
  /** Whether the newest period ends at the evaluation, or at the end of the hour, incomplete until then. */
  readonly window: 'sliding' | 'aligned';
  /** Whether FILL adds points to a metric that has none at all. */
  readonly fillsUnknownMetric: boolean;
}

/** CloudWatch looks back further than the evaluation periods, by a number that is not documented. */
const FURTHER_BACK = 4;

/**
 * The state of an alarm at a minute, as CloudWatch documents its evaluation: with as many points as evaluation
 * periods the newest of them decide and missing ones are not treated; otherwise the missing ones are filled in
 * as configured. All of the periods have to breach.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
function state(alarm: Alarm, now: number, history: History, reading: Reading): 'OK' | 'ALARM' {
  const count = alarm.evaluationPeriods + FURTHER_BACK;
  const end = reading.window === 'sliding' ? now : Math.ceil((now + 1) / alarm.period) * alarm.period;
  const seen = Array.from({ length: count }, (_, i) =>
    value(alarm, end - i * alarm.period, now, history, reading),
  );
  const points = seen.filter((it) => it !== undefined).slice(0, alarm.evaluationPeriods);
  const missing = alarm.evaluationPeriods - points.length;
  const breaching =
    points.filter((it) => it < 1).length + (alarm.treatMissingData === 'breaching' ? missing : 0);
  return breaching === alarm.evaluationPeriods ? 'ALARM' : 'OK';
}

/** The value of `a - b` or `FILL(a, 0) - FILL(b, 0)` in the period that ends at a minute. */
function value({ expression, period }: Alarm, end: number, now: number, history: History, reading: Reading) {
  const operand = /^(?:FILL\((\w+), 0\)|(\w+)) - (?:FILL\((\w+), 0\)|(\w+))$/.exec(expression);
  if (!operand) throw new Error(`the model does not know ${expression}`);
  const [minuend, subtrahend] = [operand.slice(1, 3), operand.slice(3, 5)].map(([filled, plain]) => {
    const metric = filled ?? plain;
    if (metric !== 'invocations' && metric !== 'errors') throw new Error(`no metric ${metric ?? ''}`);
    // Lambda sends both metrics for each invocation, the errors as 0 or 1.
    const past = history.invocations.filter((it) => it <= now);
    const inPeriod = past.filter((it) => it > end - period && it <= end);
    if (inPeriod.length === 0) {
      return filled !== undefined && (past.length > 0 || reading.fillsUnknownMetric) ? 0 : undefined;
    }
    return metric === 'invocations'
      ? inPeriod.length
      : inPeriod.filter((it) => history.errors.includes(it)).length;
  });
  return minuend === undefined || subtrahend === undefined ? undefined : minuend - subtrahend;
}

function alarmOf(frequency: Frequency): Alarm {
  const alarm = silenceAlarm(accountTemplate({ alertEmail: 'a@example.com', frequency }));
  const [{ Expression }, ...metrics] = alarm.Metrics as [
    { Expression: string },
    ...{ MetricStat: { Period: number } }[],
  ];
  expect(alarm).toMatchObject({ ComparisonOperator: 'LessThanThreshold', Threshold: 1 });
  expect(alarm).not.toHaveProperty('DatapointsToAlarm');
  const [period, ...others] = metrics.map(({ MetricStat }) => MetricStat.Period / 60);
  expect(others).toEqual([period]);
  return {
    expression: Expression,
    period: period ?? 0,
    evaluationPeriods: alarm.EvaluationPeriods as number,
    treatMissingData: alarm.TreatMissingData,
  };
}

const READINGS: Reading[] = (['sliding', 'aligned'] as const).flatMap((window) =>
  [true, false].map((fillsUnknownMetric) => ({ window, fillsUnknownMetric })),
);

describe.each(
  Object.entries(FREQUENCIES).map(([frequency, hours]) => ({ frequency: frequency as Frequency, hours })),
)('$frequency', ({ frequency, hours }) => {
  const alarm = alarmOf(frequency);
  const period = hours * 60;
  const start = 1000 * 60 + 17;
  // AWS Config does not start evaluations to the minute.
  const invocations = Array.from({ length: 12 }, (_, i) => start + i * period + (i % 3) * 13);
  const last = invocations[invocations.length - 1] ?? 0;

  test.each(READINGS)('the alarm fires if the function was never invoked: %o', (reading) => {
    expect(state(alarm, start, { invocations: [], errors: [] }, reading)).toBe('ALARM');
  });

  test.each(READINGS)('the alarm never fires while evaluations complete in time: %o', (reading) => {
    for (let now = start; now <= last + period; now += 7) {
      expect(state(alarm, now, { invocations, errors: [] }, reading), `minute ${now - start}`).toBe('OK');
    }
  });

  test.each(READINGS)(
    'the alarm fires within two periods and an hour of the last evaluation, and stays: %o',
    (reading) => {
      const history = { invocations, errors: [] };
      for (let now = last; now <= last + 2 * period; now += 7)
        expect(state(alarm, now, history, reading)).toBe('OK');
      for (let now = last + 2 * period + 60; now <= last + 9 * period; now += 7) {
        expect(state(alarm, now, history, reading), `${now - last} minutes later`).toBe('ALARM');
      }
    },
  );

  test.each(READINGS)(
    'the alarm fires when every evaluation fails, and ends with the first that completes: %o',
    (reading) => {
      const errors = invocations.slice(1, -1);
      expect(state(alarm, last - 1, { invocations, errors }, reading)).toBe('ALARM');
      expect(state(alarm, last, { invocations, errors }, reading)).toBe('OK');
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
  expect(state(alarm, threeDaysLater, { invocations: [0], errors: [] }, reading)).toBe('OK');
});
