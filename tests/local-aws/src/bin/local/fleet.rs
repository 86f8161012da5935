//! The accounts of the fleet, and what the rule must say of each.

use chrono::Duration;
use local_aws::{Account, Fault, Operation, Report, RootKey, days_ago, default_time};

/// One account of the fleet.
pub struct Member {
    /// What is the matter with it, in a few words.
    pub what: &'static str,
    pub account: Account,
    /// What goes wrong each time.
    pub faults: Vec<(Operation, Fault)>,
    /// The account whose function the rule calls, if not its own.
    pub function_account: Option<&'static str>,
    pub expected: Expected,
}

/// What must come of it.
pub enum Expected {
    /// Config holds this compliance type, and the annotation has these words in it.
    Evaluation(&'static str, &'static [&'static str]),
    /// The run fails with this error type and these words, and Config hears nothing.
    Failure(&'static str, &'static [&'static str]),
}

impl Member {
    fn new(what: &'static str, account: Account, expected: Expected) -> Self {
        Self {
            what,
            account,
            faults: Vec::new(),
            function_account: None,
            expected,
        }
    }

    fn with_fault(mut self, operation: Operation, fault: Fault) -> Self {
        self.faults.push((operation, fault));
        self
    }
}

/// The whole fleet, each account with another story.
pub fn members() -> Vec<Member> {
    [clean(), with_keys(), hard_to_tell()]
        .into_iter()
        .flatten()
        .collect()
}

/// Nothing to find.
fn clean() -> Vec<Member> {
    let mut no_password = Account::new("222222222222");
    no_password.password = false;
    no_password.mfa = false;
    vec![
        Member::new(
            "no root key",
            Account::new("111111111111"),
            Expected::Evaluation("COMPLIANT", &["no access keys."]),
        ),
        Member::new(
            "no root key and no root password",
            no_password,
            Expected::Evaluation("COMPLIANT", &["no access keys", "no password"]),
        ),
    ]
}

/// Keys of every kind.
fn with_keys() -> Vec<Member> {
    let old = RootKey::active(days_ago(2190)).last_used(days_ago(430), "us-east-1", "s3");
    let busy = RootKey::active(days_ago(45)).last_used(days_ago(1), "eu-west-1", "ec2");
    let inactive = RootKey::inactive(days_ago(700)).last_used(days_ago(699), "us-east-1", "iam");
    let new = RootKey::active(default_time() - Duration::minutes(5));
    let recent = Report::Complete {
        generated_at: default_time() - Duration::hours(1),
    };
    vec![
        Member::new(
            "one active key, six years old",
            Account::new("333333333333").with_root_keys(Some(old.clone()), None),
            Expected::Evaluation(
                "NON_COMPLIANT",
                &["Key 1: active", "2190 days", "2024-12-26", "s3"],
            ),
        ),
        Member::new(
            "two active keys, one in daily use",
            Account::new("444444444444")
                .with_root_keys(Some(old), Some(busy))
                .with_report(recent.clone()),
            Expected::Evaluation(
                "NON_COMPLIANT",
                &["Key 1: active", "2190 d", "Key 2: active", "45 d", "ec2"],
            ),
        ),
        Member::new(
            "one key, only deactivated",
            Account::new("555555555555")
                .with_root_keys(None, Some(inactive))
                .with_report(recent.clone()),
            Expected::Evaluation("NON_COMPLIANT", &["Key 2: inactive", "not enough"]),
        ),
        Member::new(
            "a key newer than the credential report",
            Account::new("666666666666")
                .with_root_keys(Some(new), None)
                .with_report(recent),
            Expected::Evaluation("NON_COMPLIANT", &["2026-03-01 05:00", "not show"]),
        ),
    ]
}

/// Accounts that AWS doesn't tell all about, or nothing.
fn hard_to_tell() -> Vec<Member> {
    let key = RootKey::active(days_ago(10));
    let denied = |operation| (operation, Fault::Denied);
    let mut report_denied = Member::new(
        "a key, credential report denied",
        Account::new("777777777777").with_root_keys(Some(key.clone()), None),
        Expected::Evaluation("NON_COMPLIANT", &["has access keys", "AccessDenied"]),
    );
    report_denied.faults = vec![
        denied(Operation::GetCredentialReport),
        denied(Operation::GenerateCredentialReport),
    ];
    let iam_denied = Member::new(
        "a key, IAM denied altogether",
        Account::new("888888888888").with_root_keys(Some(key), None),
        Expected::Failure(
            "EvidenceUnavailable",
            &["GetAccountSummary", "AccessDenied"],
        ),
    )
    .with_fault(Operation::GetAccountSummary, Fault::Denied);
    let mut wrong_account = Member::new(
        "rule calls another account's function",
        Account::new("999999999999"),
        Expected::Failure("WrongAccount", &["999999999999", "111111111111"]),
    );
    wrong_account.function_account = Some("111111111111");
    vec![report_denied, iam_denied, wrong_account]
}
