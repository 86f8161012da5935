//! Decides the verdict from IAM's facts, without I/O, clock or AWS client.

/// The facts of IAM's account summary that the verdict rests on
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSummary {
    /// `AccountAccessKeysPresent`: 0 if the root user has no access key. AWS
    /// does not say whether more than 1 can occur; active and inactive keys
    /// count alike.
    pub access_keys_present: u32,
    /// Whether IAM reports that the root user has no console password
    /// (`AccountPasswordPresent` is 0).
    pub no_password: bool,
}

/// The decision about one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The root user has no access key, neither active nor inactive.
    Compliant,
    /// The root user has at least one access key. An inactive one counts: it
    /// can be activated again at any time.
    NonCompliant,
}

impl Verdict {
    /// Decides by IAM's account summary alone. It is current and counts inactive
    /// keys; the credential report is up to four hours old and does not.
    ///
    /// # Examples
    /// ```
    /// use root_access_key_rule::rule::verdict::{AccountSummary, Verdict};
    ///
    /// let one_key = AccountSummary { access_keys_present: 1, no_password: true };
    /// assert_eq!(Verdict::of(&one_key).compliance_type(), "NON_COMPLIANT");
    /// ```
    #[must_use]
    pub fn of(summary: &AccountSummary) -> Self {
        if summary.access_keys_present == 0 {
            Self::Compliant
        } else {
            Self::NonCompliant
        }
    }

    /// Returns AWS Config's compliance type for the verdict.
    #[must_use]
    pub fn compliance_type(self) -> &'static str {
        match self {
            Self::Compliant => "COMPLIANT",
            Self::NonCompliant => "NON_COMPLIANT",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(access_keys_present: u32) -> Verdict {
        Verdict::of(&AccountSummary {
            access_keys_present,
            no_password: false,
        })
    }

    #[test]
    fn no_key_is_compliant_and_any_number_of_keys_is_not() {
        assert_eq!(verdict(0), Verdict::Compliant);
        for keys in [1, 2, 3, u32::MAX] {
            assert_eq!(verdict(keys), Verdict::NonCompliant);
        }
    }
}
