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
import { applyPermissionsBoundary } from './tags-and-boundary.ts';
import {
  acknowledgeOptional,
  frequencyParameter,
  isGiven,
  logRetentionParameter,
} from './template-parameters.ts';

/** Parameter of a member's template: ARN of the administrator's bus. */
export const BUS_PARAMETER = 'NoticeBus';

/** CloudFormation takes a template in a request up to this many bytes. */
const TEMPLATE_LIMIT = 51_200;

export interface MemberProps {
  /** What the function was built for. */
  readonly architecture: Architecture;
  readonly settings: Settings;
}

/**
 * What a StackSet puts into each account. It has no environment: the same template goes everywhere. In the mode
 * `member-template` the StackSet is not ours, and its parameters choose what needs no other resources.
 */
export class MemberStack extends Stack {
  constructor(scope: Construct, props: MemberProps, id = 'Member') {
    super(scope, id, {
      description: `${NAME}: evaluates the root user of this account. Managed by the organization.`,
      synthesizer: new BootstraplessSynthesizer(),
    });
    memberResources(this, props);
    setRolePath(this);
    applyPermissionsBoundary(this, props.settings.permissionsBoundary);
  }
}

/**
 * Puts every role under {@link MEMBER_ROLE_PATH}. A path, unlike a name, needs no CAPABILITY_NAMED_IAM, and a
 * role of a later release is under it too.
 */
function setRolePath(stack: Stack): void {
  for (const node of stack.node.findAll()) {
    if (node instanceof CfnRole) node.path = MEMBER_ROLE_PATH;
  }
}

/**
 * Everything in a member's account. No alarm, topic, dashboard, metric or key belongs here: in each of
 * thousands of accounts it would cost many times the rule.
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
  // A StackSet goes to one region. Where IAM's events are not, nothing brings them: the app says so.
  if (settings.iamEventRegion === settings.environment.region) {
    new ReEvaluation(stack, 'ReEvaluation', { stateMachineName: ORGANIZATION_NAME, function: evaluation });
  }
  if (hasRecipients(settings)) {
    const bus = new CfnParameter(stack, BUS_PARAMETER, {
      description: "ARN of the administrator's event bus, which is told what people are told of.",
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
 * The template of a member's account as text, made from the same constructs as the account stack. It is
 * also written to `members/` of the app's output, for those who want to read it.
 *
 * @throws Error when it would need a file besides it (members have no CDK bootstrap) or is too long for a
 * request: a construct was added that does not fit a StackSet.
 */
export function memberTemplate(app: App, props: MemberProps): string {
  const inner = new App({
    outdir: join(app.outdir, MEMBERS),
    context: contextOf(app),
    // The CDK CLI synthesizes the outer app; this one only gives its template.
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
