import { Aws, Stack, Validations } from 'aws-cdk-lib';
import type { IRuleTarget, RuleTargetConfig } from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

export interface EventStateMachineProps {
  /** Name of the state machine. It is fixed, so that event patterns and the policies for members can match it. */
  readonly stateMachineName: string;
  /** The states, in Amazon States Language. */
  readonly definition: object;
  /** The role that it runs with, for {@link statesPrincipal}. */
  readonly role: iam.IRole;
}

/** A state machine that only EventBridge starts. Without an event, it does not run and costs nothing. */
export class EventStateMachine extends Construct implements IRuleTarget {
  /** ARN of the state machine. */
  readonly stateMachineArn: string;
  private readonly starter: iam.IRole;

  constructor(scope: Construct, id: string, { stateMachineName, definition, role }: EventStateMachineProps) {
    super(scope, id);
    const machine = new CfnStateMachine(this, 'Resource', {
      stateMachineName,
      definitionString: Stack.of(this).toJsonString(definition),
      roleArn: role.roleArn,
    });
    acknowledgeNoLog(machine);
    this.stateMachineArn = machine.ref;
    this.starter = new iam.Role(this, 'Starter', {
      description: 'Lets EventBridge start a state machine after an event about root access keys.',
      assumedBy: new iam.ServicePrincipal('events.amazonaws.com'),
      inlinePolicies: { Start: allow('states:StartExecution', machine.ref) },
    });
    acknowledgeInline(this.starter);
  }

  bind(): RuleTargetConfig {
    return { arn: this.stateMachineArn, role: this.starter };
  }
}

/** The principal of Step Functions, restricted to the state machines of this account. */
export function statesPrincipal(): iam.ServicePrincipal {
  return new iam.ServicePrincipal('states.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  });
}

/** The policy document that allows one action. */
export function allow(action: string, ...resources: string[]): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [new iam.PolicyStatement({ actions: [action], resources })],
  });
}

/** Acknowledges that a role has inline policies. */
export function acknowledgeInline(role: iam.IRole): void {
  Validations.of(role).acknowledge({
    id: 'NIST.800.53.R5-IAMNoInlinePolicy',
    reason: 'This statement is for this role only and is created and deleted with it.',
  });
}

/** Acknowledges that a state machine writes no log. */
export function acknowledgeNoLog(machine: CfnStateMachine): void {
  const history =
    'Step Functions keeps the history of an execution for 90 days and sends an event for one that fails.';
  Validations.of(machine).acknowledge(
    { id: 'AwsSolutions-SF1', reason: history },
    { id: 'AwsSolutions-SF2', reason: history },
    { id: 'step_functions_state_machine_logging_enabled_check', reason: history },
    { id: 'step_functions_state_machine_tracing_enabled_check', reason: history },
  );
}
