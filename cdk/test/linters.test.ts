import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import { type Acknowledgment, App, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { afterEach, expect, test, vi } from 'vitest';
import cdkJson from '../cdk.json' with { type: 'json' };
import { readSettings } from '../lib/settings/settings.ts';
import { forwardIamEvents } from '../lib/stacks/iam-events-stack.ts';
import { MemberIamEventsStack } from '../lib/stacks/member-iam-events-stack.ts';
import { MemberStack } from '../lib/stacks/member-stack.ts';
import { accountStack } from './fixtures/account.ts';
import { REQUIRED, rollout } from './fixtures/organization.ts';

/** A rule of a linter that a construct breaks, or an argued acknowledgement of it. */
interface Finding {
  readonly id: string;
  readonly path: string;
}

afterEach(() => vi.restoreAllMocks());

/** Creates stacks and records their acknowledgements instead of applying them, so that both can be compared. */
function unsilenced(make: () => Stack[]): { stacks: Stack[]; acknowledged: Finding[] } {
  const acknowledged: Finding[] = [];
  vi.spyOn(Validations, 'of').mockImplementation(
    (scope: IConstruct) =>
      ({
        acknowledge: (...rules: Acknowledgment[]) => {
          for (const { id, reason } of rules) {
            expect(reason.length, `the reason to acknowledge ${id}`).toBeGreaterThan(20);
            // For the CDK's own validation, which does not run here.
            if (/^(Annotation|CloudFormation-Validate)::/.test(id)) continue;
            acknowledged.push({ id, path: scope.node.path });
          }
        },
      }) as Validations,
  );
  return { stacks: make(), acknowledged };
}

function cdkNag(stack: Stack): Finding[] {
  return [new AwsSolutionsChecks(), new NIST80053R5Checks()].flatMap((pack) =>
    pack
      .validateScope(stack)
      .violations.flatMap(({ ruleName: id, violatingResources }) =>
        violatingResources.map(({ constructPath }) => ({ id, path: constructPath ?? '' })),
      ),
  );
}

/** AWS Control Tower's proactive controls. */
function cfnGuard(stack: Stack): Finding[] {
  const { templateFullPath } = (stack.node.root as App).synth().getStackArtifact(stack.artifactId);
  const context = { templatePaths: [templateFullPath] } as Parameters<CfnGuardValidator['validate']>[0];
  return new CfnGuardValidator()
    .validate(context)
    .violations.flatMap(({ ruleName: id, violatingResources }) =>
      violatingResources.map(({ resourceLogicalId }) => ({ id, path: pathOf(stack, resourceLogicalId) })),
    );
}

function pathOf(stack: Stack, logicalId: string): string {
  const resource = stack.node
    .findAll()
    .find((node) => CfnResource.isCfnResource(node) && stack.resolve(node.logicalId) === logicalId);
  return resource?.node.path ?? logicalId;
}

const covers = (acknowledgement: Finding, finding: Finding) =>
  acknowledgement.id === finding.id && `${finding.path}/`.startsWith(`${acknowledgement.path}/`);

const { stacks, acknowledged } = unsilenced(() => {
  const {
    stacks: organization,
    settings,
    architecture,
  } = rollout({
    mode: 'organization-pack',
    ...REQUIRED,
    alertEmail: 'security@example.com',
    dashboard: true,
    securityHub: true,
  });
  const member = new MemberStack(new App({ context: cdkJson.context }), {
    architecture,
    settings: { ...settings, mode: 'stack-set' },
  });
  const elsewhere = new App({ context: cdkJson.context });
  forwardIamEvents(elsewhere, readSettings({ homeRegion: 'eu-central-1' }, {}));
  const published = readSettings(
    { mode: 'member-template', homeRegion: 'eu-central-1', securityHub: true },
    {},
  );
  const here = new App({ context: cdkJson.context });
  // Not in the app, because an acknowledgement is written into the template.
  Validations.of(new MemberStack(here, { architecture, settings: published })).acknowledge({
    id: 'cloudwatch_log_group_retention_period_check',
    reason: 'The retention is a parameter that allows only numbers of days. The check does not resolve it.',
  });
  new MemberIamEventsStack(here, 'Events', published);
  const account = accountStack({ alertEmail: 'security@example.com', dashboard: true, securityHub: true });
  const others = [...elsewhere.node.children, ...here.node.children].filter(Stack.isStack);
  return [account, ...organization, member, ...others];
});
const findings = stacks.flatMap((stack) => [...cdkNag(stack), ...cfnGuard(stack)]);

test('every finding of cdk-nag and cfn-guard is acknowledged with a reason', () => {
  expect(findings.filter((finding) => !acknowledged.some((entry) => covers(entry, finding)))).toEqual([]);
});

test('with every requirement of an organization, the linters find nothing else', () => {
  const key = 'arn:aws:kms:us-east-1:111122223333:key/1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d';
  const required = unsilenced(() => {
    const made = rollout({
      mode: 'stack-set',
      ...REQUIRED,
      alertEmail: 'security@example.com',
      securityHub: true,
      kmsKeys: { logGroup: key, environment: key, topic: key, bucket: key },
      rolePath: '/platform/',
      roleNamePrefix: 'platform-',
      tags: { team: 'security' },
      permissionsBoundary: 'arn:aws:iam::111122223333:policy/Boundary',
    });
    const app = new App({ context: cdkJson.context });
    return [
      ...made.stacks,
      new MemberStack(app, { architecture: made.architecture, settings: made.settings }),
    ];
  });
  const found = required.stacks.flatMap((stack) => [...cdkNag(stack), ...cfnGuard(stack)]);
  expect(found.filter((it) => !required.acknowledged.some((entry) => covers(entry, it)))).toEqual([]);
  expect(found.map(({ id }) => id)).not.toContain('NIST.800.53.R5-CloudWatchLogGroupEncrypted');
});

test('every acknowledgement still has its finding', () => {
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(acknowledged.filter((entry) => !findings.some((finding) => covers(entry, finding)))).toEqual([]);
});

test('each linter reports the faults of a bad stack', () => {
  const { stacks: bad } = unsilenced(() => {
    const scope = new Stack(new App({ context: cdkJson.context }), 'Bad');
    new CfnTopic(scope, 'Topic');
    new CfnFunction(scope, 'Function', {
      runtime: 'provided.al2023',
      handler: 'bootstrap',
      code: { s3Bucket: 'bucket', s3Key: 'key' },
      role: 'arn:aws:iam::111122223333:role/Role',
    });
    return [scope];
  });
  expect(bad.flatMap((stack) => [...cdkNag(stack), ...cfnGuard(stack)])).toEqual(
    expect.arrayContaining([
      { id: 'AwsSolutions-SNS3', path: 'Bad/Topic' },
      { id: 'NIST.800.53.R5-SNSEncryptedKMS', path: 'Bad/Topic' },
      { id: 'lambda_inside_vpc_check', path: 'Bad/Function' },
    ]),
  );
});

test('a template that CloudFormation would reject is rejected at synthesis', () => {
  const app = new App({ context: cdkJson.context });
  new CfnResource(new Stack(app, 'Bad'), 'Topic', {
    type: 'AWS::SNS::Topic',
    properties: { Displayname: 'x' },
  });
  expect(() => app.synth()).toThrow(/Displayname: Additional properties are not allowed/);
});
