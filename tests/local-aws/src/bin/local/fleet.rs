//! The accounts of the fleet, and the expected result of each.

use chrono::{DateTime, Duration, DurationRound, Utc};
use local_aws::{Account, Fault, Operation, Report, RootKey};

/// One account of the fleet.
pub struct Member {
    /// What is special about it, in a few words.
    pub what: &'static str,
    pub account: Account,
    /// What goes wrong each time.
    pub faults: Vec<(Operation, Fault)>,
    /// The account whose function the rule calls, if not its own.
    pub function_account: Option<&'static str>,
    pub expected: Expected,
}

/// The expected result.
pub enum Expected {
    /// Config holds this compliance type, and the annotation has these words in it.
    Evaluation(&'static str, Vec<String>),
    /// The run fails with this error type and these words, and nothing is reported to AWS Config.
    Failure(&'static str, Vec<String>),
}

/// These words are expected.
pub fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).into()
}

/// So many days ago, to the second.
pub fn days_ago(now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    let now = now.duration_trunc(Duration::seconds(1)).unwrap_or(now);
    now - Duration::days(days)
}

/// The same to the quarter of an hour before, as IAM keeps the last use of a key.
pub fn used_days_ago(now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    let at = days_ago(now, days);
    at.duration_trunc(Duration::minutes(15)).unwrap_or(at)
}

/// An active key, six years old and not used for more than a year.
pub fn forgotten_key(now: DateTime<Utc>) -> RootKey {
    RootKey::active(days_ago(now, 2190)).last_used(used_days_ago(now, 430), "us-east-1", "s3")
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

/// The whole fleet at that time, each account with another story.
pub fn members(now: DateTime<Utc>) -> Vec<Member> {
    [clean(), with_keys(now), hard_to_tell(now)]
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
            Expected::Evaluation("COMPLIANT", words(["no access keys."])),
        ),
        Member::new(
            "no root key and no root password",
            no_password,
            Expected::Evaluation("COMPLIANT", words(["no access keys", "no password"])),
        ),
    ]
}

/// Keys of every kind.
fn with_keys(now: DateTime<Utc>) -> Vec<Member> {
    let old = forgotten_key(now);
    // Between two uses, so that no use falls between two looks at it.
    let last_night = used_days_ago(now + Duration::hours(12), 1);
    let busy = RootKey::active(days_ago(now, 45))
        .last_used(last_night, "eu-west-1", "ec2")
        .in_daily_use();
    let inactive = RootKey::inactive(days_ago(now, 700)).last_used(
        used_days_ago(now, 699),
        "us-east-1",
        "iam",
    );
    let new = RootKey::active(now - Duration::minutes(5));
    let generated_at = now - Duration::hours(1);
    let recent = Report::Complete { generated_at };
    let day = |time: DateTime<Utc>| time.format("%Y-%m-%d").to_string();
    let last_use = day(used_days_ago(now, 430));
    let last_night = day(last_night);
    let report = generated_at.format("%Y-%m-%d %H:%M").to_string();
    vec![
        Member::new(
            "one active key, six years old",
            Account::new("333333333333").with_root_keys(Some(old.clone()), None),
            Expected::Evaluation(
                "NON_COMPLIANT",
                words(["Key 1: active", "2190 days", &last_use, "s3"]),
            ),
        ),
        Member::new(
            "two active keys, one in daily use",
            Account::new("444444444444")
                .with_root_keys(Some(old), Some(busy))
                .with_report(recent.clone()),
            Expected::Evaluation(
                "NON_COMPLIANT",
                words([
                    "Key 1: active",
                    "2190 d",
                    "Key 2: active",
                    "45 d",
                    &last_night,
                    "ec2",
                ]),
            ),
        ),
        Member::new(
            "one key, only deactivated",
            Account::new("555555555555")
                .with_root_keys(None, Some(inactive))
                .with_report(recent.clone()),
            Expected::Evaluation("NON_COMPLIANT", words(["Key 2: inactive", "not enough"])),
        ),
        Member::new(
            "a key newer than the credential report",
            Account::new("666666666666")
                .with_root_keys(Some(new), None)
                .with_report(recent),
            Expected::Evaluation("NON_COMPLIANT", words([&report, "not show"])),
        ),
    ]
}

/// Accounts for which AWS returns incomplete data or none.
fn hard_to_tell(now: DateTime<Utc>) -> Vec<Member> {
    let key = RootKey::active(days_ago(now, 10));
    let denied = |operation| (operation, Fault::Denied);
    let mut report_denied = Member::new(
        "a key, credential report denied",
        Account::new("777777777777").with_root_keys(Some(key.clone()), None),
        Expected::Evaluation("NON_COMPLIANT", words(["has access keys", "AccessDenied"])),
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
            words(["GetAccountSummary", "AccessDenied"]),
        ),
    )
    .with_fault(Operation::GetAccountSummary, Fault::Denied);
    let mut wrong_account = Member::new(
        "rule calls another account's function",
        Account::new("999999999999"),
        Expected::Failure("WrongAccount", words(["999999999999", "111111111111"])),
    );
    wrong_account.function_account = Some("111111111111");
    vec![report_denied, iam_denied, wrong_account]
}
