import { z } from 'zod';
import { askAws } from '../settings/aws-cli.ts';
import { type Command, DEPLOYING_COMMANDS, PATTERN } from '../settings/command.ts';
import { DeploymentError } from '../settings/deployment-error.ts';
import type { Settings } from '../settings/settings.ts';
import { ACCOUNT_STACK, ALERTS_STACK, ARTIFACT_STACK, IAM_EVENTS_STACK } from '../settings/stack-names.ts';

/**
 * The name that CloudFormation generates for the topic of {@link ALERTS_STACK}. CloudFormation may shorten the stack's
 * name in it; the rest still differs from the name of the account stack.
 */
const ALERT_TOPIC = new RegExp(`^${ALERTS_STACK.slice(0, 20)}\\w*-AlertTopic`);

/** The stacks of an organization mode that deploy nothing to a member. */
const WITHOUT_MEMBERS = [ALERTS_STACK, ARTIFACT_STACK, ACCOUNT_STACK, IAM_EVENTS_STACK];

/** The response of SNS to `ListSubscriptions`, as far as it is read. */
const SUBSCRIPTIONS = z.object({
  Subscriptions: z.array(
    z.object({
      TopicArn: z.string(),
      Protocol: z.string(),
      Endpoint: z.string(),
      SubscriptionArn: z.string(),
    }),
  ),
});

/** Whether an address is not subscribed, has not confirmed its subscription yet, or has confirmed it. */
export type SubscriptionState = 'none' | 'pending' | 'confirmed';

/** Reads the subscriptions of an account, as the JSON that `aws sns list-subscriptions` prints. */
export type ListSubscriptions = (command: Command, settings: Settings) => string;

/**
 * Checks that `alertEmail` receives notifications before anything is deployed to members.
 *
 * SNS sends nothing to an address that has not confirmed its subscription, and a key that the first evaluation
 * finds is notified only once. Makes no call if no e-mail address is set or the command deploys to no member.
 *
 * @throws DeploymentError when the address has not confirmed, or when the subscriptions could not be read
 */
export function checkSubscription(
  command: Command,
  settings: Settings,
  list: ListSubscriptions = listSubscriptions,
): void {
  const { alertEmail, organization } = settings;
  if (!alertEmail || !organization || organization.acceptUnconfirmedEmail || !reachesMembers(command)) return;
  const state = subscriptionState(list(command, settings), alertEmail);
  if (state !== 'confirmed') throw new DeploymentError(`${REASONS[state](alertEmail)} ${OVERRIDE_HINT}`);
}

function reachesMembers({ name, stacks }: Command): boolean {
  if (!deploys(name)) return false;
  return stacks.length === 0 || stacks.some((stack) => !WITHOUT_MEMBERS.includes(stack));
}

const deploys = (name: string | undefined) => name !== undefined && DEPLOYING_COMMANDS.includes(name);

/**
 * The warning to print before the account stack is deployed with `alertEmail`, alone or in the management account.
 *
 * One stack creates the subscription and the rule, so the first finding can come before anybody has confirmed.
 *
 * @returns one line, or undefined if no e-mail address is set or the account stack is not deployed
 */
export function subscriptionWarning({ name, stacks }: Command, settings: Settings): string | undefined {
  const { alertEmail, mode, organization } = settings;
  const hasStack = mode === 'account' || organization?.managementAccount === 'deploy';
  if (!alertEmail || !hasStack || !deploys(name)) return undefined;
  if (stacks.length > 0 && !stacks.some((stack) => stack === ACCOUNT_STACK || PATTERN.test(stack)))
    return undefined;
  return `Warning: until ${alertEmail} confirms the subscription to the topic of the stack ${ACCOUNT_STACK}, SNS sends nothing about this account. The first evaluation may come earlier, and its finding is not sent again. Check the first result yourself with \`root-keys check\`.`;
}

/**
 * The state of an address's subscription to the topic of {@link ALERTS_STACK}.
 *
 * @param response the JSON that `aws sns list-subscriptions` prints
 * @throws DeploymentError when the response is not that of SNS
 */
export function subscriptionState(response: string, email: string): SubscriptionState {
  const states = parse(response)
    .filter(({ TopicArn }) => ALERT_TOPIC.test(TopicArn.split(':').at(-1) ?? ''))
    .filter(({ Protocol, Endpoint }) => Protocol === 'email' && Endpoint === email)
    .map(({ SubscriptionArn }) => SubscriptionArn);
  // SNS documents `PendingConfirmation` and `Deleted` in place of an ARN.
  if (states.some((state) => state.startsWith('arn:'))) return 'confirmed';
  return states.includes('PendingConfirmation') ? 'pending' : 'none';
}

function parse(response: string) {
  try {
    return SUBSCRIPTIONS.parse(JSON.parse(response)).Subscriptions;
  } catch {
    throw new DeploymentError(
      `${CHECK_FAILED} the AWS CLI did not print the response of SNS ListSubscriptions. ${OVERRIDE_HINT}`,
    );
  }
}

const CHECK_FAILED = 'could not check whether the subscription to the notifications is confirmed:';

const OVERRIDE_HINT =
  'To deploy to members without a confirmed subscription, add -c unconfirmedAlertEmail=accept.';

const REASONS = {
  pending: (email: string) =>
    `refusing to deploy to members: the subscription of ${email} to the notifications is pending, so no notification of the first findings would be sent. Choose "Confirm subscription" in the e-mail from AWS, then run this again.`,
  none: (email: string) =>
    `refusing to deploy to members: ${email} is not subscribed to the notifications, so no notification of the first findings would be sent. First run \`make deploy STACKS=${ALERTS_STACK}\` with the same ARGS, choose "Confirm subscription" in the e-mail from AWS, then run this again. If that stack exists already, the subscription was removed or not confirmed within 48 hours: subscribe the address to the stack's topic again.`,
};

const listSubscriptions: ListSubscriptions = (command, settings) =>
  askAws(
    {
      call: ['sns', 'list-subscriptions'],
      action: 'sns:ListSubscriptions',
      failed: CHECK_FAILED,
      override: OVERRIDE_HINT,
    },
    command,
    settings,
  );
