//! The rule itself: facts in, verdict out; no I/O, no clock, no AWS client.

use crate::evidence::AccountSummary;

/// The decision about one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The root user has no access key, neither active nor inactive.
    Compliant,
    /// The root user has at least one access key. An inactive one counts: it
    /// can be switched on again in a moment.
    NonCompliant,
}

impl Verdict {
    /// Decides by IAM's account summary alone. It is fresh and counts inactive
    /// keys; the credential report is up to four hours old and does not.
    #[must_use]
    pub fn of(summary: &AccountSummary) -> Self {
        if summary.access_keys_present == 0 {
            Self::Compliant
        } else {
            Self::NonCompliant
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
