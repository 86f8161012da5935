import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { Match } from 'aws-cdk-lib/aws-events';

/** What the root user can do to its own access keys. */
export const ROOT_KEY_CALLS = ['CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey'] as const;
export type RootKeyCall = (typeof ROOT_KEY_CALLS)[number];

/**
 * Source of the events with which an operator tries the chain without making a root key: nobody but AWS can
 * send events of the source `aws.iam`.
 */
export const DRILL_SOURCE = 'root-access-key-rule.drill';

/**
 * The events by which CloudTrail tells of these calls, where they succeeded and the root user made them for
 * itself. So it does when the request names no user: the request of a root user that makes a key for an IAM
 * user does, and that key is not meant. What a privileged session (`sts:AssumeRoot`) does is included.
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
