import { type CfnCondition, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { Alerts } from '../notifications/alerts.ts';
import { EvaluationDashboard } from '../notifications/dashboard.ts';
import { SavedQueries } from '../notifications/log-queries.ts';
import { notificationsOf } from '../notifications/notifications.ts';
import { ReEvaluation, warnReEvaluationNotDeployed } from '../re-evaluation/re-evaluation.ts';
import { RootAccessKeyConfigRule } from '../rule/config-rule.ts';
import { EvaluationFunction } from '../rule/evaluation-function.ts';
import { SecurityHubImport } from '../security-hub/security-hub-import.ts';
import { type Architecture, NAME, securityHubName } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';
import { accountInputs, type AccountInputs, onlyIf } from './account-inputs.ts';
import { applyRequirements } from './stack-requirements.ts';

export interface AccountStackProps extends StackProps {
  /** The built function. */
  readonly code: (stack: Stack) => lambda.Code;
  /** The architecture that `code` was built for. */
  readonly architecture: Architecture;
  readonly settings: Settings;
}

/** The stack for one account: the function, its rule and, if there is a recipient, the notifications. */
export class AccountStack extends Stack {
  constructor(scope: Construct, id: string, { code, architecture, settings, ...props }: AccountStackProps) {
    super(scope, id, {
      description: `${NAME}: AWS Config reports whether the root user of this account has access keys.`,
      ...props,
    });
    const inputs = accountInputs(this, settings);
    const { docsUrl } = settings;
    const evaluation = new EvaluationFunction(this, 'Function', {
      functionName: NAME,
      code: code(this),
      architecture,
      logRetentionDays: inputs.logRetentionDays,
    });
    const { frequency } = inputs;
    const rule = new RootAccessKeyConfigRule(this, 'Rule', {
      configRuleName: NAME,
      function: evaluation,
      frequency,
      docsUrl,
    });
    this.output('RuleName', 'Name of the AWS Config rule.', rule.configRuleName);
    this.output('FunctionName', 'Name of the function.', evaluation.functionName);
    this.output('RoleName', "Name of the function's role.", evaluation.role?.roleName);
    this.output('LogGroupName', 'Log group of the function.', evaluation.logGroup.logGroupName);
    if (settings.iamEventRegion) {
      // If IAM's events arrive in another region, `forwardIamEvents` forwards them.
      new ReEvaluation(this, 'ReEvaluation', { stateMachineName: NAME, function: evaluation });
    } else {
      warnReEvaluationNotDeployed(this, settings);
    }
    if (settings.securityHub) {
      new SecurityHubImport(this, 'SecurityHub', {
        stateMachineName: securityHubName(NAME),
        function: evaluation,
        docsUrl,
      });
    }
    this.alert(evaluation, rule, inputs, settings);
    new SavedQueries(this, 'Queries', evaluation.logGroup);
    if (settings.dashboard) new EvaluationDashboard(this, 'Dashboard', evaluation.logGroup);
    applyRequirements(this, { ...settings, permissionsBoundary: inputs.permissionsBoundary });
  }

  private alert(
    evaluation: EvaluationFunction,
    rule: RootAccessKeyConfigRule,
    { recipients, allowedGap, hasRecipient }: AccountInputs,
    settings: Settings,
  ): void {
    if (!recipients) return;
    const alerts = new Alerts(this, 'Alerts', {
      function: evaluation,
      rule: { name: NAME, arn: rule.configRuleArn },
      notifications: notificationsOf(settings),
      recipients,
      allowedGap,
      docsUrl: settings.docsUrl,
    });
    onlyIf(hasRecipient, alerts);
    this.output('TopicArn', 'SNS topic of the notifications.', recipients.topic.topicArn, hasRecipient);
    this.output(
      'AlarmName',
      'Alarm for evaluations that have stopped.',
      alerts.alarm.alarmName,
      hasRecipient,
    );
  }

  private output(name: string, description: string, value: string | undefined, condition?: CfnCondition) {
    if (value === undefined) throw new Error(`the stack has no value for its output ${name}`);
    new CfnOutput(this, name, { description, value, ...(condition && { condition }) });
  }
}
