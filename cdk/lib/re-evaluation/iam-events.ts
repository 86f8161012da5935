import { Aws, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeInline, allow } from '../events/event-state-machine.ts';
import { ROOT_KEY_CALLS, rootKeyEvents } from '../events/root-key-events.ts';
import { NAME } from '../settings/product.ts';

/**
 * Creates the rule that forwards IAM's events about the root user's keys from the region in which they arrive.
 *
 * Every bus that needs them is a target: EventBridge forwards an event once, so the first bus cannot forward it to
 * another one. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
 *
 * @param to where they go, as a reader of the role's description knows it
 * @param busArns the buses, each in any account and region
 */
export function forwardRootKeyEvents(scope: Construct, to: string, ...busArns: string[]): void {
  const role = new iam.Role(scope, 'Role', {
    description: `Lets EventBridge forward events about root access keys to ${to}.`,
    assumedBy: new iam.ServicePrincipal('events.amazonaws.com'),
    inlinePolicies: { Forward: allow('events:PutEvents', ...busArns) },
  });
  acknowledgeInline(role);
  new events.Rule(scope, 'KeysChanged', {
    description: `${NAME}: the root user's access keys changed.`,
    eventPattern: { account: [Aws.ACCOUNT_ID], ...rootKeyEvents(...ROOT_KEY_CALLS) },
    targets: busArns.map((arn) => ({ bind: () => ({ arn, role }) })),
  });
}

/** ARN of the default bus of a stack's account in the home region. */
export function homeBusArn(scope: Construct, home: string | undefined): string {
  return Stack.of(scope).formatArn({
    service: 'events',
    ...(home !== undefined && { region: home }),
    resource: 'event-bus',
    resourceName: 'default',
  });
}
