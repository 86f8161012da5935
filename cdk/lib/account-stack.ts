import { Stack, type StackProps } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { alertTopic } from './alert-topic.ts';
import { Alerts } from './alerts.ts';
import type { Architecture } from './artifact.ts';
import { EvaluationDashboard } from './dashboard.ts';
import { EvaluationFunction } from './evaluation-function.ts';
import { SavedQueries } from './log-queries.ts';
import { NAME } from './product.ts';
import { ReEvaluation, warnOfNoReEvaluation } from './re-evaluation.ts';
import { RootAccessKeyConfigRule } from './root-access-key-config-rule.ts';
import type { Settings } from './settings.ts';
import { applyStackWide } from './stack-wide.ts';

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
    if (settings.iamEventRegion) {
      // Elsewhere than in that region `bringIamEvents` brings the events.
      new ReEvaluation(this, 'ReEvaluation', { stateMachineName: NAME, function: evaluation });
    } else {
      warnOfNoReEvaluation(this, settings);
    }
    const topic = alertTopic(this, settings);
    if (topic) new Alerts(this, 'Alerts', { function: evaluation, topic, ...settings });
    new SavedQueries(this, 'Queries', evaluation.logGroup);
    if (settings.dashboard) new EvaluationDashboard(this, 'Dashboard', evaluation.logGroup);
    applyStackWide(this, settings);
  }
}
