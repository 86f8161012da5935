import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { alertTopic } from '../notifications/alert-topic.ts';
import { MessageDashboard } from '../notifications/dashboard.ts';
import { OrganizationBus } from '../notifications/organization-bus.ts';
import { NAME, ORGANIZATION_NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';

export interface OrganizationAlertsStackProps extends StackProps {
  readonly settings: Settings;
  /** The organization whose accounts may send. */
  readonly organizationId: string;
}

/** Who is told of the accounts of an organization, and the bus on which they tell. */
export class OrganizationAlertsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { settings, organizationId, ...props }: OrganizationAlertsStackProps,
  ) {
    super(scope, id, { description: `${NAME}: messages about the accounts of the organization.`, ...props });
    const topic = alertTopic(this, settings);
    if (!topic) throw new Error('nobody is named to be told');
    const { notices } = new OrganizationBus(this, 'Bus', {
      organizationId,
      topic,
      docsUrl: settings.docsUrl,
    });
    if (settings.dashboard) {
      const { rules } = notices;
      new MessageDashboard(this, 'Dashboard', { rules, eventBusName: ORGANIZATION_NAME, topic });
    }
  }
}
