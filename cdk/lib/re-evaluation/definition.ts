import { Aws } from 'aws-cdk-lib';

/** Seconds after which IAM's account summary shows a change. CloudTrail took minutes to report it. */
const IAM_SETTLE_SECONDS = 60;

/**
 * AWS Config accepts one start a minute and none while an evaluation runs, so the executions of a burst of events wait
 * for each other and for other callers. Jitter keeps them from retrying at the same time. Every error is retried:
 * whatever the reason, the only remedies are to try again and finally to send a notification.
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
 * The state machine of a re-evaluation, in Amazon States Language: wait until IAM shows the change, read this account's
 * ConfigRules page by page, and start those whose source is the function, whatever their names.
 *
 * There may be none: if a conformance pack excludes the account, the function has no rule. A filter in a JSONPath would
 * need fewer states, but its result for no match is not documented, and engines differ.
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
    Comment: 'Starts an evaluation of the account after a change of its root access keys.',
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
          // A rule with a Guard policy has no source identifier, and comparing an absent field fails the execution.
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
