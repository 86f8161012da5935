import { Annotations, Aws, Stack, Token, Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  acknowledgeInline,
  allow,
  EventStateMachine,
  statesPrincipal,
} from '../events/event-state-machine.ts';
import { ROOT_KEY_CALLS, rootKeyEvents } from '../events/root-key-events.ts';
import { NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';
import { reEvaluationDefinition } from './definition.ts';

export interface ReEvaluationProps {
  /** Name of the state machine, by which events about it are matched. */
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

/** Warns at synthesis that re-evaluation is not deployed, and why: IAM's events arrive elsewhere, or nobody knows where. */
export function warnReEvaluationNotDeployed(
  scope: Construct,
  { environment: { region }, iamEventRegion }: Pick<Settings, 'environment' | 'iamEventRegion'>,
): void {
  const why = iamEventRegion
    ? `IAM's events arrive in ${iamEventRegion}, not in ${region}`
    : `AWS does not document where IAM's events arrive in the partition of ${region}`;
  Annotations.of(scope).addWarningV2(
    `${NAME}:no-re-evaluation`,
    `re-evaluation after a change of a root key is not deployed, and do not expect a notification of a new one: ${why}. A new key shows at the next scheduled evaluation.`,
  );
}

/** As cdk-nag writes what is not known before the deployment. */
function shown(region: string): string {
  return Token.isUnresolved(region) ? '<AWS::Region>' : region;
}
