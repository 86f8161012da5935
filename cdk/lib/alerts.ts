import { Aws, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { NoticeRules } from './notice-rules.ts';
import { NAME } from './product.ts';
import { FREQUENCIES, type Frequency } from './settings.ts';

export interface AlertsProps {
  /** The function that is watched. */
  readonly function: IFunction;
  /** How often it should evaluate. */
  readonly frequency: Frequency;
  /** Who is told. */
  readonly topic: ITopic;
  /** Where the documents are published; the messages link there. */
  readonly docsUrl: string;
}

/** Tells people what there is to tell of this account, and that there has been nothing to tell for too long. */
export class Alerts extends Construct {
  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    const { topic, docsUrl } = props;
    new NoticeRules(this, 'Notices', { account: Aws.ACCOUNT_ID, topic, docsUrl });
    this.tellSilence(props);
  }

  /** No evaluation has completed for two periods, whatever the reason: nobody calls, or every call fails. */
  private tellSilence({ function: fn, frequency, topic, docsUrl }: AlertsProps): void {
    const period = Duration.hours(FREQUENCIES[frequency]);
    const completed = new cloudwatch.MathExpression({
      label: 'completed evaluations',
      expression: 'invocations - errors',
      usingMetrics: {
        invocations: fn.metricInvocations({ period }),
        errors: fn.metricErrors({ period }),
      },
      period,
    });
    const alarm = completed.createAlarm(this, 'Silence', {
      alarmDescription: [
        `${NAME} has completed no evaluation for ${2 * FREQUENCIES[frequency]} hours:`,
        'AWS Config may show an old result for the root user of this account.',
        `What to do: ${docsUrl}/operations.md#silence`,
      ].join(' '),
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 2,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
  }
}
