import { Aws } from 'aws-cdk-lib';

/** Seconds after which IAM's account summary shows a change; CloudTrail took minutes to tell of it. */
const IAM_SETTLE_SECONDS = 60;

/**
 * AWS Config takes one start a minute and none while an evaluation runs, so five events of a burst wait for
 * each other, and for anybody else's start. The random part keeps them from asking in step. Errors are not
 * told apart: whatever the reason, nothing better can be done than to ask again, and then to say so.
 */
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

/**
 * The state machine of a re-evaluation, in Amazon States Language: wait until IAM has settled, read this
 * account's ConfigRules page by page, and start those whose source is the function, whatever their names.
 *
 * There may be none: a function can be without its rule, where a conformance pack excludes the account.
 * A filter in a JSONPath would need fewer states, but what it answers when nothing passes is not written
 * down, and engines differ.
 *
 * https://states-language.net/spec.html
 */
export function reEvaluationDefinition(functionArn: string): object {
  const readPage = (parameters: object) => ({
    Type: 'Task',
    Resource: `arn:${Aws.PARTITION}:states:::aws-sdk:config:describeConfigRules`,
    Parameters: parameters,
    Retry: RETRY,
    Next: 'EachRule',
  });
  return {
    Comment: 'Evaluates the account again after a change of its root access keys.',
    StartAt: 'LetIamSettle',
    States: {
      LetIamSettle: { Type: 'Wait', Seconds: IAM_SETTLE_SECONDS, Next: 'ReadFirstPage' },
      ReadFirstPage: readPage({}),
      ReadNextPage: readPage({ 'NextToken.$': '$.NextToken' }),
      EachRule: {
        Type: 'Map',
        ItemsPath: '$.ConfigRules',
        MaxConcurrency: 1,
        ItemProcessor: startIfOurs(functionArn),
        ResultPath: null,
        Next: 'MorePages',
      },
      MorePages: {
        Type: 'Choice',
        Choices: [{ Variable: '$.NextToken', IsPresent: true, Next: 'ReadNextPage' }],
        Default: 'Done',
      },
      Done: { Type: 'Succeed' },
    },
  };
}

function startIfOurs(functionArn: string): object {
  const evaluatedBy = '$.Source.SourceIdentifier';
  return {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: 'IsOurs',
    States: {
      IsOurs: {
        Type: 'Choice',
        Choices: [
          // A rule with a policy of its own (Guard) has none, and to compare what is not there ends the execution.
          { Variable: evaluatedBy, IsPresent: false, Next: 'NotOurs' },
          { Variable: evaluatedBy, StringEquals: functionArn, Next: 'StartEvaluation' },
        ],
        Default: 'NotOurs',
      },
      StartEvaluation: {
        Type: 'Task',
        Resource: `arn:${Aws.PARTITION}:states:::aws-sdk:config:startConfigRulesEvaluation`,
        Parameters: { 'ConfigRuleNames.$': 'States.Array($.ConfigRuleName)' },
        Retry: RETRY,
        End: true,
      },
      NotOurs: { Type: 'Succeed' },
    },
  };
}
