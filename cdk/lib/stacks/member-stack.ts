import { BootstraplessSynthesizer, CfnCondition, CfnParameter, Stack } from 'aws-cdk-lib';
import { CfnConformancePack } from 'aws-cdk-lib/aws-config';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { hasRecipients } from '../settings/has-recipients.ts';
import { Forwarding } from '../notifications/forwarding.ts';
import { notificationsOf, ROOT_KEY_CREATED } from '../notifications/notifications.ts';
import { ReEvaluation } from '../re-evaluation/re-evaluation.ts';
import { parameterCode } from '../rule/artifact.ts';
import { conformancePack } from '../rule/conformance-pack.ts';
import { EvaluationFunction } from '../rule/evaluation-function.ts';
import { SecurityHubImport } from '../security-hub/security-hub-import.ts';
import { forwardingRegion } from '../settings/home-region.ts';
import {
  type Architecture,
  MEMBER_ROLE_PATH,
  NAME,
  ORGANIZATION_NAME,
  securityHubName,
} from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';
import { onlyIf } from './account-inputs.ts';
import { applyRequirements } from './stack-requirements.ts';
import {
  acknowledgeOptional,
  frequencyParameter,
  isGiven,
  logRetentionParameter,
} from './template-parameters.ts';

/** Parameter of a member's template: ARN of the bus in the administrator account. */
export const BUS_PARAMETER = 'NoticeBus';

export interface MemberProps {
  /** The architecture that the function was built for. */
  readonly architecture: Architecture;
  readonly settings: Settings;
}

/**
 * The stack that a StackSet creates in each account. It has no environment: every account gets the same template. In the
 * mode `member-template` another tool manages the StackSet, so parameters replace settings.
 */
export class MemberStack extends Stack {
  constructor(scope: Construct, props: MemberProps, id = 'Member') {
    super(scope, id, {
      description: `${NAME}: evaluates the root user of this account. Managed by the organization.`,
      synthesizer: new BootstraplessSynthesizer(),
    });
    memberResources(this, props);
    setRolePath(this);
    // CloudFormation gives the StackSet's tags to all resources.
    applyRequirements(this, { ...props.settings, tags: {} });
  }
}

/**
 * Gives every role the path {@link MEMBER_ROLE_PATH}, including a role of a later release. A path, unlike a name, does not
 * need CAPABILITY_NAMED_IAM.
 */
export function setRolePath(stack: Stack): void {
  for (const node of stack.node.findAll()) {
    if (node instanceof CfnRole) node.path = MEMBER_ROLE_PATH;
  }
}

/**
 * Creates everything in a member account. An alarm, topic, dashboard, metric or KMS key does not belong here: in thousands
 * of accounts each would cost many times as much as the rule.
 */
function memberResources(stack: Stack, { architecture, settings }: MemberProps): void {
  const published = settings.mode === 'member-template';
  const evaluation = new EvaluationFunction(stack, 'Function', {
    functionName: ORGANIZATION_NAME,
    code: parameterCode(stack),
    architecture,
    logRetentionDays: published ? logRetentionParameter(stack, settings) : settings.logRetentionDays,
  });
  if (published)
    memberPack(stack, evaluation, { ...settings, frequency: frequencyParameter(stack, settings) });
  if (settings.mode === 'stack-set') memberPack(stack, evaluation, settings);
  if (settings.iamEventRegion !== undefined) {
    // If IAM's events arrive in another region, a `MemberIamEventsStack` there forwards them.
    new ReEvaluation(stack, 'ReEvaluation', { stateMachineName: ORGANIZATION_NAME, function: evaluation });
  }
  if (settings.securityHub) {
    new SecurityHubImport(stack, 'SecurityHub', {
      stateMachineName: securityHubName(ORGANIZATION_NAME),
      function: evaluation,
      docsUrl: settings.docsUrl,
    });
  }
  // EventBridge forwards an event once, so an event of IAM that was forwarded to this region is not forwarded again.
  const notifications = notificationsOf(settings).filter(
    ({ id }) => id !== ROOT_KEY_CREATED || forwardingRegion(settings) === undefined,
  );
  if (hasRecipients(settings)) {
    new Forwarding(stack, 'Forwarding', { busArn: busParameter(stack), notifications });
  }
  if (published) {
    const { busArn, hasBus } = optionalBusParameter(stack);
    onlyIf(hasBus, new Forwarding(stack, 'Forwarding', { busArn, notifications }));
  }
}

/** Adds the parameter for the bus in the administrator account. Returns the ARN. */
export function busParameter(stack: Stack): string {
  return new CfnParameter(stack, BUS_PARAMETER, {
    description:
      'ARN of the event bus in the administrator account, which receives the events of the notifications.',
  }).valueAsString;
}

/** Adds the parameter for a bus that may be missing. Returns the ARN, and the condition that there is one. */
export function optionalBusParameter(stack: Stack): { busArn: string; hasBus: CfnCondition } {
  const busArn = new CfnParameter(stack, BUS_PARAMETER, {
    description:
      "ARN of the event bus in the administrator's account that receives notifications. Leave empty for none.",
    allowedPattern: '^(arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._-]{1,256})?$',
    constraintDescription: 'must be the ARN of an event bus or empty',
    default: '',
  }).valueAsString;
  acknowledgeOptional(stack);
  return { busArn, hasBus: new CfnCondition(stack, 'HasBus', { expression: isGiven(busArn) }) };
}

function memberPack(
  stack: Stack,
  evaluation: EvaluationFunction,
  settings: Parameters<typeof conformancePack>[1],
): void {
  const pack = new CfnConformancePack(stack, 'Pack', {
    conformancePackName: ORGANIZATION_NAME,
    ...conformancePack({ FunctionArn: evaluation.functionArn }, settings),
  });
  pack.node.addDependency(...evaluation.requiredByRules);
}
