import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { NOTIFICATIONS } from '../../lib/notifications/notifications.ts';
import { accountTemplate } from '../fixtures/account.ts';
import { inJoinedJson, joinedJson, only, silenceAlarm } from '../fixtures/template.ts';

const ALERT_TYPES = [
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SNS::Subscription',
  'AWS::CloudWatch::Alarm',
];

test('without an e-mail address or a topic there is no alarm and no topic, and nothing is charged', () => {
  for (const type of ALERT_TYPES) accountTemplate().resourceCountIs(type, 0);
});

describe('with an e-mail address', () => {
  const template = accountTemplate({ alertEmail: 'security@example.com' });
  const topic = { Ref: Object.keys(template.findResources('AWS::SNS::Topic'))[0] };

  test('a new topic sends e-mails to it in the name of the rule', () => {
    expect(only(template, 'AWS::SNS::Topic')).toEqual({ DisplayName: 'root-access-key-rule' });
    expect(only(template, 'AWS::SNS::Subscription')).toEqual({
      TopicArn: topic,
      Protocol: 'email',
      Endpoint: 'security@example.com',
    });
  });

  notifies(template, topic);
  alarms(template, topic);
});

describe('with an existing topic', () => {
  const alertTopic = 'arn:aws:sns:us-east-1:111122223333:security';
  const template = accountTemplate({ alertTopic });

  test('no other topic is created', () => {
    for (const type of ['Topic', 'TopicPolicy', 'Subscription'])
      template.resourceCountIs(`AWS::SNS::${type}`, 0);
  });

  notifies(template, alertTopic);
  alarms(template, alertTopic);
});

test('every week a schedule has the present result read, if there is a recipient', () => {
  accountTemplate().resourceCountIs('AWS::Scheduler::Schedule', 0);
  const template = accountTemplate({ alertEmail: 'a@example.com' });
  const { Target } = only(template, 'AWS::Scheduler::Schedule') as { Target: { Input: unknown } };
  expect(joinedJson(Target.Input)).toEqual({
    notification: 'Reminder',
    account: "<{'Ref':'AWS::AccountId'}>",
    region: "<{'Ref':'AWS::Region'}>",
  });
});

test('the alarm fires after two periods of the rule', () => {
  const alarm = silenceAlarm(accountTemplate({ alertEmail: 'a@example.com', frequency: 'One_Hour' }));
  expect(alarm.AlarmDescription).toContain('no evaluation for 2 hours');
  expect(alarm.EvaluationPeriods).toBe(3);
});

interface Machine {
  readonly DefinitionString: unknown;
}

function notifies(template: Template, topic: unknown): void {
  const rules = Object.entries(template.findResources('AWS::Events::Rule')).filter(([id]) =>
    id.startsWith('AlertsNotices'),
  );

  test('each event of this account, and of no other, starts the state machine that publishes to the topic', () => {
    expect(rules).toHaveLength(NOTIFICATIONS.length);
    for (const [, { Properties }] of rules) {
      expect(Properties).toMatchObject({
        EventPattern: { account: [{ Ref: 'AWS::AccountId' }] },
        Targets: [{ Arn: { Ref: expect.stringMatching(/^AlertsNoticesMachineStateMachine/) } }],
      });
      expect(Properties).not.toHaveProperty('EventBusName');
    }
    const publish = Object.values(template.findResources('AWS::StepFunctions::StateMachine'))
      .map(({ Properties }) => joinedJson((Properties as Machine).DefinitionString))
      .find((definition) => JSON.stringify(definition).includes(':sns:publish'));
    expect(publish).toMatchObject({ States: { Publish: { Arguments: { TopicArn: inJoinedJson(topic) } } } });
  });
}

function alarms(template: Template, topic: unknown): void {
  test('the alarm notifies when evaluations have stopped for two periods, and when they complete again', () => {
    const alarm = silenceAlarm(template);
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
