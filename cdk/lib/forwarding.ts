import { Aws, Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { NOTICES } from './notices.ts';
import { NAME } from './product.ts';

export interface ForwardingProps {
  /** ARN of the administrator's bus, see {@link OrganizationBus}. */
  readonly busArn: string;
}

/** Sends what people are told of to the administrator's bus. What an account that is only a member needs. */
export class Forwarding extends Construct {
  constructor(scope: Construct, id: string, { busArn }: ForwardingProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      description: 'Lets EventBridge send events about root access keys to the administrator.',
      assumedBy: new iam.ServicePrincipal('events.amazonaws.com'),
      inlinePolicies: {
        Forward: new iam.PolicyDocument({
          statements: [new iam.PolicyStatement({ actions: ['events:PutEvents'], resources: [busArn] })],
        }),
      },
    });
    Validations.of(role).acknowledge({
      id: 'NIST.800.53.R5-IAMNoInlinePolicy',
      reason: 'This statement is for this role alone and must come and go with it.',
    });
    for (const { id: what, description, pattern } of NOTICES) {
      new events.Rule(this, what, {
        description: `${NAME}: ${description}`,
        eventPattern: { account: [Aws.ACCOUNT_ID], ...pattern },
        targets: [{ bind: () => ({ arn: busArn, role }) }],
      });
    }
  }
}
