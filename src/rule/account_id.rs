//! The ID of an AWS account, and its place in ARNs.

use std::fmt;

/// A 12-digit AWS account ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountId(String);

impl AccountId {
    /// Returns the account ID in `text`; `None` unless it is exactly 12 ASCII digits.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| Self(text.to_owned()))
    }

    /// Returns the account in `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`; `None`
    /// if `arn` does not have that form.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let well_formed = parts.next() == Some("arn");
        let account = parts.nth(3)?;
        (well_formed && parts.next().is_some_and(|resource| !resource.is_empty()))
            .then(|| Self::new(account))
            .flatten()
    }

    /// Returns the account in a Lambda function's ARN, with or without a qualifier;
    /// `None` for any other ARN.
    #[must_use]
    pub fn of_function_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.split(':').skip(2);
        let is_lambda = parts.next() == Some("lambda");
        let is_function = parts.nth(2) == Some("function");
        (is_lambda && is_function && parts.next().is_some_and(|name| !name.is_empty()))
            .then(|| Self::of_arn(arn))
            .flatten()
    }

    /// Returns the 12 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
