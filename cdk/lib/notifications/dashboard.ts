import { Duration, Fn } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IRule } from 'aws-cdk-lib/aws-events';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { NAME, ORGANIZATION_NAME } from '../settings/product.ts';
import { LOG_QUERIES } from './log-queries.ts';

/** What a dashboard shows at first: long enough to see a rule that runs once a day. */
const SHOWN = Duration.days(30);
const DAY = Duration.days(1);
const HALF = { width: 12, height: 7 };

/** What the function's log lines say about its evaluations of this account. */
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

export interface MessageDashboardProps {
  /** The rules that make messages, each with what its messages are about. */
  readonly rules: readonly { readonly rule: IRule; readonly about: string }[];
  /** The bus that they are on. */
  readonly eventBusName: string;
  /** Where the messages go. */
  readonly topic: ITopic;
}

/**
 * What the accounts of an organization have told. Their log lines are in their accounts; what the
 * administrator has is EventBridge's and SNS's own count of the messages.
 */
export class MessageDashboard extends cloudwatch.Dashboard {
  constructor(scope: Construct, id: string, { rules, eventBusName, topic }: MessageDashboardProps) {
    super(scope, id, { dashboardName: ORGANIZATION_NAME, defaultInterval: SHOWN });
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
    const refused = new cloudwatch.Metric({
      namespace: 'AWS/SNS',
      metricName: 'NumberOfNotificationsFailed',
      dimensionsMap: { TopicName: topic.topicName },
      statistic: cloudwatch.Stats.SUM,
      period: DAY,
      label: 'sent by the topic, not taken',
    });
    this.addWidgets(
      new cloudwatch.GraphWidget({
        ...HALF,
        title: 'Messages about the accounts, by day',
        left: count('Invocations'),
        stacked: true,
      }),
      new cloudwatch.GraphWidget({
        ...HALF,
        title: 'Messages that nobody got',
        left: [...count('FailedInvocations'), refused],
      }),
    );
  }
}

/** The name of a rule on a bus of its own, where CloudFormation's `Ref` has the name of the bus in front. */
function nameOf(rule: IRule): string {
  return Fn.select(2, Fn.split('/', rule.ruleArn));
}
