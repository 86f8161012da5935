import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { Match } from 'aws-cdk-lib/aws-events';

/** The calls with which the root user changes its own access keys. */
export const ROOT_KEY_CALLS = ['CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey'] as const;
export type RootKeyCall = (typeof ROOT_KEY_CALLS)[number];

/**
 * Source of the events with which an operator tests the notification and the re-evaluation without creating a root key.
 * Only AWS can send events with the source `aws.iam`.
 */
export const DRILL_SOURCE = 'root-access-key-rule.drill';

/**
 * The CloudTrail events of these calls, if the call succeeded and the root user changed its own keys. The request then
 * names no user; it names one when the root user creates a key for an IAM user. The calls of a privileged session
 * (`sts:AssumeRoot`) are included.
 *
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function rootKeyEvents(...calls: RootKeyCall[]): EventPattern {
  return {
    source: ['aws.iam', DRILL_SOURCE],
    detailType: ['AWS API Call via CloudTrail'],
    detail: {
      eventSource: ['iam.amazonaws.com'],
      eventName: calls,
      userIdentity: { type: ['Root'] },
      requestParameters: { userName: Match.doesNotExist() },
      errorCode: Match.doesNotExist(),
    },
  };
}
