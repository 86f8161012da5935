import { forEachRule, sdkCall } from '../events/config-rules.ts';

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
 * ConfigRules, and start those whose source is the function.
 */
export function reEvaluationDefinition(functionArn: string): object {
  return forEachRule({
    comment: 'Starts an evaluation of the account after a change of its root access keys.',
    functionArn,
    wait: { name: 'LetIamSettle', seconds: IAM_SETTLE_SECONDS },
    retry: RETRY,
    states: {
      StartEvaluation: {
        Type: 'Task',
        Resource: sdkCall('config:startConfigRulesEvaluation'),
        Parameters: { 'ConfigRuleNames.$': 'States.Array($.ConfigRuleName)' },
        Retry: RETRY,
        End: true,
      },
    },
  });
}
