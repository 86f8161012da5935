import { Aws } from 'aws-cdk-lib';
import { sdkCall } from '../events/config-rules.ts';
import { RETRY_FOR_AN_HOUR, type State } from '../events/states.ts';
import { publishState } from '../notifications/publish.ts';
import type { Recipients } from '../notifications/recipients.ts';
import { type Switch, switchParameter } from './switches.ts';

/** Errors of the function that are the same at the next attempt. */
const NOT_RETRIED = ['InvalidEnvironment', 'InvalidEvent', 'RecordConflict', 'CheckpointUnreadable'];

/**
 * Any other error is retried, after 10, 20, 40, 80, 160, 320 and then 600 seconds: about 70 minutes together. A step that
 * ended half-way continues at its checkpoint.
 *
 * There is no jitter, because only one execution runs. With it, the waits could be so short that the function takes a
 * failure of seconds for a lasting one: its checkpoint counts the failed readings.
 */
const RETRY = [
  { ErrorEquals: NOT_RETRIED, MaxAttempts: 0 },
  { ...RETRY_FOR_AN_HOUR, JitterStrategy: 'NONE' },
];

/** Without its switches the watch repairs nothing and says so, so there is no need to try for long. */
const RETRY_SWITCHES = [
  { ErrorEquals: ['States.ALL'], IntervalSeconds: 2, BackoffRate: 2, JitterStrategy: 'FULL', MaxAttempts: 5 },
];

/** Seconds after which an execution ends: a function that never reports an end must not run indefinitely. */
const TIMEOUT_SECONDS = 6 * 60 * 60;

/**
 * The state machine of the watch, in Amazon States Language with JSONata. It invokes the function until the report is
 * stored, publishes the digest, and has the function record that.
 *
 * The function answers `next`: `work` until all accounts are evaluated, then `publish` with the digest, or `record` if
 * there is none; `done` if there is a report of this day already. The switches are read before each step, because a run
 * can last for hours, in which an operator may switch something off. The record is written last. If the digest could not be
 * published, the record says so and the execution fails; what was new in it is new in the next one too.
 *
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export function watchDefinition(functionArn: string, recipients: Recipients): object {
  const record = (published: boolean, then: State) => ({
    ...invoke(functionArn, { step: 'record', published }),
    ...then,
  });
  return {
    Comment: 'Evaluates all accounts of the organization, stores a report, and publishes what is open.',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: TIMEOUT_SECONDS,
    StartAt: 'ReadSwitches',
    States: {
      ReadSwitches: readSwitches('Work'),
      Work: {
        ...invoke(functionArn, { step: 'work', switches: '{% $switches %}' }),
        Output: '{% $states.result.Payload %}',
        Next: 'WhatNext',
      },
      WhatNext: {
        Type: 'Choice',
        Choices: [
          answered('work', 'ReadSwitches'),
          { ...answered('publish', 'Publish'), Output: '{% $states.input.digest %}' },
          answered('record', 'RecordWithoutDigest'),
          answered('done', 'Done'),
        ],
      },
      Publish: publishState(recipients, {
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'RecordNotPublished' }],
        Next: 'RecordPublished',
      }),
      RecordPublished: record(true, { Next: 'Done' }),
      RecordWithoutDigest: record(false, { Next: 'Done' }),
      RecordNotPublished: record(false, { Next: 'DigestNotPublished' }),
      DigestNotPublished: {
        Type: 'Fail',
        Error: 'DigestNotPublished',
        Cause: 'The report is stored, but its digest could not be published.',
      },
      Done: { Type: 'Succeed' },
    },
  };
}

/** Reads both switches into the variable `switches`, which is null if they cannot be read. */
function readSwitches(next: string): State {
  const value = (name: Switch) => `$states.result.Parameters[Name="${switchParameter(name)}"].Value`;
  const both = `{"repair": ${value('repair')}, "digest": ${value('digest')}}`;
  return {
    Type: 'Task',
    Resource: sdkCall('ssm:getParameters'),
    Arguments: { Names: [switchParameter('repair'), switchParameter('digest')] },
    TimeoutSeconds: 60,
    Retry: RETRY_SWITCHES,
    Assign: { switches: `{% $count($states.result.Parameters) = 2 ? ${both} : null %}` },
    Catch: [{ ErrorEquals: ['States.ALL'], Assign: { switches: null }, Next: next }],
    Next: next,
  };
}

function invoke(functionArn: string, step: State): State {
  return {
    Type: 'Task',
    Resource: `arn:${Aws.PARTITION}:states:::lambda:invoke`,
    Arguments: {
      FunctionName: functionArn,
      Payload: {
        run: '{% $states.context.Execution.Name %}',
        started: '{% $states.context.Execution.StartTime %}',
        ...step,
      },
    },
    // Longer than the function's own timeout.
    TimeoutSeconds: 360,
    Retry: RETRY,
  };
}

function answered(next: string, state: string): State {
  return { Condition: `{% $states.input.next = "${next}" %}`, Next: state };
}
