import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { Forwarding } from '../../lib/notifications/forwarding.ts';
import { NOTIFICATIONS } from '../../lib/notifications/notifications.ts';
import { OrganizationBus } from '../../lib/notifications/organization-bus.ts';
import { AlertTopic } from '../../lib/notifications/recipients.ts';
import { joinedJson } from '../fixtures/template.ts';

const administrator = new Stack(new App({ context: cdkJson.context }), 'Administrator');
new OrganizationBus(administrator, 'Bus', {
  organizationId: 'o-a1b2c3d4e5',
  notifications: NOTIFICATIONS,
  recipients: { topic: new AlertTopic(administrator, 'Topic', 'security@example.com') },
  docsUrl: 'https://example.com/docs',
});
const received = Template.fromStack(administrator);

const member = new Stack(new App({ context: cdkJson.context }), 'Member');
const busArn = 'arn:aws:events:us-east-1:111122223333:event-bus/root-access-key-rule-org';
new Forwarding(member, 'Forwarding', { busArn, notifications: NOTIFICATIONS });
const sent = Template.fromStack(member);

test('a member has rules, roles and state machines, none of which is charged without an event', () => {
  const { Resources } = sent.toJSON() as { Resources: Record<string, { Type: string }> };
  const types = new Set(Object.values(Resources).map(({ Type }) => Type));
  expect([...types].sort()).toEqual([
    'AWS::Events::Rule',
    'AWS::IAM::Role',
    'AWS::StepFunctions::StateMachine',
  ]);
});

interface Rule {
  readonly EventPattern: object;
  readonly EventBusName?: unknown;
  readonly Targets: { readonly Arn: unknown; readonly InputTransformer?: Transformer }[];
}

interface Transformer {
  readonly InputPathsMap: Readonly<Record<string, string>>;
  readonly InputTemplate: string;
}

const rules = (template: Template) =>
  Object.values(template.findResources('AWS::Events::Rule')).map(({ Properties }) => Properties as Rule);

test('the bus turns exactly the events that a member forwards into notifications, whatever the account', () => {
  expect(rules(sent)).toHaveLength(NOTIFICATIONS.length);
  expect(rules(sent).map(({ EventPattern }) => EventPattern)).toEqual(
    rules(received).map(({ EventPattern }) => ({ account: [{ Ref: 'AWS::AccountId' }], ...EventPattern })),
  );
  for (const { Targets, EventBusName } of rules(received)) {
    expect(EventBusName).toEqual({ Ref: expect.stringMatching(/^Bus/) });
    expect(Targets).toMatchObject([{ Arn: { Ref: expect.stringMatching(/^BusNoticesMachine/) } }]);
  }
});

test('an event without a secret is forwarded unchanged', () => {
  const [direct, other] = [
    NOTIFICATIONS.filter(({ fields }) => !fields),
    NOTIFICATIONS.filter(({ fields }) => fields),
  ];
  const toBus = rules(sent).filter(({ Targets: [target] }) => target?.Arn === busArn);
  expect(toBus).toHaveLength(direct.length);
  for (const { Targets } of toBus) {
    expect(Targets).toEqual([
      {
        Id: 'Target0',
        Arn: busArn,
        RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^ForwardingRole/), 'Arn'] },
      },
    ]);
  }
  expect(other.map(({ id }) => id)).toEqual(['FinalFailure', 'NeverRan']);
});

test.each([
  ['FinalFailure', ['$.detail.requestContext', '$.detail.responsePayload']],
  ['NeverRan', ['$.detail.requestContext']],
])('%s is forwarded by a state machine whose input is %j, without the result token', (id, paths) => {
  const found = (type: string) =>
    Object.keys(sent.findResources(type)).filter((it) => it.startsWith(`Forwarding${id}`));
  const machine = { Ref: found('AWS::StepFunctions::StateMachine')[0] };
  const rule = sent.toJSON().Resources[found('AWS::Events::Rule')[0] ?? ''] as { Properties: Rule };
  const transformer = rule.Properties.Targets[0]?.InputTransformer;
  expect(rule.Properties.Targets).toEqual([
    {
      Id: 'Target0',
      Arn: machine,
      RoleArn: { 'Fn::GetAtt': [expect.stringMatching(`^Forwarding${id}.*Starter`), 'Arn'] },
      InputTransformer: transformer,
    },
  ]);
  expect(Object.values(transformer?.InputPathsMap ?? {})).toEqual(paths);
});

test('the state machines try for over an hour to put an event on the bus', () => {
  const machines = Object.values(sent.findResources('AWS::StepFunctions::StateMachine'));
  expect(machines).toHaveLength(2);
  for (const { Properties } of machines) {
    const [retry] = (joinedJson(Properties.DefinitionString) as Definition).States.PutEvent.Retry;
    expect(retry).toMatchObject({ ErrorEquals: ['States.ALL'], MaxAttempts: 10, MaxDelaySeconds: 600 });
  }
});

interface Definition {
  readonly States: { readonly PutEvent: { readonly Retry: readonly object[] } };
}
