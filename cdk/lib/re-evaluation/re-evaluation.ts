import { Annotations, Aws } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledgeAllRules, allRulesArn } from '../events/config-rules.ts';
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
  /** Name of the state machine. The notification of its failures matches it. */
  readonly stateMachineName: string;
  /** The function whose ConfigRules are started. */
  readonly function: IFunction;
}

/**
 * Starts an evaluation when the root user's access keys change. Until then, it does not run and costs nothing.
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
      description: `${NAME}: the root user's access keys changed, so AWS Config evaluates again.`,
      // A bus may also receive events of other accounts, whose own rules handle them.
      eventPattern: {
        account: [Aws.ACCOUNT_ID],
        ...rootKeyEvents(...ROOT_KEY_CALLS),
      },
      targets: [machine],
    });
  }

  private evaluationStarter(): iam.Role {
    const role = new iam.Role(this, 'EvaluationStarter', {
      description: 'Starts evaluations of AWS Config rules after a change of root access keys.',
      assumedBy: statesPrincipal(),
      inlinePolicies: {
        FindRules: allow('config:DescribeConfigRules', '*'),
        StartEvaluation: allow('config:StartConfigRulesEvaluation', allRulesArn(this)),
      },
    });
    acknowledgeAllRules(role);
    acknowledgeInline(role);
    return role;
  }
}

/** Adds a warning to the synthesis: re-evaluation is not deployed because it is not known where IAM's events arrive. */
export function warnReEvaluationNotDeployed(
  scope: Construct,
  { environment }: Pick<Settings, 'environment'>,
): void {
  Annotations.of(scope).addWarningV2(
    `${NAME}:no-re-evaluation`,
    `re-evaluation after a change of a root key is not deployed, and no notification of a new key is sent: AWS does not document where IAM's events arrive in the partition of ${environment.region}. The next scheduled evaluation finds a new key.`,
  );
}
