import { Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import evaluationActions from '../../permissions.json' with { type: 'json' };

export interface EvaluationRoleProps {
  /** The log group that the function writes to. */
  readonly logGroup: ILogGroup;
  /** ARN of the event bus that receives an event for each final failure. */
  readonly failureBusArn: string;
}

/**
 * The role of the function. It allows the calls of an evaluation (`permissions.json`, which the function's own tests
 * compare with the calls that it makes), writing log lines, reporting a final failure, and nothing else.
 */
export class EvaluationRole extends iam.Role {
  constructor(scope: Construct, id: string, props: EvaluationRoleProps) {
    super(scope, id, {
      description: 'Reads whether the root user has access keys and reports it to AWS Config.',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        Evaluate: policy(evaluationActions, '*'),
        Log: policy(['logs:CreateLogStream', 'logs:PutLogEvents'], props.logGroup.logGroupArn),
        ReportFinalFailure: policy(['events:PutEvents'], props.failureBusArn),
      },
    });
    Validations.of(this).acknowledge(
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'IAM and AWS Config support no resource but * for the actions in permissions.json.',
      },
      {
        id: 'NIST.800.53.R5-IAMNoInlinePolicy',
        reason: 'These statements are for this role only and are created and deleted with it.',
      },
    );
  }
}

function policy(actions: string[], resource: string): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [new iam.PolicyStatement({ actions, resources: [resource] })],
  });
}
