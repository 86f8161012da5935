import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnOrganizationConformancePack } from 'aws-cdk-lib/aws-config';
import type { Construct } from 'constructs';
import { conformancePack } from '../rule/conformance-pack.ts';
import type { OrganizationSettings } from '../settings/organization-settings.ts';
import { NAME, ORGANIZATION_NAME } from '../settings/product.ts';
import type { Settings } from '../settings/settings.ts';

export interface OrganizationPackStackProps extends StackProps {
  readonly settings: Settings;
  readonly organization: OrganizationSettings;
}

/**
 * The rule for every account of the organization, which members cannot change. It is a stack of its own, because it fails
 * if one account fails and must not roll back the functions.
 */
export class OrganizationPackStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { settings, organization, ...props }: OrganizationPackStackProps,
  ) {
    super(scope, id, { description: `${NAME}: the rule for the accounts of the organization.`, ...props });
    // StackSets deploy no function to the management account, and a rule without its function fails the pack.
    const managementAccount = organization.managementAccountId ?? this.account;
    new CfnOrganizationConformancePack(this, 'Pack', {
      organizationConformancePackName: ORGANIZATION_NAME,
      ...conformancePack({ FunctionName: ORGANIZATION_NAME }, settings),
      excludedAccounts: [...new Set([managementAccount, ...organization.excludedAccounts])],
      deliveryS3Bucket: organization.deliveryBucket,
    });
  }
}
