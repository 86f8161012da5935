import { type App, Stack, type StackProps } from 'aws-cdk-lib';
import { forwardRootKeyEvents, homeBusArn } from '../re-evaluation/iam-events.ts';
import { forwardingRegion } from '../settings/home-region.ts';
import { NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';
import { IAM_EVENTS_STACK } from '../settings/stack-names.ts';
import { applyRequirements } from './stack-requirements.ts';
import { boundaryParameter } from './template-parameters.ts';

/**
 * Forwards IAM's events about the root user's keys to the home region of one account, if they arrive in another region.
 * There they start an evaluation and, if the account has a recipient of its own, a notification.
 */
export class IamEventsStack extends Stack {
  constructor(scope: App, settings: Settings, props: StackProps) {
    const { region: home } = settings.environment;
    super(scope, IAM_EVENTS_STACK, {
      description: `${NAME}: forwards IAM's events about root access keys to ${home}.`,
      ...props,
    });
    forwardRootKeyEvents(this, String(home), homeBusArn(this, home));
    const permissionsBoundary =
      settings.mode === 'template' ? boundaryParameter(this, settings) : settings.permissionsBoundary;
    applyRequirements(this, { ...settings, permissionsBoundary });
  }
}

/** Creates an {@link IamEventsStack} if IAM's events arrive in another region than the home region. */
export function forwardIamEvents(app: App, settings: Settings, props: StackProps = {}): void {
  const { account } = settings.environment;
  const region = forwardingRegion(settings);
  if (region === undefined) return;
  new IamEventsStack(app, settings, { env: { ...(account !== undefined && { account }), region }, ...props });
}
