//! An account of the organization, and what each of its states means.
//!
//! States: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html>

use serde::{Deserialize, Serialize};

/// An account of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// 12 digits.
    pub id: String,
    /// The friendly name; `None` if AWS Organizations returned none.
    pub name: Option<String>,
    /// `ACTIVE`, `PENDING_ACTIVATION`, `SUSPENDED`, `PENDING_CLOSURE` or `CLOSED`;
    /// `None` if AWS Organizations returned none.
    pub state: Option<String>,
    /// Organization, root, organizational units and account, each followed by a
    /// slash: `o-…/r-…/ou-…/111122223333/`; `None` if the response does not say.
    pub path: Option<String>,
    /// The organization's management account, from the account's ARN.
    pub management: Option<String>,
}

impl Account {
    /// Returns the name for people.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or("no name")
    }

    /// Whether AWS runs anything in it: a stack, an evaluation, a root session. An
    /// account whose state is not known to be inactive is one of them.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !self.state.as_deref().is_some_and(is_inactive)
    }

    /// Returns the state; `ACTIVE` where AWS Organizations returned none.
    #[must_use]
    pub fn state(&self) -> &str {
        self.state.as_deref().unwrap_or("ACTIVE")
    }

    /// Whether the account is in that organizational unit or root, or anywhere below
    /// it; `None` if AWS Organizations returned no path.
    #[must_use]
    pub fn is_in(&self, unit: &str) -> Option<bool> {
        let path = self.path.as_deref()?;
        Some(path.split('/').any(|part| part == unit))
    }

    /// Returns the organizational unit that the account is in directly, or the root.
    #[must_use]
    pub fn organizational_unit(&self) -> Option<&str> {
        let path = self.path.as_deref()?.trim_end_matches('/');
        path.split('/').rev().nth(1)
    }

    /// Returns the root and the organizational units that the account is in, from the root
    /// down, by ID: `r-ab12/ou-ab12-11111111/ou-ab12-22222222`; `None` if AWS Organizations
    /// returned no path.
    #[must_use]
    pub fn organizational_unit_path(&self) -> Option<&str> {
        let (_, below) = self.path.as_deref()?.split_once('/')?;
        let (units, _) = below.trim_end_matches('/').rsplit_once('/')?;
        Some(units)
    }
}

/// Whether AWS runs nothing in an account of that state: no sign-in, no root
/// session, no stack, no evaluation.
///
/// An unknown state is not one of them, so that the account is read.
#[must_use]
pub fn is_inactive(state: &str) -> bool {
    reactivation(state).is_some()
}

/// Says what to do about an account of that state before its root user can be
/// reached; `None` if no obstacle is known.
#[must_use]
pub fn reactivation(state: &str) -> Option<&'static str> {
    match state {
        "PENDING_ACTIVATION" => Some("complete its sign-up first"),
        "SUSPENDED" => Some(
            "reopen it through AWS Support within 90 days of its closure, or leave its keys to \
             AWS's closure",
        ),
        "PENDING_CLOSURE" | "CLOSED" => {
            Some("reopen it through AWS Support within 90 days, or leave its keys to AWS's closure")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Account;

    fn account(path: Option<&str>) -> Account {
        Account {
            id: "111122223333".to_owned(),
            name: None,
            state: None,
            path: path.map(str::to_owned),
            management: None,
        }
    }

    #[test]
    fn an_account_is_in_its_unit_in_all_above_and_in_the_root() {
        let nested = account(Some("o-1/r-1/ou-1-above/ou-1-below/111122223333/"));
        assert_eq!(nested.organizational_unit(), Some("ou-1-below"));
        let units = Some("r-1/ou-1-above/ou-1-below");
        assert_eq!(nested.organizational_unit_path(), units);
        for (unit, is_in) in [
            ("ou-1-below", true),
            ("ou-1-above", true),
            ("r-1", true),
            ("ou-1-b", false),
            ("111122223333/", false),
        ] {
            assert_eq!(nested.is_in(unit), Some(is_in), "{unit}");
        }
        let in_root = account(Some("o-1/r-1/111122223333/"));
        assert_eq!(in_root.organizational_unit(), Some("r-1"));
        assert_eq!(in_root.organizational_unit_path(), Some("r-1"));
    }

    #[test]
    fn without_a_path_the_unit_is_unknown() {
        let unknown = account(None);
        assert_eq!(unknown.is_in("r-1"), None);
        assert_eq!(unknown.organizational_unit(), None);
        assert_eq!(unknown.organizational_unit_path(), None);
    }
}
