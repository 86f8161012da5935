import { sdkCall } from '../events/config-rules.ts';
import { RETRY_FOR_AN_HOUR, type State } from '../events/states.ts';
import { evaluated, optional, required, text } from './jsonata.ts';
import type { Content } from './notifications.ts';

/** Days after which a result is not recent: more than two periods of a rule that runs once a day. */
const RECENT_DAYS = 3;

const region = required('region');
const annotation = optional('detail.result.Annotation');
const recorded = optional('detail.result.ResultRecordedTime', 'none');

/** What the two reminders say. */
export const REMINDERS: Readonly<Record<string, (docsUrl: string) => Content>> = {
  StillNonCompliant: (docsUrl) => ({
    subject: text`Still NON_COMPLIANT: account ${required('account')}`,
    lines: [
      text`Account ${required('account')} is still NON_COMPLIANT.`,
      text`You get this reminder every week until AWS Config shows that the root user has no access keys.`,
      text``,
      text`${annotation}`,
      text`Result of: ${recorded}. Region: ${region}.`,
    ],
    nextSteps: ['Delete the key.', `Steps: ${docsUrl}/remediation.md`],
  }),
  NoRecentResult: (docsUrl) => ({
    subject: text`No recent result: account ${required('account')}`,
    lines: [
      text`AWS Config has no result of the last ${{ code: `'${RECENT_DAYS}'` }} days for account ${required('account')} in ${region}.`,
      text`The root user may have access keys that AWS Config does not show.`,
      text``,
      text`Newest result: ${recorded}.`,
    ],
    nextSteps: [
      'Find out what stopped the evaluations.',
      `Steps: ${docsUrl}/operations.md#evaluations-stopped`,
    ],
  }),
};

/**
 * The states that read the present result of a rule and choose a reminder, in JSONata. The first is `ReadResult`.
 *
 * The time of a result is the one at which AWS Config recorded it, which is new for each evaluation. The status of a rule's
 * evaluations (`DescribeConfigRuleEvaluationStatus`) is documented to hold nothing about rules with a function. A reading that
 * fails after its retries fails the execution, so an alarm notifies.
 *
 * https://docs.aws.amazon.com/config/latest/APIReference/API_EvaluationResult.html
 */
export function reminderStates(ruleName: string): Readonly<Record<string, State>> {
  const result = '$states.input.detail.result';
  const milliseconds = RECENT_DAYS * 24 * 60 * 60 * 1000;
  const age = `$toMillis($states.context.State.EnteredTime) - $toMillis(${result}.ResultRecordedTime)`;
  return {
    ReadResult: {
      Type: 'Task',
      Resource: sdkCall('config:getComplianceDetailsByConfigRule'),
      Arguments: { ConfigRuleName: ruleName },
      TimeoutSeconds: 60,
      Retry: [RETRY_FOR_AN_HOUR],
      // The rule reports one resource, the account.
      Output: evaluated({
        code: `$merge([$states.input, {'detail': {'result': $states.result.EvaluationResults[0]}}])`,
      }),
      Next: 'WhichResult',
    },
    WhichResult: {
      Type: 'Choice',
      Choices: [
        {
          Condition: evaluated({ code: `${result}.ComplianceType = 'NON_COMPLIANT'` }),
          Next: 'StillNonCompliant',
        },
        {
          Condition: evaluated({
            code: `${result}.ComplianceType = 'COMPLIANT' and ${age} <= ${milliseconds}`,
          }),
          Next: 'NothingToRemind',
        },
      ],
      Default: 'NoRecentResult',
    },
    NothingToRemind: { Type: 'Succeed' },
  };
}
