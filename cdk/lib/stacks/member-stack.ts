import { join } from 'node:path';
import { App, BootstraplessSynthesizer, CfnCondition, CfnParameter, Stack } from 'aws-cdk-lib';
import { CfnConformancePack } from 'aws-cdk-lib/aws-config';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { hasRecipients } from '../notifications/alert-topic.ts';
import { Forwarding } from '../notifications/forwarding.ts';
import { ReEvaluation } from '../re-evaluation/re-evaluation.ts';
import { parameterCode } from '../rule/artifact.ts';
import { conformancePack } from '../rule/conformance-pack.ts';
import { EvaluationFunction } from '../rule/evaluation-function.ts';
import { contextOf } from '../settings/context.ts';
import { type Architecture, MEMBER_ROLE_PATH, NAME, ORGANIZATION_NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';
import { onlyIf } from './account-inputs.ts';
import { MEMBERS } from './synthesis.ts';
import { applyRequirements } from './stack-requirements.ts';
import {
  acknowledgeOptional,
  frequencyParameter,
  isGiven,
  logRetentionParameter,
} from './template-parameters.ts';

/** Parameter of a member's template: ARN of the bus in the administrator account. */
export const BUS_PARAMETER = 'NoticeBus';

/** CloudFormation accepts a template of at most this many bytes in a request. */
const TEMPLATE_LIMIT = 51_200;

export interface MemberProps {
  /** The architecture that the function was built for. */
  readonly architecture: Architecture;
  readonly settings: Settings;
}

/**
 * The stack that a StackSet creates in each account. It has no environment: every account gets the same template. In the
 * mode `member-template` the StackSet is somebody else's, so parameters replace settings.
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
function setRolePath(stack: Stack): void {
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
  // The StackSet deploys to one region. If IAM's events arrive in another one, the app warns at synthesis.
  if (settings.iamEventRegion === settings.environment.region) {
    new ReEvaluation(stack, 'ReEvaluation', { stateMachineName: ORGANIZATION_NAME, function: evaluation });
  }
  if (hasRecipients(settings)) {
    const bus = new CfnParameter(stack, BUS_PARAMETER, {
      description:
        'ARN of the event bus in the administrator account, which receives the events of the notifications.',
    });
    new Forwarding(stack, 'Forwarding', { busArn: bus.valueAsString });
  }
  if (published) optionalForwarding(stack);
}

function optionalForwarding(stack: Stack): void {
  const busArn = new CfnParameter(stack, BUS_PARAMETER, {
    description:
      "ARN of the event bus in the administrator's account that receives notifications. Empty - none.",
    allowedPattern: '^(arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._-]{1,256})?$',
    constraintDescription: 'must be the ARN of an event bus or empty',
    default: '',
  }).valueAsString;
  acknowledgeOptional(stack);
  const hasBus = new CfnCondition(stack, 'HasBus', { expression: isGiven(busArn) });
  onlyIf(hasBus, new Forwarding(stack, 'Forwarding', { busArn }));
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

/**
 * The template of a member account as JSON, with the same constructs as the account stack. It is also written to `members/`
 * in the app's output, for reading.
 *
 * @throws Error if it needs an asset, because members have no CDK bootstrap, or if it is too long for a request. Then a
 * construct was added that does not fit a StackSet.
 */
export function memberTemplate(app: App, props: MemberProps): string {
  const inner = new App({
    outdir: join(app.outdir, MEMBERS),
    context: contextOf(app),
    // The CDK CLI synthesizes the outer app. This app only provides the template.
    autoSynth: false,
    analyticsReporting: false,
  });
  const { artifactId } = new MemberStack(inner, props);
  const synthesized = inner.synth().getStackArtifact(artifactId);
  if (synthesized.assets.length > 0) throw new Error('the template of the member accounts needs an asset');
  const text = JSON.stringify(synthesized.template);
  if (Buffer.byteLength(text) > TEMPLATE_LIMIT) {
    throw new Error(
      `the template of the member accounts has ${Buffer.byteLength(text)} of ${TEMPLATE_LIMIT} bytes`,
    );
  }
  return text;
}
