import { BootstraplessSynthesizer, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { hasRecipients } from '../settings/has-recipients.ts';
import { forwardRootKeyEvents, homeBusArn } from '../re-evaluation/iam-events.ts';
import { NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';
import { onlyIf } from './account-inputs.ts';
import { busParameter, optionalBusParameter, setRolePath } from './member-stack.ts';
import { applyRequirements } from './stack-requirements.ts';

/**
 * The stack that a second StackSet creates in each account, in the region in which IAM's events arrive, if that is not
 * the home region. The member's own bus in the home region gets the events for a new evaluation, and the administrator's
 * bus gets them for the notification.
 */
export class MemberIamEventsStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    const { region: home } = settings.environment;
    super(scope, id, {
      description: `${NAME}: forwards IAM's events about root access keys to ${home}. Managed by the organization.`,
      synthesizer: new BootstraplessSynthesizer(),
    });
    const own = homeBusArn(this, home);
    if (hasRecipients(settings)) {
      forwardRootKeyEvents(this, `${home} and to the administrator account`, own, busParameter(this));
    } else {
      forwardRootKeyEvents(this, String(home), own);
    }
    if (settings.mode === 'member-template') this.optionalTarget();
    setRolePath(this);
    applyRequirements(this, { ...settings, tags: {} });
  }

  private optionalTarget(): void {
    const { busArn, hasBus } = optionalBusParameter(this);
    const target = new Construct(this, 'Administrator');
    forwardRootKeyEvents(target, 'the administrator account', busArn);
    onlyIf(hasBus, target);
  }
}
