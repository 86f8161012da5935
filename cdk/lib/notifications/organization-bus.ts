import type { Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ORGANIZATION_NAME } from '../settings/product.ts';
import { NotificationRules } from './notification-rules.ts';

export interface OrganizationBusProps {
  /** The organization whose accounts may send, as in `o-a1b2c3d4e5`. */
  readonly organizationId: string;
  /** Who is told of all accounts. */
  readonly topic: ITopic;
  /** Where the documents are published; the messages link there. */
  readonly docsUrl: string;
}

/**
 * The administrator's bus, where the accounts' events arrive and become messages. Any principal of the
 * organization that may put events can send to it, and so write a message; but not one of AWS's own
 * sources, which only AWS can name.
 */
export class OrganizationBus extends Construct {
  readonly notices: NotificationRules;

  constructor(scope: Construct, id: string, { organizationId, topic, docsUrl }: OrganizationBusProps) {
    super(scope, id);
    const eventBus = new events.EventBus(this, 'Bus', {
      eventBusName: ORGANIZATION_NAME,
      description: 'Receives what the accounts of the organization tell of root access keys.',
    });
    eventBus.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AccountsOfTheOrganization',
        principals: [new iam.AnyPrincipal()],
        actions: ['events:PutEvents'],
        resources: [eventBus.eventBusArn],
        conditions: { StringEquals: { 'aws:PrincipalOrgID': organizationId } },
      }),
    );
    this.notices = new NotificationRules(this, 'Notices', { eventBus, topic, docsUrl });
  }

  /** ARN of the bus of a stack's account and region, wherever in it the bus is made. */
  static arn(stack: Stack): string {
    return stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: ORGANIZATION_NAME });
  }
}
