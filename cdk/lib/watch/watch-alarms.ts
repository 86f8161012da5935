import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { notifyOf, type Recipients } from '../notifications/recipients.ts';
import { NAME } from '../settings/product.ts';

/** The namespace of the metrics that the watch's function writes into its log lines. */
const NAMESPACE = 'RootAccessKeyRule';

/** Hours without a completed run after which the alarm fires: a day, the time for retries, and a margin. */
const ALLOWED_HOURS = 30;

export interface WatchAlarmsProps {
  readonly recipients: Recipients;
  /** Where the documents are published; the notifications link there. */
  readonly docsUrl: string;
}

/** The alarms about the watch itself. They notify directly, because the watch cannot report that it does not run. */
export class WatchAlarms extends Construct {
  constructor(scope: Construct, id: string, { recipients, docsUrl }: WatchAlarmsProps) {
    super(scope, id);
    const steps = `Steps: ${docsUrl}/operations.md#the-watch`;
    for (const alarm of [this.notRun(steps), this.notVisible(steps)]) {
      alarm.addOkAction(...notifyOf(alarm, recipients));
    }
  }

  /**
   * Fires when no run has completed for {@link ALLOWED_HOURS}, whatever the reason: no start, a failed execution, or a
   * digest that could not be published. The function writes `Completed` at the end of a run only.
   *
   * FILL adds a point for each hour without one, so that an old point cannot keep the state OK: see `Alerts`.
   */
  private notRun(steps: string): cloudwatch.Alarm {
    const period = Duration.hours(1);
    const completed = new cloudwatch.MathExpression({
      label: 'completed runs of the watch',
      expression: 'FILL(completed, 0)',
      usingMetrics: { completed: metric('Completed', cloudwatch.Stats.SUM, period) },
      period,
    });
    return completed.createAlarm(this, 'NotRun', {
      alarmDescription: [
        `${NAME}: the daily watch has not completed for ${ALLOWED_HOURS} hours,`,
        'so nobody is notified of what is still open in the organization.',
        `What to do: find out what stopped it. ${steps}`,
      ].join(' '),
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      // CloudWatch's newest hour may be incomplete.
      evaluationPeriods: ALLOWED_HOURS + 1,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
  }

  /** Fires when a run could not see everything, and keeps its state until the next run. */
  private notVisible(steps: string): cloudwatch.Alarm {
    return metric('NotVisible', cloudwatch.Stats.MAXIMUM, Duration.hours(1)).createAlarm(this, 'NotVisible', {
      alarmDescription: [
        `${NAME}: the daily watch could not see everything, so its report is incomplete.`,
        'The first lines of its digest say what it could not see.',
        `What to do: restore its view. ${steps}`,
      ].join(' '),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
    });
  }
}

function metric(metricName: string, statistic: string, period: Duration): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: NAMESPACE, metricName, statistic, period });
}
