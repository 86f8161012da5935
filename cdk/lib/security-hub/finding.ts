import { Aws } from 'aws-cdk-lib';
import controls from '../../controls.json' with { type: 'json' };
import { NAME } from '../settings/product.ts';

/**
 * The finding of an account, as parameters of `BatchImportFindings` in Amazon States Language: a name that ends in `.$`
 * has a JSONPath as its value. The texts of the account come by JSONPath only, so no text can change the request.
 *
 * Limits: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html
 *
 * @param productArn the account's own product in Security Hub
 * @param docsUrl where the documents are published; the finding links the runbook there
 * @param paths JSONPaths to the annotation of the result, `Status` and `RecordState`, and the name of the rule
 */
export function finding(
  productArn: string,
  docsUrl: string,
  paths: {
    readonly annotation: string;
    readonly status: string;
    readonly recordState: string;
    readonly rule: string;
  },
): object {
  return {
    SchemaVersion: '2018-10-08',
    // Stable, so that an import updates the finding of the account. It does not name the rule: a pack that is deployed
    // again gives its rule another name.
    Id: `${NAME}/${Aws.REGION}/${Aws.ACCOUNT_ID}`,
    ProductArn: productArn,
    GeneratorId: NAME,
    AwsAccountId: Aws.ACCOUNT_ID,
    Title: 'The root user of the account should have no access keys',
    'Description.$': paths.annotation,
    // Security Hub ignores an update that is older than what it has, so a delayed import cannot replace a newer one.
    'CreatedAt.$': '$$.State.EnteredTime',
    'UpdatedAt.$': '$$.State.EnteredTime',
    FindingProviderFields: {
      Severity: { Label: 'CRITICAL', Original: 'CRITICAL' },
      Types: ['Software and Configuration Checks/AWS Security Best Practices'],
    },
    Compliance: { 'Status.$': paths.status, RelatedRequirements: relatedRequirements() },
    'RecordState.$': paths.recordState,
    Remediation: {
      Recommendation: {
        Text: 'Find out who uses the access keys of the root user, then delete them.',
        Url: `${docsUrl}/remediation.md`,
      },
    },
    // Not `Partition`: its values do not include every partition.
    Resources: [{ Type: 'AwsAccount', Id: `AWS::::Account:${Aws.ACCOUNT_ID}`, Region: Aws.REGION }],
    ProductFields: { [`${NAME}/ConfigRule.$`]: paths.rule },
  };
}

/**
 * The verified controls that the rule provides evidence for, in the notation of Security Hub, for example `PCI DSS
 * v3.2.1/2.1`. A control without an ID is left out.
 */
export function relatedRequirements(): string[] {
  return controls
    .filter(({ verified, control }) => verified && /\d/.test(control))
    .map(({ framework, version, control }) => `${framework} ${version.replace(/^(?=\d)/, 'v')}/${control}`);
}
