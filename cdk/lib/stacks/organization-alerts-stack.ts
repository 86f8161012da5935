import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { alertTopic } from '../notifications/alert-topic.ts';
import { NotificationDashboard } from '../notifications/dashboard.ts';
import { notificationsOf } from '../notifications/notifications.ts';
import { OrganizationBus } from '../notifications/organization-bus.ts';
import { NAME, ORGANIZATION_NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';

export interface OrganizationAlertsStackProps extends StackProps {
  readonly settings: Settings;
  /** The organization whose accounts may send. */
  readonly organizationId: string;
}

/** The notifications about the accounts of an organization: the topic, and the bus that receives their events. */
export class OrganizationAlertsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { settings, organizationId, ...props }: OrganizationAlertsStackProps,
  ) {
    super(scope, id, {
      description: `${NAME}: notifications about the accounts of the organization.`,
      ...props,
    });
    const topic = alertTopic(this, settings);
    if (!topic) throw new Error('the settings name no recipient');
    const { notifications } = new OrganizationBus(this, 'Bus', {
      organizationId,
      notifications: notificationsOf(settings),
      topic,
      docsUrl: settings.docsUrl,
    });
    if (settings.dashboard) {
      const { rules } = notifications;
      new NotificationDashboard(this, 'Dashboard', { rules, eventBusName: ORGANIZATION_NAME, topic });
    }
  }
}
