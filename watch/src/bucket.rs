//! The watch's bucket: reads and writes whole objects.

use aws_config::SdkConfig;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use root_access_key_rule::aws::failure::{CallFailure, FailureClass};
use root_keys::aws::call::call_failure;
use root_keys::aws::sdk_config::with_more_retries;

use crate::error::{ErrorKind, WatchError};
use crate::stored::Stored;

/// The most bytes of an object that is read. The checkpoint of 10,000 accounts has about
/// 10 MB.
const MAX_BYTES: i64 = 64 * 1024 * 1024;

/// How often a body that arrives incomplete is requested. The SDK repeats a call, but not
/// the reading of its body.
const ATTEMPTS: usize = 3;

/// One bucket of this account.
#[derive(Debug)]
pub struct Bucket {
    client: aws_sdk_s3::Client,
    name: String,
    /// 12 digits. S3 refuses the calls if the bucket belongs to another account.
    account: String,
}

/// What must be true of an object for it to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// There is none.
    Absent,
    /// It is this version: the `ETag` that S3 returned.
    Unchanged(String),
}

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// S3 has stored it.
    Stored,
    /// The condition does not hold: nothing was written.
    ConditionFailed,
}

impl Bucket {
    /// Makes the client, with the retries of `root-keys`.
    #[must_use]
    pub fn new(sdk: &SdkConfig, name: &str, account: &str) -> Self {
        Self {
            client: aws_sdk_s3::Client::new(&with_more_retries(sdk)),
            name: name.to_owned(),
            account: account.to_owned(),
        }
    }

    /// Reads an object. One that cannot be read is [`Stored::Unreadable`].
    pub async fn get(&self, key: &str) -> Stored {
        let mut failure = None;
        for _ in 0..ATTEMPTS {
            match self.try_get(key).await {
                Ok(stored) => return stored,
                // The SDK has repeated every other call.
                Err(cause) if cause.class != FailureClass::MalformedResponse => {
                    failure = Some(cause);
                    break;
                }
                Err(cause) => failure = Some(cause),
            }
        }
        let failure = failure.unwrap_or_else(|| CallFailure::incomplete("it has no body"));
        Stored::Unreadable {
            why: self.words("s3:GetObject", key, &failure),
        }
    }

    async fn try_get(&self, key: &str) -> Result<Stored, CallFailure> {
        let request = self.client.get_object().bucket(&self.name).key(key);
        let response = request.expected_bucket_owner(&self.account).send().await;
        let response = match response {
            Ok(response) => response,
            // Without the permission s3:ListBucket, S3 denies the call instead.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetObjectError::is_no_such_key) =>
            {
                return Ok(Stored::Absent);
            }
            Err(error) => return Err(call_failure(&error)),
        };
        let length = response.content_length.unwrap_or_default();
        if length > MAX_BYTES {
            let why = format!("it has {length} bytes, more than {MAX_BYTES}");
            return Err(CallFailure::new(FailureClass::Rejected, "TooLarge", why));
        }
        let etag = response.e_tag.filter(|it| !it.is_empty());
        let etag = etag.ok_or_else(|| CallFailure::incomplete("it has no ETag"))?;
        let body = response.body.collect().await;
        let body =
            body.map_err(|_| CallFailure::incomplete("its body was cut short or changed"))?;
        let bytes = body.into_bytes();
        if i64::try_from(bytes.len()) != Ok(length) {
            return Err(CallFailure::incomplete("its body was cut short"));
        }
        match String::from_utf8(bytes.to_vec()) {
            Ok(text) => Ok(Stored::Found { text, etag }),
            Err(_) => Err(CallFailure::new(
                FailureClass::Rejected,
                "NotText",
                "it is not UTF-8".to_owned(),
            )),
        }
    }

    /// Writes an object.
    ///
    /// # Errors
    /// `BucketUnavailable` if S3 did not store it.
    pub async fn put(
        &self,
        key: &str,
        content_type: &str,
        text: &str,
        condition: &Condition,
    ) -> Result<Written, WatchError> {
        let request = self.client.put_object().bucket(&self.name).key(key);
        let request = request
            .expected_bucket_owner(&self.account)
            .content_type(content_type)
            .body(ByteStream::from(text.as_bytes().to_vec()));
        let request = match condition {
            Condition::Always => request,
            Condition::Absent => request.if_none_match("*"),
            Condition::Unchanged(etag) => request.if_match(etag),
        };
        let failure = match request.send().await {
            Ok(response) if response.e_tag.is_some() => return Ok(Written::Stored),
            Ok(_) => CallFailure::incomplete("it has no ETag"),
            Err(error) => call_failure(&error),
        };
        // 412: the condition does not hold. 404: the object was to be unchanged, and was
        // deleted.
        let is = |code: &str| failure.code == code;
        let conditional = *condition != Condition::Always;
        if conditional && (is("PreconditionFailed") || is("NoSuchKey")) {
            return Ok(Written::ConditionFailed);
        }
        Err(self.unavailable("s3:PutObject", key, &failure))
    }

    fn unavailable(&self, call: &str, key: &str, failure: &CallFailure) -> WatchError {
        WatchError::new(ErrorKind::BucketUnavailable, self.words(call, key, failure))
    }

    fn words(&self, call: &str, key: &str, failure: &CallFailure) -> String {
        let next_step = match failure.class {
            FailureClass::Denied => format!(
                "allow {call} to the function's role: deploy the stack of the watch again, and look for a \
                 service control policy or a bucket policy that denies it"
            ),
            FailureClass::Rejected => {
                "check the bucket and the object in the S3 console, and their versions".to_owned()
            }
            FailureClass::Credentials => "check that the function's role exists".to_owned(),
            _ => "if this persists, check the AWS Health Dashboard for Amazon S3".to_owned(),
        };
        format!(
            "{call} of s3://{}/{key}: {}; {next_step}",
            self.name, failure.cause
        )
    }
}
