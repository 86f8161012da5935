import { Duration, Stack, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  acknowledgeInline,
  allow,
  EventStateMachine,
  statesPrincipal,
} from '../events/event-state-machine.ts';
import { NAME } from '../settings/product.ts';
import { detailOf } from './event-detail.ts';
import { notificationDefinition } from './notification-definition.ts';
import type { Notification } from './notifications.ts';
import { publishPolicy } from './publish.ts';
import { notifyOf, type Recipients } from './recipients.ts';

export interface NotificationMachineProps {
  /** Name of the state machine. No notification's pattern matches it, so a failure starts no further execution. */
  readonly stateMachineName: string;
  /** The notifications that it sends. */
  readonly notifications: readonly Notification[];
  readonly recipients: Recipients;
  /** The organization whose accounts the notifications name. Default: they give account IDs only. */
  readonly organizationId?: string | undefined;
  /** The ConfigRule whose present result a weekly reminder reads. Default: there is no reminder. */
  readonly rule?: { readonly name: string; readonly arn: string } | undefined;
  /** Where the documents are published; the notifications link there. */
  readonly docsUrl: string;
}

/** How an execution can end without a notification, as AWS/States names the metrics. */
const FAILURES = ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'] as const;

/** The state machine that sends the notifications, and the alarms for those that it could not send. */
export class NotificationMachine extends Construct {
  /** ARN of the state machine. */
  readonly stateMachineArn: string;
  private readonly machine: EventStateMachine;

  constructor(scope: Construct, id: string, props: NotificationMachineProps) {
    super(scope, id);
    const { stateMachineName, organizationId, rule } = props;
    this.machine = new EventStateMachine(this, 'StateMachine', {
      stateMachineName,
      definition: notificationDefinition({
        ...props,
        ruleName: rule?.name,
        namesAccounts: organizationId !== undefined,
      }),
      role: this.publisher(props),
    });
    this.stateMachineArn = this.machine.stateMachineArn;
    for (const metricName of FAILURES) this.alarmFor(metricName, props);
  }

  /**
   * The target of an EventBridge rule that sends a notification.
   *
   * The input holds the event's detail as an object, or the selected objects of it: EventBridge is documented not to
   * escape text that it takes from an event.
   */
  target({ id, fields }: Notification): events.IRuleTarget {
    const { account, region, time, source } = events.EventField;
    const detail = fields ? detailOf(fields) : events.EventField.fromPath('$.detail');
    const input = events.RuleTargetInput.fromObject({
      notification: id,
      account,
      region,
      time,
      source,
      detail,
    });
    return { bind: () => ({ ...this.machine.bind(), input }) };
  }

  private publisher({ recipients, organizationId, rule }: NotificationMachineProps): iam.Role {
    const role = new iam.Role(this, 'Publisher', {
      description: 'Sends notifications about root access keys.',
      assumedBy: statesPrincipal(),
      inlinePolicies: {
        Publish: publishPolicy(recipients),
        ...(organizationId !== undefined && { NameAccounts: this.nameAccounts(organizationId) }),
        ...(rule && { ReadResult: allow('config:GetComplianceDetailsByConfigRule', rule.arn) }),
      },
    });
    acknowledgeInline(role);
    if (organizationId !== undefined) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:organizations::*:account/${organizationId}/*]`,
        reason: 'The notifications name any account of the organization.',
      });
    }
    return role;
  }

  private nameAccounts(organizationId: string): iam.PolicyDocument {
    // Accounts belong to the management account, whose ID a delegated administrator's settings do not have.
    const accounts = Stack.of(this).formatArn({
      service: 'organizations',
      region: '',
      account: '*',
      resource: 'account',
      resourceName: `${organizationId}/*`,
    });
    return allow('organizations:DescribeAccount', accounts);
  }

  /**
   * Fires when an execution ends without its notification. The alarm notifies directly, not through the state machine.
   *
   * Each metric has an alarm of its own: AWS does not document what a sum is if one of its metrics has no point at all.
   */
  private alarmFor(
    metricName: string,
    { stateMachineName, recipients, docsUrl }: NotificationMachineProps,
  ): void {
    const metric = new cloudwatch.Metric({
      namespace: 'AWS/States',
      metricName,
      dimensionsMap: { StateMachineArn: this.stateMachineArn },
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(5),
    });
    const alarm = metric.createAlarm(this, metricName, {
      alarmDescription: [
        `${NAME} could not send a notification:`,
        `the state machine ${stateMachineName} ended without it (${metricName}).`,
        `What to do: find out what it should have said. Steps: ${docsUrl}/operations.md#notification-not-sent`,
      ].join(' '),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    notifyOf(alarm, recipients);
  }
}
