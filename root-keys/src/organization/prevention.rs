//! Where service control policies keep root users from creating access keys.
//!
//! Policies are recognized by their content, see [`policy_content`]. Nothing evaluates
//! the others: an account without a recognized policy may be protected by another one.
//!
//! [`policy_content`]: crate::organization::policy_content

use serde::{Deserialize, Serialize};

use crate::organization::account::Account;
use crate::organization::facts::SourceResult;
use crate::organization::policy_content::{PolicyKind, RecognizedPolicy};

/// Whether new root access keys are prevented in one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prevention {
    /// What is known.
    pub result: PreventionResult,
    /// The recognized policies that apply to the account.
    pub policies: Vec<PolicyInForce>,
}

/// What is known about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreventionResult {
    /// A recognized policy applies.
    InForce,
    /// No recognized policy applies; another one may have the same effect.
    CannotTell,
    /// The policies, or the organizational unit of the account, could not be read.
    NotRead,
    /// It is the management account: no service control policy applies to it.
    NotCovered,
}

/// A recognized policy that applies to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyInForce {
    /// What it does.
    pub kind: PolicyKind,
    /// For example `p-examplepolicy`.
    pub id: String,
    /// The name in the organization.
    pub name: String,
    /// The account, or what is above it, that the policy is attached to.
    pub target: String,
}

impl PreventionResult {
    /// Returns the word for it in CSV.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::CannotTell => "cannot-tell",
            Self::NotRead => "not-read",
            Self::NotCovered => "not-covered",
        }
    }
}

impl Prevention {
    /// Says that nothing is known.
    #[must_use]
    pub fn not_read() -> Self {
        Self {
            result: PreventionResult::NotRead,
            policies: Vec::new(),
        }
    }

    /// Finds the recognized policies that are attached to the account or above it.
    #[must_use]
    pub fn of(account: &Account, policies: &SourceResult<Vec<RecognizedPolicy>>) -> Self {
        if account.management.as_deref() == Some(&account.id) {
            return Self {
                result: PreventionResult::NotCovered,
                policies: Vec::new(),
            };
        }
        let Ok(recognized) = policies else {
            return Self::not_read();
        };
        let mut policies: Vec<_> = recognized
            .iter()
            .filter_map(|policy| in_force(policy, account))
            .collect();
        policies.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        let result = if !policies.is_empty() {
            PreventionResult::InForce
        } else if account.path.is_none() && recognized.iter().any(|it| !it.targets.is_empty()) {
            // One of them may be attached to an organizational unit of the account.
            PreventionResult::NotRead
        } else {
            PreventionResult::CannotTell
        };
        Self { result, policies }
    }

    /// Says it in a cell of a table.
    #[must_use]
    pub fn words(&self) -> &'static str {
        let quarantine = |it: &PolicyInForce| it.kind == PolicyKind::QuarantineRootUser;
        match self.result {
            PreventionResult::InForce if self.policies.iter().any(quarantine) => {
                "prevented (quarantine)"
            }
            PreventionResult::InForce => "prevented",
            PreventionResult::CannotTell => "cannot tell",
            PreventionResult::NotRead => "not read",
            PreventionResult::NotCovered => "not covered",
        }
    }

    /// Lists the policies in a cell: kind, ID and target of each.
    #[must_use]
    pub fn list(&self) -> String {
        let one = |it: &PolicyInForce| format!("{} {} on {}", it.kind.word(), it.id, it.target);
        let all: Vec<_> = self.policies.iter().map(one).collect();
        all.join("; ")
    }
}

