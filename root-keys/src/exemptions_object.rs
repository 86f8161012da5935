//! The watch's exemptions: the object `exemptions.json` in its bucket.

use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use root_access_key_rule::aws::failure::CallFailure;

use crate::aws::call::call_failure;
use crate::aws::caller::Caller;
use crate::aws::next_step::{Call, next_step};
use crate::failure::Failure;

/// The key of the object.
pub const KEY: &str = "exemptions.json";
/// The stack whose output `BucketName` is the name of the bucket.
const STACK: &str = "RootAccessKeyRuleOrganizationWatch";

/// The object in one bucket of the caller's account.
#[derive(Debug)]
pub struct ExemptionsObject<'a> {
    client: aws_sdk_s3::Client,
    caller: &'a Caller,
    bucket: &'a str,
}

/// What the object has.
#[derive(Debug)]
pub struct Version {
    /// The exemptions as a file.
    pub bytes: Vec<u8>,
    /// The ID of the version; `None` if the bucket has no versions.
    pub id: Option<String>,
    etag: String,
}

impl<'a> ExemptionsObject<'a> {
    /// Makes a client of Amazon S3 in the caller's region.
    #[must_use]
    pub fn new(caller: &'a Caller, bucket: &'a str) -> Self {
        let config = aws_sdk_s3::config::Builder::from(&caller.sdk);
        Self {
            client: aws_sdk_s3::Client::from_conf(config.build()),
            caller,
            bucket,
        }
    }

    /// Reads the object; `None` if there is none.
    ///
    /// # Errors
    /// When it cannot be read to its end, or the bucket belongs to another account.
    pub async fn read(&self) -> Result<Option<Version>, Failure> {
        let failed = |failure: &CallFailure| {
            Failure::new(format!(
                "nothing was written: {}",
                self.words("s3:GetObject", failure)
            ))
        };
        let request = self.client.get_object().bucket(self.bucket).key(KEY);
        let owner = self.caller.account.as_str();
        let response = match request.expected_bucket_owner(owner).send().await {
            Ok(response) => response,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetObjectError::is_no_such_key) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(failed(&call_failure(&error))),
        };
        let incomplete = |what: &str| failed(&CallFailure::incomplete(what));
        let etag = response.e_tag.filter(|it| !it.is_empty());
        let etag = etag.ok_or_else(|| incomplete("it has no ETag"))?;
        let length = response.content_length;
        let body = response.body.collect().await;
        let bytes = body.map_err(|_| incomplete("its body was cut short"))?;
        let bytes = bytes.to_vec();
        if i64::try_from(bytes.len()).ok() != length {
            return Err(incomplete("its body was cut short"));
        }
        let id = response.version_id;
        Ok(Some(Version { bytes, id, etag }))
    }

    /// Writes the object if it is still the version that was read, or still absent; returns
    /// the ID of the new version.
    ///
    /// # Errors
    /// When Amazon S3 did not store it, or it is not known whether it did.
    pub async fn write(
        &self,
        bytes: Vec<u8>,
        replaced: Option<&Version>,
    ) -> Result<Option<String>, Failure> {
        let request = self.client.put_object().bucket(self.bucket).key(KEY);
        let request = request
            .expected_bucket_owner(self.caller.account.as_str())
            .content_type("application/json")
            .body(ByteStream::from(bytes));
        let request = match replaced {
            Some(version) => request.if_match(&version.etag),
            None => request.if_none_match("*"),
        };
        let response = request.send().await.map_err(|error| {
            let failure = call_failure(&error);
            Failure::new(match failure.code.as_ref() {
                // The last one: to be the same it would have to be there.
                "PreconditionFailed" | "ConditionalRequestConflict" | "NoSuchKey" => format!(
                    "nothing was written: s3://{}/{KEY} has changed since this command read it; run it again",
                    self.bucket
                ),
                _ => format!(
                    "the exemptions may not be written: {}; then run this command again: it shows whether they are",
                    self.words("s3:PutObject", &failure)
                ),
            })
        })?;
        Ok(response.version_id)
    }

    fn words(&self, action: &str, failure: &CallFailure) -> String {
        let Caller { arn, account, .. } = self.caller;
        let call = Call {
            action,
            by: arn,
            account: Some(account.as_str()),
            as_root: false,
        };
        let region = self.caller.region();
        let next_step = match failure.code.as_ref() {
            "NoSuchBucket" | "PermanentRedirect" | "InvalidBucketName" => format!(
                "--bucket takes the output `BucketName` of the stack {STACK} in account {account}, region {region}: \
                 `aws cloudformation describe-stacks --stack-name {STACK} --query Stacks[].Outputs`"
            ),
            _ => next_step(failure, &call, || {
                format!(
                    "allow {action} (and s3:ListBucket) on the bucket to {arn}, and check that the bucket is in account \
                     {account}"
                )
            }),
        };
        let bucket = self.bucket;
        format!(
            "{action} of s3://{bucket}/{KEY} as {arn}: {}; {next_step}",
            failure.cause
        )
    }
}
