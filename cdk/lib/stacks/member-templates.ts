import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { contextOf } from '../settings/context.ts';
import { forwardingRegion } from '../settings/home-region.ts';
import { MemberIamEventsStack } from './member-iam-events-stack.ts';
import { type MemberProps, MemberStack } from './member-stack.ts';
import { MEMBERS } from './synthesis.ts';

/** CloudFormation accepts a template of at most this many bytes in a request. */
const TEMPLATE_LIMIT = 51_200;

/** The templates that StackSets deploy to each account, as JSON. */
export interface MemberTemplates {
  /** The template for the home region, see {@link MemberStack}. */
  readonly home: string;
  /** The template for the region in which IAM's events arrive, if that is another one, see {@link MemberIamEventsStack}. */
  readonly iamEvents: string | undefined;
}

/**
 * The templates of a member account, with the same constructs as the account stack. They are also written to `members/` in
 * the app's output, for reading.
 *
 * @throws Error if one needs an asset, because members have no CDK bootstrap, or if it is too long for a request. Then a
 * construct was added that does not fit a StackSet.
 */
export function memberTemplates(app: App, props: MemberProps): MemberTemplates {
  const outdir = join(app.outdir, MEMBERS);
  // An earlier run may have written more templates.
  rmSync(outdir, { recursive: true, force: true });
  const inner = new App({
    outdir,
    context: contextOf(app),
    // The CDK CLI synthesizes the outer app. This app only provides the templates.
    autoSynth: false,
    analyticsReporting: false,
  });
  const home = new MemberStack(inner, props);
  const elsewhere = forwardingRegion(props.settings) !== undefined;
  const iamEvents = elsewhere
    ? new MemberIamEventsStack(inner, 'MemberIamEvents', props.settings)
    : undefined;
  return { home: templateOf(inner, home), iamEvents: iamEvents && templateOf(inner, iamEvents) };
}

function templateOf(app: App, { artifactId }: Stack): string {
  const synthesized = app.synth().getStackArtifact(artifactId);
  if (synthesized.assets.length > 0) throw new Error('the template of the member accounts needs an asset');
  const text = JSON.stringify(synthesized.template);
  if (Buffer.byteLength(text) > TEMPLATE_LIMIT) {
    throw new Error(
      `the template of the member accounts has ${Buffer.byteLength(text)} of ${TEMPLATE_LIMIT} bytes`,
    );
  }
  return text;
}
