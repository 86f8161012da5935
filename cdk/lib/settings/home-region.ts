import { RegionInfo } from 'aws-cdk-lib/region-info';
import { DeploymentError } from './deployment-error.ts';

/** Where the rule runs by default, for each partition that this app knows. */
const DEFAULT_REGIONS: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-cn': 'cn-north-1',
  'aws-eusc': 'eusc-de-east-1',
};

/**
 * The region whose EventBridge receives IAM's events, for each partition for which AWS documents it or where it
 * was seen. Not for `aws-eusc`: no source says where, or whether, they arrive there.
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
   * The region of the same partition whose EventBridge receives IAM's events; in no other one a new root key is
   * noticed. Undefined where none is known.
   */
  readonly iamEventRegion: string | undefined;
}

/** What the operator says about the region, and where the credentials are for. */
export interface RegionChoice {
  /** The setting `homeRegion`. */
  readonly chosen: string | undefined;
  /** The setting `partition`. */
  readonly partition: string | undefined;
  /** Region of the operator's credentials. */
  readonly current: string | undefined;
}

/**
 * The home region of a deployment. IAM is global: in every further region the rule would evaluate, and charge
 * for, the same root user again. So a deployment that would go to another region than this one is refused.
 *
 * @throws DeploymentError when the deployment would go elsewhere, when no region is known, or when the CDK does not
 * know the region and `partition` does not say where it belongs
 */
export function homeRegion({ chosen, partition: named, current }: RegionChoice): HomeRegion {
  const partition = partitionOf(chosen ?? current ?? 'us-east-1', named);
  const region = chosen ?? DEFAULT_REGIONS[partition];
  if (!region) {
    throw new DeploymentError(
      `no home region is known for ${current}: name it, with -c homeRegion=${current}.`,
    );
  }
  if (current && current !== region) {
    throw new DeploymentError(
      `refusing to deploy to ${current}, since the home region is ${region}: IAM is global, and in a second region the rule would report and charge for the same root user again. Set AWS_REGION=${region}, or make ${current} the home region with -c homeRegion=${current}.`,
    );
  }
  return { region, iamEventRegion: IAM_EVENT_REGIONS[partition] };
}

function partitionOf(region: string, named: string | undefined): string {
  const known = RegionInfo.get(region).partition;
  if (known && named && named !== known) {
    throw new DeploymentError(
      `setting "partition" is ${named}, but ${region} belongs to ${known}: leave it out.`,
    );
  }
  const partition = known ?? named;
  if (!partition) {
    throw new DeploymentError(
      `the region ${region} is not in this version of the CDK, so its partition is not known: check the name, and if it is right set its partition, with -c partition=aws (or ${Object.keys(DEFAULT_REGIONS).slice(1).join(', ')}).`,
    );
  }
  return partition;
}
