import { forEachRule, sdkCall } from '../events/config-rules.ts';
import { RETRY_FOR_AN_HOUR } from '../events/states.ts';

/** Seconds after which AWS Config's API shows a result whose event has arrived. AWS documents no order of the two. */
const CONFIG_SETTLE_SECONDS = 60;

/** Every error is retried: whatever the reason, the remedies are the same. */
const RETRY = [RETRY_FOR_AN_HOUR];

/** JSONPaths to what the states add to a result of AWS Config, and to what they read from it. */
export const PATHS = {
  annotation: '$.Annotation',
  status: '$.Finding.Status',
  recordState: '$.Finding.RecordState',
  rule: '$.EvaluationResultIdentifier.EvaluationResultQualifier.ConfigRuleName',
};

/**
 * The state machine of an import, in Amazon States Language: read the present results of the function's ConfigRules, and
 * import each as a finding. Without a result there is nothing to import.
 *
 * An event only starts it: the result that it names may be old when it arrives. For the same reason a failed import is
 * not retried by itself, but together with the reading.
 *
 * @param finding the parameters of a finding, with JSONPaths of {@link PATHS}
 */
export function importDefinition(functionArn: string, finding: object): object {
  return forEachRule({
    comment: 'Imports the compliance of the account into Security Hub.',
    functionArn,
    wait: { name: 'LetConfigSettle', seconds: CONFIG_SETTLE_SECONDS },
    retry: RETRY,
    retryPage: RETRY,
    states: {
      ReadResults: {
        Type: 'Task',
        Resource: sdkCall('config:getComplianceDetailsByConfigRule'),
        Parameters: { 'ConfigRuleName.$': '$.ConfigRuleName' },
        Next: 'EachResult',
      },
      EachResult: {
        Type: 'Map',
        ItemsPath: '$.EvaluationResults',
        MaxConcurrency: 1,
        ItemProcessor: importResult(finding),
        End: true,
      },
    },
  });
}

function importResult(finding: object): object {
  const compliance = '$.ComplianceType';
  const become = (Status: string, RecordState: string) => ({
    Type: 'Pass',
    Result: { Status, RecordState },
    ResultPath: '$.Finding',
    Next: 'HasAnnotation',
  });
  return {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: 'WhichResult',
    States: {
      WhichResult: {
        Type: 'Choice',
        Choices: [
          { Variable: compliance, StringEquals: 'NON_COMPLIANT', Next: 'KeyExists' },
          { Variable: compliance, StringEquals: 'COMPLIANT', Next: 'NoKeyExists' },
        ],
        Default: 'NothingToImport',
      },
      KeyExists: become('FAILED', 'ACTIVE'),
      NoKeyExists: become('PASSED', 'ARCHIVED'),
      HasAnnotation: {
        Type: 'Choice',
        Choices: [{ Variable: PATHS.annotation, IsPresent: true, Next: 'Import' }],
        Default: 'WithoutAnnotation',
      },
      WithoutAnnotation: {
        Type: 'Pass',
        Result: 'AWS Config shows no details.',
        ResultPath: PATHS.annotation,
        Next: 'Import',
      },
      ...importFinding(finding),
      NothingToImport: { Type: 'Succeed' },
    },
  };
}

/** An account without Security Hub is no failure. Security Hub reports it as an error of the call or of the finding. */
function importFinding(finding: object): object {
  const notEnabled = 'SecurityHubNotEnabled';
  return {
    Import: {
      Type: 'Task',
      Resource: sdkCall('securityhub:batchImportFindings'),
      Parameters: { Findings: [finding] },
      Catch: [{ ErrorEquals: ['SecurityHub.InvalidAccessException'], Next: notEnabled }],
      Next: 'WasImported',
    },
    // A response without an error can contain errors.
    WasImported: {
      Type: 'Choice',
      Choices: [{ Variable: '$.FailedCount', NumericEquals: 0, Next: 'Imported' }],
      Default: 'ReadFailure',
    },
    ReadFailure: {
      Type: 'Pass',
      // An index in a JSONPath would need no state, but engines differ in whether it yields a list.
      Parameters: { 'Failure.$': 'States.ArrayGetItem($.FailedFindings, 0)' },
      Next: 'WhichFailure',
    },
    WhichFailure: {
      Type: 'Choice',
      Choices: [{ Variable: '$.Failure.ErrorCode', StringMatches: 'InvalidAccess*', Next: notEnabled }],
      Default: 'NotImported',
    },
    Imported: { Type: 'Succeed' },
    // The history of the execution shows it.
    [notEnabled]: {
      Type: 'Succeed',
      Comment: 'Security Hub is not enabled in this account and region, so nothing was imported.',
    },
    NotImported: {
      Type: 'Fail',
      Error: 'FindingNotImported',
      CausePath: 'States.JsonToString($.Failure)',
    },
  };
}
