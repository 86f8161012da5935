//! Which accounts may act for the organization, and so where to sign in.
//!
//! The advice never registers the calling account: whether an account becomes a
//! delegated administrator is a decision of its own, and for IAM a powerful one.

use std::collections::BTreeSet;

/// The accounts that may act for the organization in one service, as far as the
/// calling account can see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrators {
    /// The service's principal, for example `iam.amazonaws.com`.
    pub service: &'static str,
    /// The management account, which every member may read; `None` if a policy
    /// denies that.
    pub management: Option<String>,
    /// The delegated administrators; `None` if the account may not see them,
    /// which an ordinary member may not.
    pub delegated: Option<BTreeSet<String>>,
}

impl Administrators {
    /// Whether the account is one of them; `None` if that is not visible.
    #[must_use]
    pub fn include(&self, account: &str) -> Option<bool> {
        let is_management = self.management.as_deref().map(|it| it == account);
        let is_delegated = self.delegated.as_ref().map(|it| it.contains(account));
        match (is_management, is_delegated) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        }
    }

    /// Says where to sign in, for a caller that is none of them.
    #[must_use]
    pub fn sign_in(&self) -> String {
        let service = self.service;
        let management = match &self.management {
            Some(id) => format!("sign in to the management account {id}"),
            None => "sign in to the organization's management account, which `aws organizations \
                     describe-organization --query Organization.MasterAccountId` shows"
                .to_owned(),
        };
        match &self.delegated {
            Some(delegated) if delegated.is_empty() => {
                format!("{management} (no account is a delegated administrator for {service})")
            }
            Some(delegated) => {
                let ids: Vec<_> = delegated.iter().map(String::as_str).collect();
                let ids = ids.join(" or ");
                format!("{management}, or to {ids}, delegated administrator for {service}")
            }
            None => format!(
                "{management}, or to the delegated administrator for {service}, which `aws \
                 organizations list-delegated-administrators --service-principal {service}` shows \
                 there"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Administrators;

    fn administrators(management: Option<&str>, delegated: Option<&[&str]>) -> Administrators {
        Administrators {
            service: "iam.amazonaws.com",
            management: management.map(str::to_owned),
            delegated: delegated.map(|ids| ids.iter().map(|&id| id.to_owned()).collect()),
        }
    }

    #[test]
    fn an_account_is_one_of_them_only_if_that_was_seen() {
        for (management, delegated, is_one) in [
            (Some("1"), None, Some(true)),
            (None, Some(&["1"][..]), Some(true)),
            (Some("2"), Some(&["1"]), Some(true)),
            (Some("2"), Some(&["3"]), Some(false)),
            (Some("2"), Some(&[]), Some(false)),
            (Some("2"), None, None),
            (None, Some(&[]), None),
        ] {
            assert_eq!(administrators(management, delegated).include("1"), is_one);
        }
    }

    #[test]
    fn the_advice_names_every_account_that_was_seen() {
        for (management, delegated, words) in [
            (
                Some("1"),
                Some(&["2", "3"][..]),
                &["account 1, or to 2 or 3, delegated"][..],
            ),
            (
                Some("1"),
                Some(&[]),
                &["management account 1 (no account is a delegated"],
            ),
            (Some("1"), None, &["1, or to", "list-delegated"]),
            (None, None, &["describe-organization", "list-delegated"]),
        ] {
            let advice = administrators(management, delegated).sign_in();
            for words in words {
                assert!(advice.contains(words), "{advice}");
            }
        }
    }
}
