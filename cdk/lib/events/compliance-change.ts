import { type EventPattern, Match } from 'aws-cdk-lib/aws-events';

/**
 * The changes of compliance that AWS Config reports for rules whose names begin with a text. The name of a pack's rule
 * has a suffix.
 *
 * @param results restricts the results; default: any change
 */
export function complianceChange(rule: string, results: object = {}): EventPattern {
  return {
    source: ['aws.config'],
    detailType: ['Config Rules Compliance Change'],
    detail: {
      messageType: ['ComplianceChangeNotification'],
      configRuleName: Match.prefix(rule),
      ...results,
    },
  };
}
