import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { accountStack, accountTemplate } from '../fixtures/account.ts';
import { joinedJson, only } from '../fixtures/template.ts';

const template = accountTemplate({}, { region: 'us-east-1' });
const machine = only(template, 'AWS::StepFunctions::StateMachine');
const machineArn = { Ref: expect.stringMatching(/^ReEvaluationStateMachine/) };

test('a change of the root user’s own keys in this account starts the state machine', () => {
  const rule = only(template, 'AWS::Events::Rule');
  expect(rule.EventPattern).toEqual({
    account: [{ Ref: 'AWS::AccountId' }],
    source: ['aws.iam', 'root-access-key-rule.drill'],
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: {
      eventSource: ['iam.amazonaws.com'],
      eventName: ['CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey'],
      userIdentity: { type: ['Root'] },
      requestParameters: { userName: [{ exists: false }] },
      errorCode: [{ exists: false }],
    },
  });
  expect(rule.Targets).toEqual([
    { Id: 'Target0', Arn: machineArn, RoleArn: attArn(/^ReEvaluationStateMachineStarter/) },
  ]);
});

test('the state machine runs with the role that may start evaluations', () => {
  expect(machine.RoleArn).toEqual(attArn(/^ReEvaluationEvaluationStarter/));
});

/** The states of the state machine by name. */
const { States: states } = joinedJson(machine.DefinitionString) as { States: Record<string, object> };
const RETRY = [
  {
    ErrorEquals: ['States.ALL'],
    IntervalSeconds: 70,
    BackoffRate: 1.5,
    MaxDelaySeconds: 600,
    JitterStrategy: 'FULL',
    MaxAttempts: 15,
  },
];
const readPage = (Parameters: object) => ({
  Type: 'Task',
  Resource: `arn:<{'Ref':'AWS::Partition'}>:states:::aws-sdk:config:describeConfigRules`,
  Parameters,
  Retry: RETRY,
  Next: 'EachRule',
});

test('the state machine waits a minute for IAM, then reads every page of the account’s rules, with retries', () => {
  const { EachRule, ...others } = states;
  expect(others).toEqual({
    LetIamSettle: { Type: 'Wait', Seconds: 60, Next: 'ReadFirstPage' },
    ReadFirstPage: readPage({}),
    ReadNextPage: readPage({ 'NextToken.$': '$.NextToken' }),
    MorePages: {
      Type: 'Choice',
      Choices: [{ Variable: '$.NextToken', IsPresent: true, Next: 'ReadNextPage' }],
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
  });
  expect(EachRule).toMatchObject({
    ItemsPath: '$.ConfigRules',
    MaxConcurrency: 1,
    ResultPath: null,
    Next: 'MorePages',
  });
});

test('the state machine starts the rules that the function evaluates, with retries, and no other', () => {
  const functionArn = expect.stringMatching(/^<\{'Fn::GetAtt':\['Function\w+','Arn'\]\}>$/);
  const evaluatedBy = '$.Source.SourceIdentifier';
  expect(states.EachRule).toMatchObject({
    ItemProcessor: {
      StartAt: 'IsOurs',
      States: {
        IsOurs: {
          Type: 'Choice',
          Choices: [
            { Variable: evaluatedBy, IsPresent: false, Next: 'NotOurs' },
            { Variable: evaluatedBy, StringEquals: functionArn, Next: 'StartEvaluation' },
          ],
          Default: 'NotOurs',
        },
        StartEvaluation: {
          Type: 'Task',
          Resource: `arn:<{'Ref':'AWS::Partition'}>:states:::aws-sdk:config:startConfigRulesEvaluation`,
          Parameters: { 'ConfigRuleNames.$': 'States.Array($.ConfigRuleName)' },
          Retry: RETRY,
          End: true,
        },
        NotOurs: { Type: 'Succeed' },
      },
    },
  });
});

test('the state machine has the name that the notification of its failures matches', () => {
  expect(machine.StateMachineName).toBe('root-access-key-rule');
});

test.each(['eusc-de-east-1', 'us-iso-east-1'])(
  'in the partition of %s, where the region of IAM’s events is not documented, re-evaluation is not deployed and the app warns',
  (homeRegion) => {
    const unknown = accountStack({ homeRegion });
    Annotations.fromStack(unknown).hasWarning(
      '*',
      Match.stringLikeRegexp(
        `re-evaluation .* not deployed, .*: AWS does not document where IAM's events arrive in the partition of ${homeRegion}\\.`,
      ),
    );
    Template.fromStack(unknown).resourceCountIs('AWS::StepFunctions::StateMachine', 0);
    Annotations.fromStack(accountStack({}, { region: 'us-gov-west-1' })).hasNoWarning('*', Match.anyValue());
  },
);

function attArn(logicalId: RegExp): object {
  return { 'Fn::GetAtt': [expect.stringMatching(logicalId), 'Arn'] };
}
