import { Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import evaluationActions from '../../permissions.json' with { type: 'json' };

export interface EvaluationRoleProps {
  /** Where the function writes its log lines. */
  readonly logGroup: ILogGroup;
  /** ARN of the event bus that is told of final failures. */
  readonly failureBusArn: string;
}

/**
 * What the function may do: the calls of an evaluation (`permissions.json`, which the function's own tests
 * hold against the calls it makes), its log lines, and the report of a final failure. Nothing else.
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
        reason: 'The actions in permissions.json know no resource: IAM and AWS Config take only * for them.',
      },
      {
        id: 'NIST.800.53.R5-IAMNoInlinePolicy',
        reason: 'These statements are for this role alone and must come and go with it.',
      },
    );
  }
}

function policy(actions: string[], resource: string): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [new iam.PolicyStatement({ actions, resources: [resource] })],
  });
}
