import { Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledgeInline, acknowledgeNoLog, allow } from './event-state-machine.ts';

export interface ScheduledStateMachineProps {
  /** Name of the state machine and of its schedule. */
  readonly name: string;
  /** What the schedule starts, as a sentence. */
  readonly description: string;
  /** The states, in Amazon States Language. */
  readonly definition: object;
  /** The role that the state machine runs with, for `statesPrincipal`. */
  readonly role: iam.IRole;
  /** When EventBridge Scheduler starts it, for example `cron(0 5 * * ? *)`, in UTC. */
  readonly expression: string;
  /** The minutes after the scheduled time within which EventBridge Scheduler starts it. */
  readonly windowMinutes: number;
}

/**
 * A state machine that EventBridge Scheduler starts.
 *
 * EventBridge Scheduler retries a start for a day and then drops it. There is no queue for dropped starts, because nobody
 * would read it: an alarm on what the state machine does must cover a start that did not happen.
 *
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export class ScheduledStateMachine extends Construct {
  /** ARN of the state machine. */
  readonly stateMachineArn: string;

  constructor(scope: Construct, id: string, props: ScheduledStateMachineProps) {
    super(scope, id);
    const machine = new CfnStateMachine(this, 'Resource', {
      stateMachineName: props.name,
      definitionString: Stack.of(this).toJsonString(props.definition),
      roleArn: props.role.roleArn,
    });
    acknowledgeNoLog(machine);
    this.stateMachineArn = machine.ref;
    const starter = new iam.Role(this, 'Starter', {
      description: 'Lets EventBridge Scheduler start a state machine.',
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      inlinePolicies: { Start: allow('states:StartExecution', machine.ref) },
    });
    acknowledgeInline(starter);
    new CfnSchedule(this, 'Schedule', {
      name: props.name,
      description: props.description,
      scheduleExpression: props.expression,
      flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: props.windowMinutes },
      target: { arn: machine.ref, roleArn: starter.roleArn },
    });
  }
}
