import { CfnQueryDefinition, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import queries from '../../log-queries.json' with { type: 'json' };
import { NAME } from '../settings/product.ts';

/**
 * Queries on the function's log lines, in the language of CloudWatch Logs Insights. The function's own tests compare
 * their fields with the lines that it writes.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export const LOG_QUERIES = Object.values(queries);

/** The queries as saved queries of CloudWatch Logs Insights, which cost nothing until somebody runs one. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { logGroupName }: ILogGroup) {
    super(scope, id);
    for (const [what, { title, query }] of Object.entries(queries)) {
      new CfnQueryDefinition(this, what, {
        name: `${NAME}/${title}`,
        logGroupNames: [logGroupName],
        queryString: query.join('\n| '),
      });
    }
  }
}
