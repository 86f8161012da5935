import { Annotations, Aws, Stack, Token, Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledgeInline, allow, EventStateMachine, statesPrincipal } from './event-state-machine.ts';
import { NAME } from './product.ts';
import { reEvaluationDefinition } from './re-evaluation-definition.ts';
import { ROOT_KEY_CALLS, rootKeyEvents } from './root-key-events.ts';
import type { Settings } from './settings.ts';

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
    const machine = new EventStateMachine(this, 'StateMachine', {
      stateMachineName: props.stateMachineName,
      definition: reEvaluationDefinition(props.function.functionArn),
      role: this.evaluationStarter(),
    });
    new events.Rule(this, 'KeysChanged', {
      description: `${NAME}: the root user's access keys changed, AWS Config evaluates again.`,
      // A bus may receive other accounts' events too; those are for the rules of those accounts.
      eventPattern: {
        account: [Aws.ACCOUNT_ID],
        ...rootKeyEvents(...ROOT_KEY_CALLS),
      },
      targets: [machine],
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
      assumedBy: statesPrincipal(),
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
    );
    acknowledgeInline(role);
    return role;
  }
}

/** Says at synthesis that nobody hears of IAM's events in the home region, so that nothing was made for them. */
export function warnOfNoReEvaluation(scope: Construct, { environment }: Pick<Settings, 'environment'>): void {
  Annotations.of(scope).addWarningV2(
    `${NAME}:no-re-evaluation`,
    `re-evaluation and the message of a new root key are off: IAM's events do not reach ${environment.region}. A new key shows at the next scheduled evaluation.`,
  );
}

/** As cdk-nag writes what is not known before the deployment. */
function shown(region: string): string {
  return Token.isUnresolved(region) ? '<AWS::Region>' : region;
}
