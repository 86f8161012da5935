import { expect, test } from 'vitest';
import { alarmModel, type Metrics, READINGS, state } from '../fixtures/alarm-model.ts';
import { REQUIRED, rollout } from '../fixtures/organization.ts';
import { only } from '../fixtures/template.ts';

const DAY = 24 * 60;
const template = rollout({ mode: 'stack-set', ...REQUIRED, alertEmail: 'security@example.com' }).template(
  'Watch',
);
const [properties] = Object.values(template.findResources('AWS::CloudWatch::Alarm'))
  .map(({ Properties }) => Properties as Record<string, unknown>)
  .filter(({ Metrics }) => Metrics);
const alarm = alarmModel(properties ?? {});

const { ScheduleExpression, FlexibleTimeWindow } = only(template, 'AWS::Scheduler::Schedule') as {
  ScheduleExpression: string;
  FlexibleTimeWindow: { MaximumWindowInMinutes: number };
};
const [, minute, hour] = /^cron\((\d+) (\d+) \* \* \? \*\)$/.exec(ScheduleExpression) ?? [];
/** The minute of a day at which a run may start first, and the minutes after which it starts at the latest. */
const FIRST_START = Number(hour) * 60 + Number(minute);
const WINDOW = FlexibleTimeWindow.MaximumWindowInMinutes;
/** A step that fails, for as long as it is retried. */
const RETRIES = 70;

/** The metric with a point for each run that completed, or did not. */
function runs(completed: readonly number[], failed: readonly number[] = []): Metrics {
  const points = [...completed.map((it) => [it, 1] as const), ...failed.map((it) => [it, 0] as const)];
  return { completed: points.sort(([a], [b]) => a - b) };
}

const start = (day: number) => 100 * DAY + day * DAY + FIRST_START;

test('a run starts once on each UTC day, and ends on it even if its last step is retried as long as possible', () => {
  expect(FIRST_START).toBeGreaterThanOrEqual(0);
  expect(FIRST_START + WINDOW + 6 * 60).toBeLessThan(DAY);
});

test.each(READINGS)('a new deployment alarms until a first run has completed: %o', (reading) => {
  const deployed = start(0) + 60;
  for (let now = deployed; now < start(1); now += 13) {
    expect(state(alarm, now, runs([]), reading)).toBe('ALARM');
  }
  expect(state(alarm, start(1) + 5, runs([start(1) + 5]), reading)).toBe('OK');
});

test.each(READINGS)(
  'once the first run was started by hand, the alarm stays OK until the first scheduled one: %o',
  (reading) => {
    // The worst time is right after the start of the day.
    const byHand = start(0) + WINDOW + 1;
    const scheduled = start(1) + WINDOW + RETRIES;
    for (let now = byHand; now <= scheduled; now += 7) {
      expect(state(alarm, now, runs([byHand, scheduled]), reading), `minute ${now - byHand}`).toBe('OK');
    }
  },
);

test.each(READINGS)(
  'the alarm never fires while a run completes each day, early or after retries: %o',
  (reading) => {
    const completed = Array.from({ length: 9 }, (_, day) => start(day) + (day % 2) * (WINDOW + RETRIES));
    const last = completed.at(-1) ?? 0;
    for (let now = start(0); now <= last; now += 7) {
      expect(state(alarm, now, runs(completed), reading), `minute ${now - start(0)}`).toBe('OK');
    }
  },
);

test.each(READINGS)(
  'the alarm fires 30 to 31 hours after the last completed run, whatever failed since: %o',
  (reading) => {
    const last = start(3);
    for (const metrics of [runs([start(2), last]), runs([start(2), last], [start(4)])]) {
      for (let now = last; now <= last + 30 * 60; now += 7)
        expect(state(alarm, now, metrics, reading)).toBe('OK');
      for (let now = last + 31 * 60; now <= last + 5 * DAY; now += 7) {
        expect(state(alarm, now, metrics, reading), `${now - last} minutes later`).toBe('ALARM');
      }
    }
  },
);
