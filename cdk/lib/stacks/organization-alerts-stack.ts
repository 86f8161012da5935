import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { NotificationDashboard } from '../notifications/dashboard.ts';
import { notificationsOf } from '../notifications/notifications.ts';
import { OrganizationBus } from '../notifications/organization-bus.ts';
import { recipients, type Recipients } from '../notifications/recipients.ts';
import { NAME, ORGANIZATION_NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';

export interface OrganizationAlertsStackProps extends StackProps {
  readonly settings: Settings;
  /** The organization whose accounts may send. */
  readonly organizationId: string;
}

/** The notifications about the accounts of an organization: the topic, and the bus that receives their events. */
export class OrganizationAlertsStack extends Stack {
  /** Where the notifications go. */
  readonly recipients: Recipients;

  constructor(
    scope: Construct,
    id: string,
    { settings, organizationId, ...props }: OrganizationAlertsStackProps,
  ) {
    super(scope, id, {
      description: `${NAME}: notifications about the accounts of the organization.`,
      ...props,
    });
    const notified = recipients(this, settings);
    if (!notified) throw new Error('the settings name no recipient');
    this.recipients = notified;
    const { notifications } = new OrganizationBus(this, 'Bus', {
      organizationId,
      notifications: notificationsOf(settings),
      recipients: notified,
      docsUrl: settings.docsUrl,
    });
    if (settings.dashboard) {
      const { rules, stateMachineArn } = notifications;
      new NotificationDashboard(this, 'Dashboard', {
        rules,
        stateMachineArn,
        eventBusName: ORGANIZATION_NAME,
        topic: notified.topic,
      });
    }
  }
}