/// The account itself counts before what is above it.
fn in_force(policy: &RecognizedPolicy, account: &Account) -> Option<PolicyInForce> {
    let applies = |target: &&String| **target == account.id || account.is_in(target) == Some(true);
    let own = policy.targets.iter().find(|target| **target == account.id);
    let target = own.or_else(|| policy.targets.iter().find(applies))?;
    Some(PolicyInForce {
        kind: policy.kind,
        id: policy.id.clone(),
        name: policy.name.clone(),
        target: target.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Prevention, PreventionResult};
    use crate::organization::account::Account;
    use crate::organization::policy_content::{PolicyKind as Kind, RecognizedPolicy};

    fn account() -> Account {
        Account {
            id: "111122223333".to_owned(),
            name: None,
            state: None,
            path: Some("o-1/r-1/ou-1-above/ou-1-below/111122223333/".to_owned()),
            management: Some("999999999999".to_owned()),
        }
    }

    fn policy(kind: Kind, id: &str, targets: &[&str]) -> RecognizedPolicy {
        RecognizedPolicy {
            kind,
            id: id.to_owned(),
            name: "name".to_owned(),
            targets: targets.iter().map(ToString::to_string).collect(),
        }
    }

    const DENY: Kind = Kind::DenyRootAccessKeys;

    #[test]
    fn a_policy_applies_from_the_account_its_units_and_the_root() {
        for target in ["111122223333", "ou-1-below", "ou-1-above", "r-1"] {
            let policies = vec![policy(DENY, "p-1", &["ou-1-other", target])];
            let prevention = Prevention::of(&account(), &Ok(policies));
            assert_eq!(prevention.result, PreventionResult::InForce, "{target}");
            assert_eq!(prevention.policies[0].target, target);
            assert_eq!(prevention.words(), "prevented");
        }
        for targets in [&["ou-1-other", "444455556666"][..], &[]] {
            let prevention = Prevention::of(&account(), &Ok(vec![policy(DENY, "p-1", targets)]));
            assert_eq!(prevention.result, PreventionResult::CannotTell);
            assert_eq!(prevention.words(), "cannot tell");
            assert_eq!(prevention.policies, []);
        }
    }

    #[test]
    fn every_policy_that_applies_is_listed_with_the_nearest_target() {
        let policies = vec![
            policy(Kind::ControlTower, "p-1", &["r-1"]),
            policy(Kind::QuarantineRootUser, "p-3", &["r-1", "111122223333"]),
            policy(Kind::QuarantineRootUser, "p-2", &["ou-1-below"]),
        ];
        let prevention = Prevention::of(&account(), &Ok(policies));
        assert_eq!(
            prevention.list(),
            "quarantine-root-user p-2 on ou-1-below; \
             quarantine-root-user p-3 on 111122223333; control-tower p-1 on r-1"
        );
        assert_eq!(prevention.words(), "prevented (quarantine)");
    }

    #[test]
    fn what_was_not_read_is_never_said_to_be_absent() {
        let denied = Err("denied".to_owned());
        assert_eq!(
            Prevention::of(&account(), &denied).result,
            PreventionResult::NotRead
        );
        let without_path = Account {
            path: None,
            ..account()
        };
        let of = |targets: &[&str]| {
            let policies = vec![policy(DENY, "p-1", targets)];
            Prevention::of(&without_path, &Ok(policies)).result
        };
        assert_eq!(of(&["ou-1-below"]), PreventionResult::NotRead);
        assert_eq!(of(&["111122223333"]), PreventionResult::InForce);
        assert_eq!(of(&[]), PreventionResult::CannotTell);
    }

    #[test]
    fn no_policy_covers_the_management_account() {
        let management = Account {
            management: Some("111122223333".to_owned()),
            ..account()
        };
        for policies in [
            Ok(vec![policy(DENY, "p-1", &["r-1", "111122223333"])]),
            Err("denied".to_owned()),
        ] {
            let prevention = Prevention::of(&management, &policies);
            assert_eq!(prevention.result, PreventionResult::NotCovered);
            assert_eq!(prevention.policies, []);
        }
    }

    fn json(value: impl serde::Serialize) -> String {
        let value = serde_json::to_value(value).unwrap();
        value.as_str().unwrap().to_owned()
    }

    #[test]
    fn the_words_of_json_and_csv_are_the_same() {
        use PreventionResult::{CannotTell, InForce, NotCovered, NotRead};
        for kind in [DENY, Kind::QuarantineRootUser, Kind::ControlTower] {
            assert_eq!(json(kind), kind.word());
        }
        for result in [InForce, CannotTell, NotRead, NotCovered] {
            assert_eq!(json(result), result.word());
        }
    }
}
