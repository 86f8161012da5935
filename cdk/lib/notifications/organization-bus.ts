import type { Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { notificationsName, ORGANIZATION_NAME } from '../settings/product.ts';
import { NotificationRules } from './notification-rules.ts';
import type { Notification } from './notifications.ts';
import type { Recipients } from './recipients.ts';

export interface OrganizationBusProps {
  /** The organization whose accounts may send and are named, for example `o-a1b2c3d4e5`. */
  readonly organizationId: string;
  /** What is notified. */
  readonly notifications: readonly Notification[];
  /** Where the notifications about all accounts go. */
  readonly recipients: Recipients;
  /** Where the documents are published; the notifications link there. */
  readonly docsUrl: string;
}

/**
 * The bus in the administrator account that receives the events of the members and turns them into notifications. Any
 * principal of the organization that may put events can send to it and so cause a notification, except with a source
 * that begins with `aws.`, which is reserved for AWS.
 */
export class OrganizationBus extends Construct {
  readonly notifications: NotificationRules;

  constructor(scope: Construct, id: string, { organizationId, ...notified }: OrganizationBusProps) {
    super(scope, id);
    const eventBus = new events.EventBus(this, 'Bus', {
      eventBusName: ORGANIZATION_NAME,
      description: 'Receives events about root access keys from the accounts of the organization.',
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
    const stateMachineName = notificationsName(ORGANIZATION_NAME);
    this.notifications = new NotificationRules(this, 'Notices', {
      eventBus,
      stateMachineName,
      organizationId,
      ...notified,
    });
  }

  /** ARN of the bus in the account and region of a stack; another stack may create it. */
  static arn(stack: Stack): string {
    return stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: ORGANIZATION_NAME });
  }
}
