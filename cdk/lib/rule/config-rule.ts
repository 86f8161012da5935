import { CfnConfigRule } from 'aws-cdk-lib/aws-config';
import { Construct } from 'constructs';
import { ruleDescription } from '../settings/product.ts';
import type { EvaluationFunction } from './evaluation-function.ts';

export interface RootAccessKeyConfigRuleProps {
  /** Name of the rule, as the AWS Config console shows it. */
  readonly configRuleName: string;
  /** The function that evaluates. */
  readonly function: EvaluationFunction;
  /** How often the rule evaluates, as a value of AWS Config's `MaximumExecutionFrequency`. */
  readonly frequency: string;
  /** Where the documents are published; the description links the runbook there. */
  readonly docsUrl: string;
}

/**
 * The AWS Config rule. It uses the CloudFormation resource, because the CDK's `CustomRule` would add a managed policy to
 * the function's role.
 */
export class RootAccessKeyConfigRule extends Construct {
  /** The name of the rule. */
  readonly configRuleName: string;
  /** The ARN of the rule. AWS Config generates its last part. */
  readonly configRuleArn: string;

  constructor(scope: Construct, id: string, props: RootAccessKeyConfigRuleProps) {
    super(scope, id);
    const rule = new CfnConfigRule(this, 'Resource', {
      configRuleName: props.configRuleName,
      description: ruleDescription(props.docsUrl),
      source: {
        owner: 'CUSTOM_LAMBDA',
        sourceIdentifier: props.function.functionArn,
        sourceDetails: [
          {
            eventSource: 'aws.config',
            messageType: 'ScheduledNotification',
            maximumExecutionFrequency: props.frequency,
          },
        ],
      },
    });
    rule.node.addDependency(...props.function.requiredByRules);
    this.configRuleName = rule.ref;
    this.configRuleArn = rule.attrArn;
  }
}
