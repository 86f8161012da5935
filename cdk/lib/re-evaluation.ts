import { Aws, Stack, Token, Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { NAME } from './product.ts';
import { reEvaluationDefinition } from './re-evaluation-definition.ts';
import { rootKeyEvents } from './root-key-events.ts';

export interface ReEvaluationProps {
  /** Name of the state machine. Messages about it are matched by it, so it is not a generated one. */
  readonly stateMachineName: string;
  /** The function whose ConfigRules are evaluated again. */
  readonly function: IFunction;
}

/**
 * Has AWS Config evaluate again when the root user's access keys change. Nothing of it runs, or costs,
 * while they do not.
 */
export class ReEvaluation extends Construct {
  constructor(scope: Construct, id: string, props: ReEvaluationProps) {
    super(scope, id);
    const machine = new CfnStateMachine(this, 'StateMachine', {
      stateMachineName: props.stateMachineName,
      definitionString: Stack.of(this).toJsonString(reEvaluationDefinition(props.function.functionArn)),
      roleArn: this.evaluationStarter().roleArn,
    });
    acknowledgeNoLog(machine);
    const role = this.machineStarter(machine);
    new events.Rule(this, 'KeysChanged', {
      description: `${NAME}: the root user's access keys changed, AWS Config evaluates again.`,
      // A bus may receive other accounts' events too; those are for the rules of those accounts.
      eventPattern: {
        account: [Aws.ACCOUNT_ID],
        ...rootKeyEvents('CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey'),
      },
      targets: [{ bind: () => ({ arn: machine.ref, role }) }],
    });
  }

  private evaluationStarter(): iam.Role {
    const rules = Stack.of(this).formatArn({
      service: 'config',
      resource: 'config-rule',
      resourceName: '*',
    });
    const role = new iam.Role(this, 'EvaluationStarter', {
      description: 'Starts evaluations of AWS Config rules after a change of root access keys.',
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      inlinePolicies: {
        FindRules: allow('config:DescribeConfigRules', '*'),
        StartEvaluation: allow('config:StartConfigRulesEvaluation', rules),
      },
    });
    Validations.of(role).acknowledge(
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'Which rules are ours can only be seen by reading all of them.',
      },
      {
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:config:${shown(Stack.of(this).region)}:<AWS::AccountId>:config-rule/*]`,
        reason: 'AWS Config names rules by ids that it makes up, so those of our rules are not known.',
      },
      INLINE,
    );
    return role;
  }

  private machineStarter(machine: CfnStateMachine): iam.Role {
    const role = new iam.Role(this, 'MachineStarter', {
      description: 'Lets EventBridge start the re-evaluation after a change of root access keys.',
      assumedBy: new iam.ServicePrincipal('events.amazonaws.com'),
      inlinePolicies: { StartReEvaluation: allow('states:StartExecution', machine.ref) },
    });
    Validations.of(role).acknowledge(INLINE);
    return role;
  }
}

/** As cdk-nag writes what is not known before the deployment. */
function shown(region: string): string {
  return Token.isUnresolved(region) ? '<AWS::Region>' : region;
}

const INLINE = {
  id: 'NIST.800.53.R5-IAMNoInlinePolicy',
  reason: 'This statement is for this role alone and must come and go with it.',
};

function acknowledgeNoLog(machine: CfnStateMachine): void {
  const history =
    'Step Functions keeps the history of an execution for 90 days, and one that fails is told as an event.';
  Validations.of(machine).acknowledge(
    { id: 'AwsSolutions-SF1', reason: history },
    { id: 'AwsSolutions-SF2', reason: history },
    { id: 'step_functions_state_machine_logging_enabled_check', reason: history },
    { id: 'step_functions_state_machine_tracing_enabled_check', reason: history },
  );
}

function allow(action: string, resource: string): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [new iam.PolicyStatement({ actions: [action], resources: [resource] })],
  });
}
