import { RegionInfo } from 'aws-cdk-lib/region-info';
import { DeploymentError } from './deployment-error.ts';

/** The default home region of each partition that this app knows. */
const DEFAULT_REGIONS: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-cn': 'cn-north-1',
  'aws-eusc': 'eusc-de-east-1',
};

/**
 * The region whose EventBridge receives IAM's events, for each partition where AWS documents it or where it was
 * observed. No source says where, or whether, they arrive in `aws-eusc`.
 */
const IAM_EVENT_REGIONS: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-cn': 'cn-north-1',
};

/** Where a deployment goes. */
export interface HomeRegion {
  /** The one region in which the rule runs. */
  readonly region: string;
  /**
   * The region of the same partition whose EventBridge receives IAM's events. Only there does a new root key cause an
   * event. Undefined if it is not known.
   */
  readonly iamEventRegion: string | undefined;
}

/** The region that forwards IAM's events to the home region. Undefined if they arrive there, or if AWS does not say where. */
export function forwardingRegion({
  environment: { region },
  iamEventRegion,
}: {
  readonly environment: { readonly region?: string };
  readonly iamEventRegion: string | undefined;
}): string | undefined {
  return iamEventRegion === region ? undefined : iamEventRegion;
}

/** The operator's settings for the region, and the region of the credentials. */
export interface RegionChoice {
  /** The setting `homeRegion`. */
  readonly chosen: string | undefined;
  /** The setting `partition`. */
  readonly partition: string | undefined;
  /** Region of the operator's credentials. */
  readonly current: string | undefined;
}

/**
 * Determines the home region of a deployment. IAM is global: in every other region the rule would evaluate the same root
 * user again and be charged again.
 *
 * @throws DeploymentError if the credentials are for another region, if no home region is known, or if the CDK does not
 * know the region and the setting `partition` is missing
 */
export function homeRegion({ chosen, partition: named, current }: RegionChoice): HomeRegion {
  const partition = partitionOf(chosen ?? current ?? 'us-east-1', named);
  const region = chosen ?? DEFAULT_REGIONS[partition];
  if (!region) {
    throw new DeploymentError(
      `no default home region is known for the partition of ${current}. Set it with -c homeRegion=${current}.`,
    );
  }
  if (current && current !== region) {
    throw new DeploymentError(
      `refusing to deploy to ${current}, since the home region is ${region}: IAM is global, and a rule in a second region would report the same root user again and be charged again. Set AWS_REGION=${region}, or make ${current} the home region with -c homeRegion=${current}.`,
    );
  }
  return { region, iamEventRegion: IAM_EVENT_REGIONS[partition] };
}

function partitionOf(region: string, named: string | undefined): string {
  const known = RegionInfo.get(region).partition;
  if (known && named && named !== known) {
    throw new DeploymentError(
      `setting "partition" is ${named}, but ${region} belongs to ${known}. Remove the setting.`,
    );
  }
  const partition = known ?? named;
  if (!partition) {
    throw new DeploymentError(
      `this version of the CDK does not know the region ${region} and its partition. Check the name. If it is correct, set the partition with -c partition=aws (or ${Object.keys(DEFAULT_REGIONS).slice(1).join(', ')}).`,
    );
  }
  return partition;
}
