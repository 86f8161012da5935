import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledgeInline, allow, statesPrincipal } from '../events/event-state-machine.ts';
import { ScheduledStateMachine } from '../events/scheduled-state-machine.ts';
import { publishPolicy } from '../notifications/publish.ts';
import type { Recipients } from '../notifications/recipients.ts';
import type { Artifact } from '../rule/artifact.ts';
import { dependOnRolesByReference } from '../rule/role-dependency.ts';
import type { OrganizationSettings } from '../settings/organization-settings.ts';
import { NAME, WATCH_NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';
import type { WatchSettings } from '../settings/watch-settings.ts';
import { watchDefinition } from '../watch/definition.ts';
import { ReportsBucket } from '../watch/reports-bucket.ts';
import { Switches } from '../watch/switches.ts';
import { WatchAlarms } from '../watch/watch-alarms.ts';
import { WatchFunction } from '../watch/watch-function.ts';

export interface OrganizationWatchStackProps extends StackProps {
  readonly settings: Settings;
  readonly organization: OrganizationSettings;
  readonly watch: WatchSettings;
  /** The built watch. */
  readonly artifact: Artifact;
  /** Where the digest and the alarms go. */
  readonly recipients: Recipients;
}

/**
 * From 05:00 to 05:15 UTC. The day of a report is the UTC day on which its run starts, so that a rate, whose time of the
 * day is that of the deployment, could start two runs on one day and none on the next.
 */
const DAILY = { expression: 'cron(0 5 * * ? *)', windowMinutes: 15 };

/** The daily watch: it evaluates all accounts of an organization, stores a report, and publishes what is open. */
export class OrganizationWatchStack extends Stack {
  constructor(scope: Construct, id: string, props: OrganizationWatchStackProps) {
    const { settings, organization, watch, artifact, recipients, ...stack } = props;
    super(scope, id, {
      description: `${NAME}: the daily report of what is open in the accounts of the organization.`,
      ...stack,
    });
    const { logRetentionDays, kmsKeys, docsUrl } = settings;
    const bucket = new ReportsBucket(this, 'Bucket');
    const fn = new WatchFunction(this, 'Function', {
      code: Code.fromAsset(artifact.path),
      architecture: artifact.architecture,
      logRetentionDays,
      bucket,
      bucketKey: kmsKeys?.bucket,
      repair: watch.repair,
      organizationalUnits: organization.organizationalUnits,
    });
    dependOnRolesByReference(this);
    const switches = new Switches(this, 'Switches', watch);
    const { stateMachineArn } = new ScheduledStateMachine(this, 'StateMachine', {
      name: WATCH_NAME,
      description: `${NAME}: starts the daily watch.`,
      definition: watchDefinition(fn.functionArn, recipients),
      role: this.runner(fn, switches, recipients),
      ...DAILY,
    });
    new WatchAlarms(this, 'Alarms', { recipients, docsUrl });
    this.output('BucketName', 'Bucket with the reports and the exemptions.', bucket.bucketName);
    this.output('StateMachineArn', 'State machine of the watch, to start it at once.', stateMachineArn);
  }

  private runner(fn: WatchFunction, { parameterArns }: Switches, recipients: Recipients): iam.Role {
    const role = new iam.Role(this, 'Runner', {
      description: 'Runs the daily watch and publishes its digest.',
      assumedBy: statesPrincipal(),
      inlinePolicies: {
        Run: allow('lambda:InvokeFunction', fn.functionArn),
        ReadSwitches: allow('ssm:GetParameters', ...parameterArns),
        Publish: publishPolicy(recipients),
      },
    });
    acknowledgeInline(role);
    return role;
  }

  private output(id: string, description: string, value: string): void {
    new CfnOutput(this, id, { description, value });
  }
}
