import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { acknowledgeInline, allow } from '../events/event-state-machine.ts';
import { reminderName } from '../settings/product.ts';

/** The input that has the state machine of the notifications read the present result, and remind if it is not good. */
export const REMINDER = 'Reminder';

/** When the reminder is due: Mondays at 08:00 UTC, so that it comes at the beginning of a week. */
const WEEKLY = 'cron(0 8 ? * MON *)';

/** Minutes after that within which EventBridge Scheduler starts it. */
const WINDOW_MINUTES = 60;

export interface WeeklyReminderProps {
  /** Name of the function, which the schedule is named after. */
  readonly functionName: string;
  /** ARN of the state machine of the notifications. */
  readonly stateMachineArn: string;
}

/**
 * Starts the state machine of the notifications every week. AWS Config sends only changes, so a finding that nobody acted
 * on, or that came before the subscription was confirmed, would not be sent again.
 *
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
 */
export class WeeklyReminder extends Construct {
  constructor(scope: Construct, id: string, { functionName, stateMachineArn }: WeeklyReminderProps) {
    super(scope, id);
    const starter = new iam.Role(this, 'Starter', {
      description: 'Lets EventBridge Scheduler start the state machine of the notifications.',
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      inlinePolicies: { Start: allow('states:StartExecution', stateMachineArn) },
    });
    acknowledgeInline(starter);
    new CfnSchedule(this, 'Schedule', {
      name: reminderName(functionName),
      description: 'Reminds every week while the account is NON_COMPLIANT or has no recent result.',
      scheduleExpression: WEEKLY,
      flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: WINDOW_MINUTES },
      target: {
        arn: stateMachineArn,
        roleArn: starter.roleArn,
        input: `{"notification":"${REMINDER}","account":"${Aws.ACCOUNT_ID}","region":"${Aws.REGION}"}`,
      },
    });
  }
}
