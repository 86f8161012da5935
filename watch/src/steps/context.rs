//! What one step needs: the bucket, the clock, the time that it has.

use std::time::Duration;

use aws_config::SdkConfig;
use chrono::{DateTime, Utc};
use root_access_key_rule::redaction::redacted;
use root_keys::aws::caller::Caller;
use root_keys::failure::Failure;
use root_keys::organization::clients::OrganizationClients;
use root_keys::progress::Progress;
use tokio::time::Instant;

use crate::advice::advice;
use crate::bucket::{Bucket, Condition, Written};
use crate::checkpoint::Checkpoint;
use crate::error::WatchError;
use crate::event::Run;
use crate::latest::{Latest, Previous};
use crate::settings::Settings;
use crate::stored::Stored;
use crate::{keys, metrics};

/// What a step is reserved after the last call about an account has begun: that call may
/// take 90 seconds, and then the checkpoint is stored.
pub const RESERVE: Duration = Duration::from_secs(100);

/// The content type of JSON.
pub const JSON: &str = "application/json";

/// Whether a step goes on.
#[derive(Debug)]
pub enum Progressed {
    /// To the next stage.
    On,
    /// It ends here, and the state machine invokes the next one.
    Ends,
    /// It ends here with an error, and the state machine repeats it after a pause.
    Failed(WatchError),
}

/// What one step needs.
#[derive(Debug)]
pub struct StepContext<'a> {
    pub sdk: &'a SdkConfig,
    pub settings: &'a Settings,
    pub metrics: fn(&str),
    pub bucket: Bucket,
    pub run: Run,
    /// When no further call about an account may begin.
    pub until: Instant,
    /// What must not leave the function: AWS quotes request headers, including the session
    /// token, when it rejects a signature.
    pub secrets: Vec<String>,
}

impl StepContext<'_> {
    /// The time, from the SDK's clock.
    pub fn now(&self) -> DateTime<Utc> {
        let clock = self.sdk.time_source();
        let clock = clock.unwrap_or_default();
        clock.now().into()
    }

    /// The region of the function and its bucket.
    pub fn region(&self) -> &str {
        self.sdk.region().map_or("", AsRef::as_ref)
    }

    /// Writes the metrics of the run to the log.
    pub fn emit(&self, latest: &Latest, completed: bool) {
        (self.metrics)(&metrics::line(latest, completed, self.now()));
    }

    /// Stores how far the run is.
    pub async fn store(&self, checkpoint: &Checkpoint) -> Result<(), WatchError> {
        let (key, text) = (keys::checkpoint(&self.run.name), checkpoint.json()?);
        let put = self.put(&key, JSON, &text, &Condition::Always);
        put.await.map(|_| ())
    }

    /// Writes an object without secrets.
    pub async fn put(
        &self,
        key: &str,
        content_type: &str,
        text: &str,
        condition: &Condition,
    ) -> Result<Written, WatchError> {
        let text = self.redacted(text);
        self.bucket.put(key, content_type, &text, condition).await
    }

    /// What `latest.json` says.
    pub fn previous(&self, stored: &Stored) -> Previous {
        let unusable = |why: &str| {
            Previous::Unreadable(format!(
                "{} cannot be used: {why}; to keep the ages and the record of repairs, restore a version of it from \
                 before {} in the S3 console",
                keys::LATEST,
                self.run.day()
            ))
        };
        let text = match stored {
            Stored::Absent => return Previous::First,
            Stored::Unreadable { why } => return Previous::Unreadable(why.clone()),
            Stored::Found { text, .. } => text,
        };
        // A run that another one has overtaken may be of an earlier day.
        let today = self.now().date_naive().max(self.run.day());
        match Latest::parse(text.as_bytes()) {
            Ok(latest) if latest.day > today => unusable(&format!(
                "its day, {}, is later than today, {today}",
                latest.day
            )),
            Ok(latest) => Previous::Known(Box::new(latest)),
            Err(why) => unusable(&why),
        }
    }

    /// The text without secrets.
    pub fn redacted(&self, text: &str) -> String {
        redacted(text, &self.secrets)
    }
}

/// Makes the clients that read the organization.
pub async fn clients(step: &StepContext<'_>) -> Result<OrganizationClients, Failure> {
    let caller = Caller::new(step.sdk.clone()).await?;
    OrganizationClients::new(&caller, Progress::hidden(), advice).await
}
