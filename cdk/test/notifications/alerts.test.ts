import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { NOTIFICATIONS } from '../../lib/notifications/notifications.ts';
import { accountTemplate } from '../fixtures/account.ts';
import { only } from '../fixtures/template.ts';

const ALERT_TYPES = [
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SNS::Subscription',
  'AWS::CloudWatch::Alarm',
];

test('without an e-mail address or a topic nothing is watched, and nothing is charged', () => {
  for (const type of ALERT_TYPES) accountTemplate().resourceCountIs(type, 0);
});

describe('with an e-mail address', () => {
  const template = accountTemplate({ alertEmail: 'security@example.com' });
  const topic = { Ref: Object.keys(template.findResources('AWS::SNS::Topic'))[0] };

  test('a topic mails to it', () => {
    expect(only(template, 'AWS::SNS::Subscription')).toEqual({
      TopicArn: topic,
      Protocol: 'email',
      Endpoint: 'security@example.com',
    });
  });

  test('the topic takes messages from EventBridge and this account’s CloudWatch, over TLS, from nobody else', () => {
    expect(only(template, 'AWS::SNS::TopicPolicy').PolicyDocument).toEqual({
      Version: '2012-10-17',
      Statement: [
        expect.objectContaining({
          Effect: 'Deny',
          Principal: '*',
          Action: 'sns:Publish',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          Resource: topic,
        }),
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          Resource: topic,
        }),
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: topic,
        }),
      ],
    });
  });

  tellsNotices(template, topic);
  saysSilence(template, topic);
});

describe('with a topic of the operator', () => {
  const alertTopic = 'arn:aws:sns:us-east-1:111122223333:security';
  const template = accountTemplate({ alertTopic });

  test('no other topic is made', () => {
    for (const type of ['Topic', 'TopicPolicy', 'Subscription'])
      template.resourceCountIs(`AWS::SNS::${type}`, 0);
  });

  tellsNotices(template, alertTopic);
  saysSilence(template, alertTopic);
});

test('two periods without an evaluation are two periods of the rule', () => {
  const alarm = only(
    accountTemplate({ alertEmail: 'a@example.com', frequency: 'One_Hour' }),
    'AWS::CloudWatch::Alarm',
  );
  expect(alarm.AlarmDescription).toContain('no evaluation for 2 hours');
  expect(alarm.EvaluationPeriods).toBe(3);
});

function tellsNotices(template: Template, topic: unknown): void {
  const rules = Object.entries(template.findResources('AWS::Events::Rule')).filter(([id]) =>
    id.startsWith('AlertsNotices'),
  );

  test('each notice of this account, and of no other, goes to the topic', () => {
    expect(rules).toHaveLength(NOTIFICATIONS.length);
    for (const [, { Properties }] of rules) {
      expect(Properties).toMatchObject({
        EventPattern: { account: [{ Ref: 'AWS::AccountId' }] },
        Targets: [{ Arn: topic }],
      });
      expect(Properties).not.toHaveProperty('EventBusName');
    }
  });

  test('no message holds a whole event, or what of it may hold a result token', () => {
    for (const [, { Properties }] of rules) {
      const [{ InputTransformer: message }] = (
        Properties as {
          Targets: [{ InputTransformer: { InputPathsMap: Record<string, string> } }];
        }
      ).Targets;
      const paths = Object.values(message.InputPathsMap);
      expect(paths.length).toBeGreaterThan(2);
      for (const path of paths) {
        expect(path).toMatch(/^\$\.(account|region|time|source|detail\.[a-zA-Z]+(\.[a-zA-Z]+)?)$/);
        expect(path).not.toMatch(/requestPayload|responsePayload$|\.input$|\.output$/);
      }
    }
  });
}

function saysSilence(template: Template, topic: unknown): void {
  test('two periods without a completed evaluation are told, and so is their end', () => {
    const alarm = only(template, 'AWS::CloudWatch::Alarm');
    expect(alarm).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 49,
      TreatMissingData: 'breaching',
      AlarmActions: [topic],
      OKActions: [topic],
    });
    expect(alarm.Metrics).toEqual([
      {
        Id: 'expr_1',
        Expression: 'FILL(invocations, 0) - FILL(errors, 0)',
        Label: 'completed evaluations',
        ReturnData: true,
      },
      metric('invocations', 'Invocations'),
      metric('errors', 'Errors'),
    ]);
    expect(alarm.AlarmDescription).toMatch(/no evaluation for 48 hours.*\/docs\/operations\.md#silence$/);
  });
}

function metric(id: string, name: string): object {
  return {
    Id: id,
    ReturnData: false,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/Lambda',
        MetricName: name,
        Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringMatching(/^Function/) } }],
      },
      Period: 3600,
      Stat: 'Sum',
    },
  };
}
