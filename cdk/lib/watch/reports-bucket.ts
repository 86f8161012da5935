import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Days for which a report is kept, and for which an earlier version of any other object is: 13 months. */
const REPORT_DAYS = 400;

/** Days for which the checkpoints of a run are kept. A run takes less than an hour; the rest is for troubleshooting. */
const CHECKPOINT_DAYS = 7;

/**
 * The bucket with the reports of the watch, which are under `YYYY/MM/DD/`, its checkpoints (`runs/`), the document
 * that names the newest report (`latest.json`) and the exemptions (`exemptions.json`). The last two never expire.
 *
 * The bucket is retained when the stack is deleted: reports are evidence for auditors, and exemptions are the operator's.
 */
export class ReportsBucket extends s3.Bucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          id: 'EarlierVersions',
          noncurrentVersionExpiration: Duration.days(REPORT_DAYS),
          abortIncompleteMultipartUploadAfter: Duration.days(CHECKPOINT_DAYS),
        },
        // The first digits of a year, up to 2099.
        { id: 'Reports', prefix: '20', expiration: Duration.days(REPORT_DAYS) },
        {
          id: 'Checkpoints',
          prefix: 'runs/',
          expiration: Duration.days(CHECKPOINT_DAYS),
          noncurrentVersionExpiration: Duration.days(1),
        },
      ],
    });
    this.acknowledge();
  }

  // The ids in lower case are from AWS Control Tower's rules in cfn-guard, the others from cdk-nag.
  private acknowledge(): void {
    const because = (reason: string, ...ids: string[]) => {
      Validations.of(this).acknowledge(...ids.map((id) => ({ id, reason })));
    };
    because(
      'Only the watch writes to the bucket, and its log lines name every report. CloudTrail records who reads them if its data events are enabled.',
      'AwsSolutions-S1',
      'NIST.800.53.R5-S3BucketLoggingEnabled',
      's3_bucket_logging_enabled_check',
      's3_event_notifications_enabled_check',
    );
    because(
      'S3 encrypts with a key of its own. A customer managed key costs more a month than everything else; the setting kmsKeys brings one.',
      'NIST.800.53.R5-S3DefaultEncryptionKMS',
      's3_bucket_default_encryption_kms_check',
    );
    because(
      'Every report can be made again from AWS Config, and versions are kept. AWS Config itself keeps the evidence in each account.',
      'NIST.800.53.R5-S3BucketReplicationEnabled',
      's3_bucket_object_lock_enabled_check',
    );
  }
}
