import { z } from 'zod';
import { askAws } from '../settings/aws-cli.ts';
import { type Command, DEPLOYING_COMMANDS, PATTERN } from '../settings/command.ts';
import { DeploymentError } from '../settings/deployment-error.ts';
import type { Settings } from '../settings/settings.ts';
import { WATCH_STACK } from '../settings/stack-names.ts';

/** The response of AWS Config to `DescribeConfigurationAggregators`, as far as it is read. */
const AGGREGATORS = z.object({
  ConfigurationAggregators: z.array(
    z.object({
      OrganizationAggregationSource: z
        .object({
          AllAwsRegions: z.boolean().optional(),
          AwsRegions: z.array(z.string()).optional(),
        })
        .optional(),
    }),
  ),
});

/** Reads the aggregators, as the JSON that `aws configservice describe-configuration-aggregators` prints. */
export type DescribeAggregators = (command: Command, settings: Settings) => string;

/**
 * Checks that the account has an aggregator of the organization before the watch is deployed: without one, the watch sees
 * no result of any account. Makes no call if the command does not deploy the watch.
 *
 * @throws DeploymentError when there is no such aggregator, or when the aggregators could not be read
 */
export function checkAggregator(
  command: Command,
  settings: Settings,
  describe: DescribeAggregators = describeAggregators,
): void {
  if (!settings.organization?.watch || !deploysWatch(command)) return;
  const { account = 'that deploys', region = '' } = settings.environment;
  if (collects(describe(command, settings), region)) return;
  throw new DeploymentError(
    `refusing to deploy the watch: account ${account} has no AWS Config aggregator in ${region} that collects the organization's results from ${region}, so the watch would see no account. Create one with \`aws configservice put-configuration-aggregator\`: ${settings.docsUrl}/organization.md#an-aggregator. ${OVERRIDE}`,
  );
}

function deploysWatch({ name, stacks }: Command): boolean {
  if (name === undefined || !DEPLOYING_COMMANDS.includes(name)) return false;
  return stacks.length === 0 || stacks.some((stack) => stack === WATCH_STACK || PATTERN.test(stack));
}

/**
 * Whether one of these aggregators collects from the organization in a region.
 *
 * @param response the JSON that `aws configservice describe-configuration-aggregators` prints
 * @throws DeploymentError when the response is not that of AWS Config
 */
export function collects(response: string, region: string): boolean {
  return parse(response).some(
    ({ OrganizationAggregationSource: source }) =>
      source !== undefined && (source.AllAwsRegions === true || source.AwsRegions?.includes(region)),
  );
}

function parse(response: string) {
  try {
    return AGGREGATORS.parse(JSON.parse(response)).ConfigurationAggregators;
  } catch {
    throw new DeploymentError(
      `${FAILED} the AWS CLI did not print the response of AWS Config DescribeConfigurationAggregators. ${OVERRIDE}`,
    );
  }
}

const FAILED = 'could not check whether there is an aggregator of the organization, which the watch reads:';

const OVERRIDE = 'To deploy without the watch, add -c watch=false.';

const describeAggregators: DescribeAggregators = (command, settings) =>
  askAws(
    {
      call: ['configservice', 'describe-configuration-aggregators'],
      action: 'config:DescribeConfigurationAggregators',
      failed: FAILED,
      override: OVERRIDE,
    },
    command,
    settings,
  );
