import { Aws, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { NAME, notificationsName } from '../settings/product.ts';
import { FREQUENCIES, type Frequency } from '../settings/settings.ts';
import { NotificationRules } from './notification-rules.ts';
import type { Notification } from './notifications.ts';
import { notifyOf, type Recipients } from './recipients.ts';
import { WeeklyReminder } from './reminder.ts';

/** The time without a completed evaluation after which the alarm fires: two periods of the rule. */
export interface AllowedGap {
  /** The hours of two periods, as text for the alarm's description. */
  readonly hours: string;
  /** The number of one-hour periods that the alarm evaluates. */
  readonly periods: number;
}

/**
 * The allowed gap for a rule of this frequency. CloudWatch's newest hour may be incomplete, so the alarm evaluates one
 * hour more than two periods have.
 */
export function allowedGap(frequency: Frequency): AllowedGap {
  const hours = 2 * FREQUENCIES[frequency];
  return { hours: String(hours), periods: hours + 1 };
}

export interface AlertsProps {
  /** The function whose evaluations the alarm counts. */
  readonly function: IFunction;
  /** The time after which the alarm fires. */
  readonly allowedGap: AllowedGap;
  /** The ConfigRule whose present result a weekly reminder reads. */
  readonly rule: { readonly name: string; readonly arn: string };
  /** What is notified, besides the alarm. */
  readonly notifications: readonly Notification[];
  /** Where the notifications go. */
  readonly recipients: Recipients;
  /** Where the documents are published; the notifications link there. */
  readonly docsUrl: string;
}

/** The notifications about this account, a weekly reminder, and the alarm for evaluations that have stopped. */
export class Alerts extends Construct {
  /** The alarm for evaluations that have stopped. */
  readonly alarm: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    const { notifications, recipients, rule, docsUrl } = props;
    const { stateMachineArn } = new NotificationRules(this, 'Notices', {
      stateMachineName: notificationsName(NAME),
      notifications,
      account: Aws.ACCOUNT_ID,
      recipients,
      rule,
      docsUrl,
    });
    new WeeklyReminder(this, 'Reminder', { functionName: NAME, stateMachineArn });
    this.alarm = this.alarmWhenStopped(props);
  }

  /**
   * Fires when no evaluation has completed for two periods, whatever the reason: AWS Config starts none, or each one
   * fails.
   *
   * Lambda sends no data point for an hour without an invocation. If CloudWatch finds enough other points, it ignores
   * `treatMissingData` and looks further back than the evaluation periods, so that an old point could keep the state
   * OK: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html.
   * FILL adds a point for each hour. It adds none to a metric without any point; there all points are missing and count
   * as breaching.
   */
  private alarmWhenStopped({ function: fn, allowedGap, recipients, docsUrl }: AlertsProps): cloudwatch.Alarm {
    const period = Duration.hours(1);
    const completed = new cloudwatch.MathExpression({
      label: 'completed evaluations',
      expression: 'FILL(invocations, 0) - FILL(errors, 0)',
      usingMetrics: {
        invocations: fn.metricInvocations({ period }),
        errors: fn.metricErrors({ period }),
      },
      period,
    });
    const alarm = completed.createAlarm(this, 'Silence', {
      alarmDescription: [
        `${NAME} has completed no evaluation for ${allowedGap.hours} hours:`,
        'AWS Config may show an old result for the root user of this account.',
        `What to do: find out what stopped the evaluations. Steps: ${docsUrl}/operations.md#silence`,
      ].join(' '),
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: allowedGap.periods,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
    alarm.addOkAction(...notifyOf(alarm, recipients));
    return alarm;
  }
}
