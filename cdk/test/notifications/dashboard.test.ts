import { expect, test } from 'vitest';
import { LOG_QUERIES } from '../../lib/notifications/log-queries.ts';
import { NOTIFICATIONS } from '../../lib/notifications/notifications.ts';
import { accountTemplate } from '../fixtures/account.ts';
import { REQUIRED, rollout } from '../fixtures/organization.ts';
import { joinedJson, only } from '../fixtures/template.ts';

interface Widget {
  readonly type: string;
  readonly properties: { readonly title: string; readonly query?: string; readonly metrics?: Metric[] };
}

type Metric = [namespace: string, name: string, ...dimensions: unknown[]];

/** The widgets of the only dashboard. */
function widgets(template: ReturnType<typeof accountTemplate>): Widget[] {
  const { widgets: shown } = joinedJson(only(template, 'AWS::CloudWatch::Dashboard').DashboardBody) as {
    widgets: Widget[];
  };
  return shown;
}

test('there is no dashboard by default, because it is charged', () => {
  accountTemplate().resourceCountIs('AWS::CloudWatch::Dashboard', 0);
});

test('the dashboard of an account queries the log lines of the function, and no metric', () => {
  const shown = widgets(accountTemplate({ dashboard: 'true' }));
  expect(shown.map(({ type, properties }) => [type, properties.title])).toEqual(
    LOG_QUERIES.map(({ title }) => ['log', title]),
  );
  for (const [index, { query }] of LOG_QUERIES.entries()) {
    const shownQuery = shown[index]?.properties.query;
    expect(shownQuery).toMatch(/^SOURCE '<\{'Ref':'LogGroup\w+'\}>' \| /);
    expect(shownQuery?.endsWith(` | ${query.join('\n| ')}`)).toBe(true);
  }
});

test('the same queries are saved, which costs nothing', () => {
  const saved = accountTemplate().findResources('AWS::Logs::QueryDefinition');
  expect(Object.values(saved).map(({ Properties }) => Properties as object)).toEqual(
    LOG_QUERIES.map(({ title, query }) => ({
      Name: `root-access-key-rule/${title}`,
      LogGroupNames: [{ Ref: expect.stringMatching(/^LogGroup/) }],
      QueryString: query.join('\n| '),
    })),
  );
});

test('the dashboard of an administrator counts the notifications of each kind and those that were not delivered', () => {
  const { template, member } = rollout({
    mode: 'stack-set',
    ...REQUIRED,
    alertEmail: 'security@example.com',
    dashboard: true,
  });
  const [sent, lost] = widgets(template('Alerts')).map(({ properties }) => properties.metrics ?? []);
  const ofRules = (metrics: Metric[], name: string) =>
    metrics.filter(([namespace, metric]) => namespace === 'AWS/Events' && metric === name);
  expect(ofRules(sent ?? [], 'Invocations')).toHaveLength(NOTIFICATIONS.length);
  expect(ofRules(lost ?? [], 'FailedInvocations')).toHaveLength(NOTIFICATIONS.length);
  expect(lost?.at(-1)?.slice(0, 4)).toEqual([
    'AWS/SNS',
    'NumberOfNotificationsFailed',
    'TopicName',
    expect.stringContaining('AlertTopic'),
  ]);
  expect(lost?.at(-2)?.slice(0, 3)).toEqual(['AWS/States', 'ExecutionsFailed', 'StateMachineArn']);
  for (const [, , bus, name, rule, id, shown] of sent ?? []) {
    expect(shown).toMatchObject({ stat: 'Sum', period: 86_400 });
    expect([bus, name, rule]).toEqual(['EventBusName', 'root-access-key-rule-org', 'RuleName']);
    // `arn:…:rule/BUS/NAME`
    expect(id).toMatch(/^<\{'Fn::Select':\[2,\{'Fn::Split':\['\/',\{'Fn::GetAtt':\['BusNotices\w+','Arn'\]/);
  }
  expect(JSON.stringify(member)).not.toContain('Dashboard');
});
