import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
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

/** Tells people of the two ways in which the rule can stop working: it finally failed, or it is silent. */
export class Alerts extends Construct {
  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    this.tellFinalFailure(props);
    this.tellSilence(props);
  }

  /** Lambda tried three times and gave up. */
  private tellFinalFailure({ function: fn, topic, docsUrl }: AlertsProps): void {
    const detail = (path: string) => events.EventField.fromPath(`$.detail.${path}`);
    // Named fields only: the whole event would mail the result token about.
    const message = [
      `${NAME} could not tell whether the root user of account ${events.EventField.account} (${events.EventField.region}) has access keys.`,
      'AWS Config still shows the result of the last evaluation that worked.',
      `Why: ${detail('responsePayload.errorType')}: ${detail('responsePayload.errorMessage')}`,
      `When: ${events.EventField.time}, ${detail('requestContext.condition')}, attempts: ${detail('requestContext.approximateInvokeCount')}`,
      `What to do: ${docsUrl}/deploy.md#troubleshooting`,
    ].join('\n');
    new events.Rule(this, 'FinalFailure', {
      description: `${NAME}: an evaluation finally failed.`,
      eventPattern: {
        source: ['lambda'],
        detailType: ['Lambda Function Invocation Result - Failure'],
        // With the colon that comes before the version: another function's name may begin like ours.
        detail: { requestContext: { functionArn: events.Match.prefix(`${fn.functionArn}:`) } },
      },
      targets: [new targets.SnsTopic(topic, { message: events.RuleTargetInput.fromMultilineText(message) })],
    });
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
        `What to do: ${docsUrl}/deploy.md#troubleshooting`,
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
