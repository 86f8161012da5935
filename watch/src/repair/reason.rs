//! The reasons of CloudFormation that another attempt can fix.
//!
//! CloudFormation passes on what the other service wrote, in a format that it does not
//! document; a text that is not recognized is not one of these.

use serde::{Deserialize, Serialize};

/// Why a stack failed, where another attempt can succeed without any change to the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PassingReason {
    /// The account had no configuration recorder yet.
    NoRecorder,
    /// A service throttled CloudFormation.
    Throttled,
    /// The account could not read the function's build in its bucket yet.
    BucketNotReadable,
}

impl PassingReason {
    /// Recognizes the reason of a stack instance.
    pub fn of(text: &str) -> Option<Self> {
        let has = |words: &str| text.contains(words);
        if has("NoAvailableConfigurationRecorder") {
            Some(Self::NoRecorder)
        } else if has("Rate exceeded") || has("ThrottlingException") || has("TooManyRequests") {
            Some(Self::Throttled)
        } else if has("GetObject") && has("S3 Error Code: AccessDenied") {
            Some(Self::BucketNotReadable)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PassingReason::{self, BucketNotReadable, NoRecorder, Throttled};

    #[test]
    fn only_what_passes_by_itself_is_recognized() {
        for (text, reason) in [
            (
                "ResourceLogicalId:Pack, ResourceType:AWS::Config::ConformancePack, \
                 ResourceStatusReason:NoAvailableConfigurationRecorderException: Configuration \
                 Recorder is not available to put config rule.",
                Some(NoRecorder),
            ),
            (
                "ResourceStatusReason:Rate exceeded (Service: Lambda)",
                Some(Throttled),
            ),
            (
                "ResourceStatusReason:TooManyRequestsException",
                Some(Throttled),
            ),
            ("ThrottlingException: wait", Some(Throttled)),
            (
                "ResourceStatusReason:Your access has been denied by S3, please make sure your \
                 request credentials have permission to GetObject for bucket/key. S3 Error Code: \
                 AccessDenied. S3 Error Message: Access Denied (Service: Lambda, Status Code: 403)",
                Some(BucketNotReadable),
            ),
            (
                "Error occurred while GetObject. S3 Error Code: NoSuchKey.",
                None,
            ),
            (
                "is not authorized to perform: config:PutConformancePack with an explicit deny",
                None,
            ),
            (
                "Account 111122223333 should have 'stacksets-exec' role with trust",
                None,
            ),
            ("root-access-key-rule-org already exists", None),
            ("Cancelled since failure tolerance has exceeded", None),
            ("", None),
        ] {
            assert_eq!(PassingReason::of(text), reason, "{text}");
        }
    }
}
