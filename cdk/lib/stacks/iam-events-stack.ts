import { type App, Aws, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { acknowledgeInline, allow } from '../events/event-state-machine.ts';
import { ROOT_KEY_CALLS, rootKeyEvents } from '../events/root-key-events.ts';
import { NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';
import { IAM_EVENTS_STACK } from '../settings/stack-names.ts';
import { applyRequirements } from './stack-requirements.ts';
import { boundaryParameter } from './template-parameters.ts';

/**
 * Forwards IAM's events about the root user's keys to the home region of an account, if they arrive in another region.
 * EventBridge forwards an event only once: the home region can send a notification for it, but cannot forward it to the
 * bus of an organization.
 */
export class IamEventsStack extends Stack {
  constructor(scope: App, settings: Settings, props: StackProps) {
    const { region: home } = settings.environment;
    super(scope, IAM_EVENTS_STACK, {
      description: `${NAME}: forwards IAM's events about root access keys to ${home}.`,
      ...props,
    });
    const bus = this.formatArn({
      service: 'events',
      ...(home !== undefined && { region: home }),
      resource: 'event-bus',
      resourceName: 'default',
    });
    const role = new iam.Role(this, 'Role', {
      description: `Lets EventBridge forward events about root access keys to ${home}.`,
      assumedBy: new iam.ServicePrincipal('events.amazonaws.com'),
      inlinePolicies: { Forward: allow('events:PutEvents', bus) },
    });
    acknowledgeInline(role);
    new events.Rule(this, 'KeysChanged', {
      description: `${NAME}: the root user's access keys changed.`,
      eventPattern: { account: [Aws.ACCOUNT_ID], ...rootKeyEvents(...ROOT_KEY_CALLS) },
      targets: [{ bind: () => ({ arn: bus, role }) }],
    });
    const permissionsBoundary =
      settings.mode === 'template' ? boundaryParameter(this, settings) : settings.permissionsBoundary;
    applyRequirements(this, { ...settings, permissionsBoundary });
  }
}

/** Creates an {@link IamEventsStack} if IAM's events arrive in another region than the home region. */
export function forwardIamEvents(app: App, settings: Settings, props: StackProps = {}): void {
  const { account, region } = settings.environment;
  const source = settings.iamEventRegion;
  if (source === undefined || source === region) return;
  const env = { ...(account !== undefined && { account }), region: source };
  new IamEventsStack(app, settings, { env, ...props });
}
