import { Duration, Fn } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IRule } from 'aws-cdk-lib/aws-events';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { NAME, ORGANIZATION_NAME } from '../settings/product.ts';
import { LOG_QUERIES } from './log-queries.ts';

/** The time range that a dashboard shows at first: long enough for a rule that runs once a day. */
const SHOWN = Duration.days(30);
const DAY = Duration.days(1);
const HALF = { width: 12, height: 7 };

/** The evaluations of this account, from the log lines of the function. */
export class EvaluationDashboard extends cloudwatch.Dashboard {
  constructor(scope: Construct, id: string, { logGroupName }: ILogGroup) {
    super(scope, id, { dashboardName: NAME, defaultInterval: SHOWN });
    this.addWidgets(
      ...LOG_QUERIES.map(
        ({ title, view, query }) =>
          new cloudwatch.LogQueryWidget({
            ...HALF,
            title,
            view: cloudwatch.LogQueryVisualizationType[
              view as keyof typeof cloudwatch.LogQueryVisualizationType
            ],
            logGroupNames: [logGroupName],
            queryLines: query,
          }),
      ),
    );
  }
}

export interface NotificationDashboardProps {
  /** The rules that send notifications, each with the description of its notification. */
  readonly rules: readonly { readonly rule: IRule; readonly about: string }[];
  /** The bus of the rules. */
  readonly eventBusName: string;
  /** ARN of the state machine that the rules start. */
  readonly stateMachineArn: string;
  /** Where the notifications go. */
  readonly topic: ITopic;
}

/**
 * The notifications about the accounts of an organization. The log lines stay in the member accounts, so this dashboard
 * shows how many notifications EventBridge, Step Functions and SNS counted in the administrator account.
 */
export class NotificationDashboard extends cloudwatch.Dashboard {
  constructor(scope: Construct, id: string, props: NotificationDashboardProps) {
    super(scope, id, { dashboardName: ORGANIZATION_NAME, defaultInterval: SHOWN });
    const { rules, eventBusName, stateMachineArn, topic } = props;
    const count = (metricName: string) =>
      rules.map(
        ({ rule, about }) =>
          new cloudwatch.Metric({
            namespace: 'AWS/Events',
            metricName,
            dimensionsMap: { EventBusName: eventBusName, RuleName: nameOf(rule) },
            statistic: cloudwatch.Stats.SUM,
            period: DAY,
            label: about,
          }),
      );
    const unsent = new cloudwatch.Metric({
      namespace: 'AWS/States',
      metricName: 'ExecutionsFailed',
      dimensionsMap: { StateMachineArn: stateMachineArn },
      statistic: cloudwatch.Stats.SUM,
      period: DAY,
      label: 'not sent by the state machine',
    });
    const undelivered = new cloudwatch.Metric({
      namespace: 'AWS/SNS',
      metricName: 'NumberOfNotificationsFailed',
      dimensionsMap: { TopicName: topic.topicName },
      statistic: cloudwatch.Stats.SUM,
      period: DAY,
      label: 'sent by the topic, not delivered',
    });
    this.addWidgets(
      new cloudwatch.GraphWidget({
        ...HALF,
        title: 'Notifications about the accounts, by day',
        left: count('Invocations'),
        stacked: true,
      }),
      new cloudwatch.GraphWidget({
        ...HALF,
        title: 'Notifications that were not delivered',
        left: [...count('FailedInvocations'), unsent, undelivered],
      }),
    );
  }
}

/** The name of a rule on a custom bus. CloudFormation's `Ref` would return it with the name of the bus in front. */
function nameOf(rule: IRule): string {
  return Fn.select(2, Fn.split('/', rule.ruleArn));
}
