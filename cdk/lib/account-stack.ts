import { Annotations, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { alertTopic } from './alert-topic.ts';
import { Alerts } from './alerts.ts';
import type { Architecture } from './artifact.ts';
import { EvaluationFunction } from './evaluation-function.ts';
import { NAME } from './product.ts';
import { ReEvaluation } from './re-evaluation.ts';
import { boundRoles } from './role-boundary.ts';
import { RootAccessKeyConfigRule } from './root-access-key-config-rule.ts';
import { hearsOfIam, type Settings } from './settings.ts';

export interface AccountStackProps extends StackProps {
  /** The built function. */
  readonly code: (stack: Stack) => lambda.Code;
  /** What `code` was built for. */
  readonly architecture: Architecture;
  readonly settings: Settings;
}

/** Everything for one account: the function, its rule, and, where somebody is named, who is told. */
export class AccountStack extends Stack {
  constructor(scope: Construct, id: string, { code, architecture, settings, ...props }: AccountStackProps) {
    super(scope, id, {
      description: `${NAME}: AWS Config says whether the root user of this account has access keys.`,
      ...props,
    });
    const evaluation = new EvaluationFunction(this, 'Function', {
      functionName: NAME,
      code: code(this),
      architecture,
      logRetentionDays: settings.logRetentionDays,
    });
    new RootAccessKeyConfigRule(this, 'Rule', { configRuleName: NAME, function: evaluation, ...settings });
    const { region } = settings.environment;
    if (hearsOfIam(region)) {
      new ReEvaluation(this, 'ReEvaluation', { stateMachineName: NAME, function: evaluation });
    } else {
      Annotations.of(this).addWarningV2(
        `${NAME}:no-re-evaluation`,
        `re-evaluation and the message of a new root key are off: IAM's events do not reach ${region ?? 'this region'}. A new key shows at the next scheduled evaluation.`,
      );
    }
    const topic = alertTopic(this, settings);
    if (topic) new Alerts(this, 'Alerts', { function: evaluation, topic, ...settings });
    boundRoles(this, settings.permissionsBoundary);
    for (const [key, value] of Object.entries(settings.tags)) Tags.of(this).add(key, value);
  }
}
