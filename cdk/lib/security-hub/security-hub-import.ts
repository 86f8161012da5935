import { Aws, Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { complianceChange } from '../events/compliance-change.ts';
import { acknowledgeAllRules, allRulesArn } from '../events/config-rules.ts';
import {
  acknowledgeInline,
  allow,
  EventStateMachine,
  statesPrincipal,
} from '../events/event-state-machine.ts';
import { NAME } from '../settings/product.ts';
import { importDefinition, PATHS } from './definition.ts';
import { finding } from './finding.ts';

export interface SecurityHubImportProps {
  /** Name of the state machine. The notification of its failures matches it. */
  readonly stateMachineName: string;
  /** The function whose ConfigRules' results are imported. */
  readonly function: IFunction;
  /** Where the documents are published; the finding links the runbook there. */
  readonly docsUrl: string;
}

/**
 * Imports the compliance of an account into its own Security Hub, which does not receive the results of pack rules by
 * itself. It runs after each change of the compliance, and weekly, because Security Hub deletes a finding 90 days after
 * its last update.
 */
export class SecurityHubImport extends Construct {
  constructor(scope: Construct, id: string, props: SecurityHubImportProps) {
    super(scope, id);
    const productArn = Stack.of(this).formatArn({
      service: 'securityhub',
      resource: 'product',
      resourceName: `${Aws.ACCOUNT_ID}/default`,
    });
    const machine = new EventStateMachine(this, 'StateMachine', {
      stateMachineName: props.stateMachineName,
      definition: importDefinition(props.function.functionArn, finding(productArn, props.docsUrl, PATHS)),
      role: this.importer(productArn),
    });
    new events.Rule(this, 'ComplianceChanged', {
      description: `${NAME}: the compliance of the account changed, so Security Hub gets its finding.`,
      eventPattern: { account: [Aws.ACCOUNT_ID], ...complianceChange(NAME) },
      targets: [machine],
    });
    new events.Rule(this, 'Weekly', {
      description: `${NAME}: updates the finding in Security Hub before it expires.`,
      schedule: events.Schedule.rate(Duration.days(7)),
      targets: [machine],
    });
  }

  private importer(productArn: string): iam.Role {
    const role = new iam.Role(this, 'Importer', {
      description: 'Imports the compliance of the account into Security Hub.',
      assumedBy: statesPrincipal(),
      inlinePolicies: {
        FindRules: allow('config:DescribeConfigRules', '*'),
        ReadResults: allow('config:GetComplianceDetailsByConfigRule', allRulesArn(this)),
        Import: allow('securityhub:BatchImportFindings', productArn),
      },
    });
    acknowledgeAllRules(role);
    acknowledgeInline(role);
    return role;
  }
}
