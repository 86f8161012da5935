//! What could not be seen is never closed, and never clean.

use root_access_key_watch::latest::DigestKind;

use crate::days::Watch;
use crate::organization::{MANAGEMENT, Organization, Reported, Stack, day, id};

/// An organization with an account that has a root access key, and the watch after a day.
fn known() -> (Organization, Watch) {
    let mut organization = Organization::new().with_compliant(3);
    organization.member(&id(1)).result = Reported::NonCompliant;
    let mut watch = Watch::new();
    watch.run(day(1), Ok(&organization));
    (organization, watch)
}

#[test]
fn a_finding_stays_open_until_a_result_says_that_the_keys_are_gone() {
    let (mut organization, mut watch) = known();
    organization.member(&id(1)).result = Reported::None;
    let second = watch.run(day(2), Ok(&organization));
    let text = second.digest.unwrap().text;
    assert!(
        text.contains("OPEN IN AN EARLIER REPORT, NOT VISIBLE IN THIS ONE (1 ACCOUNT)"),
        "{text}"
    );
    assert!(text.contains("open for 1 day, since 2026-11-01"), "{text}");
    assert!(
        text.contains("The rule has no result (1 account)"),
        "{text}"
    );
    organization.member(&id(1)).result = Reported::Compliant;
    let third = watch.run(day(3), Ok(&organization));
    assert!(third.latest.open.is_empty());
    let text = third.digest.unwrap().text;
    assert!(
        text.contains("000000000001 workload-1, 2026-11-03, after 2 days"),
        "{text}"
    );
}

#[test]
fn an_account_that_is_open_only_because_it_is_not_visible_is_named_also_in_a_blind_run() {
    let (mut organization, mut watch) = known();
    organization.results = Err("config:DescribeConfigurationAggregators: AccessDenied".to_owned());
    let lost = watch.run(day(2), Ok(&organization)).digest.unwrap();
    let blind = watch.run(day(4), Err("AccessDenied")).digest.unwrap();
    for (digest, age) in [
        (&lost, "not visible since today"),
        (&blind, "not visible for 2 days, since 2026-11-02"),
    ] {
        let text = &digest.text;
        assert!(
            digest.subject.contains("1 open, 3 not visible"),
            "{digest:?}"
        );
        let first = text.replace('\n', " ");
        assert!(
            first.contains("The results of 3 more accounts are not visible."),
            "{text}"
        );
        assert!(text.contains("RESULTS NOT VISIBLE (3 ACCOUNTS)"), "{text}");
        for account in [&id(2), &id(3), MANAGEMENT] {
            let mut lines = text.lines();
            let line = lines.find(|it| it.contains(account)).unwrap();
            assert!(line.ends_with(age), "{line}");
        }
        assert!(
            digest
                .chat
                .contains("- Counted as open: The results of the account"),
            "{digest:?}"
        );
    }
    // The first account is open for its key, and was not visible either.
    let line = "- The results of 4 accounts, which count as open until they can be read";
    assert!(blind.text.contains(line), "{blind:?}");
    organization.results = Ok(());
    let seen = watch.run(day(5), Ok(&organization)).digest.unwrap();
    let line = "The results of the account are not visible: visible again";
    assert!(seen.text.contains(line), "{seen:?}");
}

#[test]
fn what_to_do_about_a_failure_is_in_the_mail_after_all_that_aws_said() {
    let role = "assumed-role/root-access-key-rule-org-watch-role/root-access-key-rule-org-watch";
    let why = format!(
        "organizations:ListAccounts as arn:aws:sts::888888888888:{role}: AccessDeniedException: User: \
         arn:aws:sts::888888888888:{role} is not authorized to perform: organizations:ListAccounts \
         on resource: * because no identity-based policy allows the organizations:ListAccounts \
         action; deploy the stack of the watch again"
    );
    let digest = Watch::new().run(day(1), Err(&why)).digest.unwrap();
    let text = digest.text.replace("\n ", "");
    assert!(
        text.contains("deploy the stack of the watch again"),
        "{text}"
    );
}

#[test]
fn a_stack_that_failed_stays_open_while_the_stack_set_is_not_readable() {
    let mut organization = Organization::new().with_compliant(3);
    organization.member(&id(2)).stack = Stack::Failed("Throttling".to_owned());
    let mut watch = Watch::new();
    watch.run(day(1), Ok(&organization));
    organization.member(&id(2)).stack = Stack::Current;
    organization.stack_set = Err("cloudformation:DescribeStackSet: AccessDenied".to_owned());
    let second = watch.run(day(2), Ok(&organization));
    assert!(second.latest.open.contains_key(&id(2)));
    assert_eq!(second.latest.digest, DigestKind::Open);
    assert_eq!(second.report.unwrap().open, 0);
    organization.stack_set = Ok(());
    let third = watch.run(day(3), Ok(&organization));
    assert_eq!(third.latest.digest, DigestKind::AllCompliant);
}

#[test]
fn an_incomplete_report_without_a_finding_is_published_and_is_not_the_weekly_message() {
    let mut organization = Organization::new().with_compliant(3);
    organization.stack_set = Err("cloudformation:DescribeStackSet: AccessDenied".to_owned());
    let digest = Watch::new().run(day(1), Ok(&organization)).digest.unwrap();
    assert_eq!(
        digest.subject,
        "Root access keys: report is incomplete (o-example0001)"
    );
    assert!(
        digest
            .text
            .starts_with("Nothing is known to be open, but this report is incomplete.\n"),
        "{digest:?}"
    );
}

#[test]
fn a_digest_that_was_not_published_leaves_its_problems_new() {
    let mut organization = Organization::new().with_compliant(3);
    organization.member(&id(1)).result = Reported::NonCompliant;
    let mut watch = Watch::new();
    watch.publishes = false;
    watch.run(day(1), Ok(&organization));
    watch.publishes = true;
    let text = watch.run(day(2), Ok(&organization)).digest.unwrap().text;
    assert!(
        text.contains("OPEN, AND IN NO DIGEST BEFORE (1 ACCOUNT)"),
        "{text}"
    );
    assert!(text.contains("open for 1 day, since 2026-11-01"), "{text}");
    let text = watch.run(day(3), Ok(&organization)).digest.unwrap().text;
    assert!(text.contains("STILL OPEN (1 ACCOUNT)"), "{text}");
}

#[test]
fn after_a_report_that_could_not_list_the_accounts_the_keys_are_those_of_the_one_before() {
    let (organization, mut watch) = known();
    let blind = watch.run(day(2), Err("AccessDenied"));
    assert_eq!(blind.latest.files.unwrap().json, "2026/11/01/status.json");
    assert_eq!((blind.latest.counts, blind.latest.trend.len()), (None, 1));
    let seen = watch.run(day(3), Ok(&organization));
    assert_eq!(seen.latest.trend.len(), 2);
}
