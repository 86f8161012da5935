import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { AlertTopic } from '../lib/alert-topic.ts';
import { Forwarding } from '../lib/forwarding.ts';
import { NOTICES } from '../lib/notices.ts';
import { OrganizationBus } from '../lib/organization-bus.ts';
import { only } from './account.ts';

const administrator = new Stack(new App(), 'Administrator');
new OrganizationBus(administrator, 'Bus', {
  organizationId: 'o-a1b2c3d4e5',
  topic: new AlertTopic(administrator, 'Topic', 'security@example.com'),
  docsUrl: 'https://example.com/docs',
});
const received = Template.fromStack(administrator);

const member = new Stack(new App(), 'Member');
new Forwarding(member, 'Forwarding', { busArn: OrganizationBus.arn(member, '111122223333') });
const sent = Template.fromStack(member);
const busArn = {
  'Fn::Join': [
    '',
    [
      'arn:',
      { Ref: 'AWS::Partition' },
      ':events:',
      { Ref: 'AWS::Region' },
      ':111122223333:event-bus/root-access-key-rule-org',
    ],
  ],
};

test('accounts of the organization may put events on the bus, and nobody else', () => {
  received.resourceCountIs('AWS::Events::EventBusPolicy', 1);
  expect(only(received, 'AWS::Events::EventBusPolicy')).toMatchObject({
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 'events:PutEvents',
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Bus/), 'Arn'] },
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
    },
  });
});

test('a member may put events on that bus alone', () => {
  expect(only(sent, 'AWS::IAM::Role').Policies).toEqual([
    {
      PolicyName: 'Forward',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: busArn }],
      },
    },
  ]);
});

test('a member has rules and a role, nothing that is charged', () => {
  const { Resources } = sent.toJSON() as { Resources: Record<string, { Type: string }> };
  const types = new Set(Object.values(Resources).map(({ Type }) => Type));
  expect([...types].sort()).toEqual(['AWS::Events::Rule', 'AWS::IAM::Role']);
});

test('what a member sends is what the administrator’s bus makes messages of, from whatever account', () => {
  const rules = (template: Template) =>
    Object.values(template.findResources('AWS::Events::Rule')).map(
      ({ Properties }) => Properties as { EventPattern: object; Targets: object[]; EventBusName?: unknown },
    );
  expect(rules(sent)).toHaveLength(NOTICES.length);
  expect(rules(sent).map(({ EventPattern }) => EventPattern)).toEqual(
    rules(received).map(({ EventPattern }) => ({ account: [{ Ref: 'AWS::AccountId' }], ...EventPattern })),
  );
  for (const { Targets } of rules(sent)) expect(Targets).toMatchObject([{ Arn: busArn, RoleArn: {} }]);
  for (const { Targets, EventBusName } of rules(received)) {
    expect(EventBusName).toEqual({ Ref: expect.stringMatching(/^Bus/) });
    expect(Targets).toMatchObject([{ Arn: { Ref: expect.stringMatching(/^Topic/) } }]);
  }
});
