//! The accounts of the fleet, and the expected result of each.

use chrono::{DateTime, Duration, DurationRound, Utc};
use local_aws::{Account, Operation, Report, RootKey};

use crate::expected::Expected;

/// One account of the fleet.
pub struct Member {
    /// What is special about it, in a few words.
    pub what: &'static str,
    pub account: Account,
    /// The operations that are denied each time.
    pub denied: &'static [Operation],
    /// The account whose function the rule calls, if not its own.
    pub function_account: Option<&'static str>,
    pub expected: Expected,
}

/// So many days ago, to the second.
fn days_ago(now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    let now = now.duration_trunc(Duration::seconds(1)).unwrap_or(now);
    now - Duration::days(days)
}

/// The same, rounded down to a quarter of an hour, as IAM stores the last use of a key.
fn used_days_ago(now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    let at = days_ago(now, days);
    at.duration_trunc(Duration::minutes(15)).unwrap_or(at)
}

/// An active key, six years old and not used for more than a year.
pub fn forgotten_key(now: DateTime<Utc>) -> RootKey {
    RootKey::active(days_ago(now, 2190)).last_used(used_days_ago(now, 430), "us-east-1", "s3")
}

/// An account with these keys of its root user.
fn member(id: &str, [first, second]: [Option<RootKey>; 2]) -> Member {
    Member {
        what: "",
        account: Account::new(id).with_root_keys(first, second),
        denied: &[],
        function_account: None,
        expected: Expected::new("", &[]),
    }
}

impl Member {
    fn is(mut self, what: &'static str) -> Self {
        self.what = what;
        self
    }

    fn expect(mut self, kind: &'static str, words: &[&str]) -> Self {
        self.expected = Expected::new(kind, words);
        self
    }
}

/// The whole fleet at that time; each account is a different case.
pub fn members(now: DateTime<Utc>) -> Vec<Member> {
    let mut members = vec![
        member("111111111111", [None, None])
            .is("no root key")
            .expect("COMPLIANT", &["no access keys."]),
        member("222222222222", [None, None])
            .is("no root key and no root password")
            .expect("COMPLIANT", &["no access keys", "no password"]),
    ];
    members[1].account.password = false;
    members[1].account.mfa = false;
    members.extend(with_keys(now));
    members.extend(hard_to_tell(now));
    members
}

/// Accounts with keys of every kind.
fn with_keys(now: DateTime<Utc>) -> [Member; 4] {
    let old = forgotten_key(now);
    let day = |time: DateTime<Utc>| time.format("%Y-%m-%d").to_string();
    let last_use = day(used_days_ago(now, 430));
    // Halfway between two uses, so that the key is not used during the run.
    let last_night = used_days_ago(now + Duration::hours(12), 1);
    let busy = RootKey::active(days_ago(now, 45))
        .last_used(last_night, "eu-west-1", "ec2")
        .in_daily_use();
    let last_night = day(last_night);
    let inactive = RootKey::inactive(days_ago(now, 700));
    let inactive = inactive.last_used(used_days_ago(now, 699), "us-east-1", "iam");
    let new = RootKey::active(now - Duration::minutes(5));
    let generated_at = now - Duration::hours(1);
    let time_of_report = generated_at.format("%Y-%m-%d %H:%M").to_string();
    let two_keys = ["Key 1: active", "2190 d", "Key 2: active", "45 d"];
    let mut members = [
        member("333333333333", [Some(old.clone()), None])
            .is("one active key, six years old")
            .expect(
                "NON_COMPLIANT",
                &["Key 1: active", "2190 days", &last_use, "s3"],
            ),
        member("444444444444", [Some(old), Some(busy)])
            .is("two active keys, one in daily use")
            .expect(
                "NON_COMPLIANT",
                &[&two_keys[..], &[&last_night, "ec2"]].concat(),
            ),
        member("555555555555", [None, Some(inactive)])
            .is("one key, only deactivated")
            .expect("NON_COMPLIANT", &["Key 2: inactive", "not enough"]),
        member("666666666666", [Some(new), None])
            .is("a key newer than the credential report")
            .expect("NON_COMPLIANT", &[&time_of_report, "not show"]),
    ];
    for member in &mut members[1..] {
        member.account.report = Report::Complete { generated_at };
    }
    members
}

/// Accounts for which AWS returns incomplete data or none.
fn hard_to_tell(now: DateTime<Utc>) -> [Member; 3] {
    let key = RootKey::active(days_ago(now, 10));
    let mut members = [
        member("777777777777", [Some(key.clone()), None])
            .is("a key, credential report denied")
            .expect("NON_COMPLIANT", &["has access keys", "AccessDenied"]),
        member("888888888888", [Some(key), None])
            .is("a key, IAM denied altogether")
            .expect(
                "EvidenceUnavailable",
                &["GetAccountSummary", "AccessDenied"],
            ),
        member("999999999999", [None, None])
            .is("rule calls another account's function")
            .expect("WrongAccount", &["999999999999", "111111111111"]),
    ];
    members[0].denied = &[
        Operation::GetCredentialReport,
        Operation::GenerateCredentialReport,
    ];
    members[1].denied = &[Operation::GetAccountSummary];
    members[2].function_account = Some("111111111111");
    members
}
