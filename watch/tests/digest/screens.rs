//! The digests of realistic days, as an engineer on call gets them.

use std::collections::BTreeMap;

use root_access_key_watch::event::Switches;
use root_access_key_watch::history;
use root_access_key_watch::latest::Previous;
use root_access_key_watch::repair::ledger::{Attempts, RepairLedger};
use root_access_key_watch::repair::outcome::{NotRepaired, Nothing, RepairOutcome};
use root_keys::organization::operation::{Action, StartOperation, Started};
use root_keys::status::problem::Kind;

use crate::days::{ON, Watch};
use crate::organization::{Member, Organization, Reported, Stack, day, id};
use crate::screen::is_screen;

const PRODUCTION: &str = "r-ab12/ou-ab12-workload/ou-ab12-prod";
const SANDBOX: &str = "r-ab12/ou-ab12-sandbox";

/// 40 accounts, some of which need action.
fn with_findings() -> Organization {
    let mut it = Organization::new().with_compliant(36);
    let with_key = |name, unit| Member {
        result: Reported::NonCompliant,
        ..Member::new(name, unit)
    };
    it = it.with("222222222222", with_key("web", PRODUCTION));
    it = it.with("333333333333", with_key("mail-relay", SANDBOX));
    let silent = Member {
        result: Reported::Silent(9),
        ..Member::new("batch", PRODUCTION)
    };
    it = it.with("444444444444", silent);
    let reason = "ResourceLogicalId:Pack, ResourceType:AWS::Config::ConformancePack, \
                  ResourceStatusReason:NoAvailableConfigurationRecorderException: no recorder";
    let bare = Member {
        stack: Stack::Failed(reason.to_owned()),
        result: Reported::None,
        ..Member::new("new-team", SANDBOX)
    };
    it.with("555555555555", bare)
}

#[test]
fn the_first_report_has_everything_that_is_open() {
    let day = Watch::new().run(day(1), Ok(&with_findings()));
    is_screen(day.digest.as_ref(), "first report");
}

#[test]
fn the_first_report_of_an_organization_without_findings_says_so() {
    let well = Organization::new().with_compliant(40);
    let day = Watch::new().run(day(1), Ok(&well));
    is_screen(day.digest.as_ref(), "first report without findings");
}

#[test]
fn a_later_report_has_what_is_new_before_what_is_known_and_what_closed() {
    let mut organization = with_findings();
    let mut watch = Watch::new();
    watch.run(day(1), Ok(&organization));
    organization.member("333333333333").result = Reported::Compliant;
    let missing = Member {
        stack: Stack::Missing,
        result: Reported::None,
        ..Member::new("joined-yesterday", SANDBOX)
    };
    organization = organization.with("666666666666", missing.clone());
    organization = organization.with("666666666667", missing);
    organization.member(&id(7)).result = Reported::NonCompliant;
    organization.exempt(
        "222222222222",
        "payments team",
        "SES relay, moves to a role in Q1",
        day(12),
    );
    organization.exempt(&id(8), "data team", "appliance without roles", day(4));
    let day = watch.run(day(5), Ok(&organization));
    is_screen(day.digest.as_ref(), "new and known and closed");
}

#[test]
fn a_week_without_findings_ends_with_a_message_that_names_the_exempt_accounts() {
    let mut organization = Organization::new().with_compliant(40);
    organization.member(&id(3)).result = Reported::NonCompliant;
    organization.member(&id(9)).state = "SUSPENDED";
    organization.exempt(&id(3), "payments team", "SES relay", day(200));
    let mut watch = Watch::new();
    assert!(watch.run(day(1), Ok(&organization)).digest.is_some());
    for quiet in 2..8 {
        assert_eq!(watch.run(day(quiet), Ok(&organization)).digest, None);
    }
    let week = watch.run(day(8), Ok(&organization));
    is_screen(week.digest.as_ref(), "weekly message");
}

#[test]
fn of_three_hundred_open_accounts_one_hundred_are_named() {
    let mut organization = Organization::new().with_compliant(1_000);
    for number in 1..=300 {
        organization.member(&id(number)).result = Reported::Silent(4);
    }
    organization.member(&id(900)).result = Reported::NonCompliant;
    let day = Watch::new().run(day(1), Ok(&organization));
    is_screen(day.digest.as_ref(), "three hundred open accounts");
}

#[test]
fn a_lost_aggregator_comes_first_and_nothing_closes() {
    let mut organization = with_findings();
    let mut watch = Watch::new();
    watch.run(day(1), Ok(&organization));
    organization.results = Err(
        "config:DescribeConfigurationAggregators: no aggregator of the \
                                whole organization; create one, then run this command again"
            .to_owned(),
    );
    let day = watch.run(day(2), Ok(&organization));
    is_screen(day.digest.as_ref(), "aggregator lost");
}

#[test]
fn without_a_list_of_accounts_the_last_report_stands() {
    let organization = with_findings();
    let mut watch = Watch::new();
    watch.run(day(1), Ok(&organization));
    let why = "organizations:ListAccounts as arn:aws:sts::888888888888:assumed-role/watch/watch: \
               AccessDeniedException: You don't have permissions to access this resource";
    let day = watch.run(day(2), Err(why));
    is_screen(day.digest.as_ref(), "accounts not listed");
}

#[test]
fn without_a_list_of_accounts_those_that_were_not_visible_are_still_named() {
    let mut organization = Organization::new().with_compliant(3);
    organization.member(&id(2)).result = Reported::NonCompliant;
    let mut watch = Watch::new();
    watch.run(day(1), Ok(&organization));
    organization.results = Err("config:DescribeConfigurationAggregators: AccessDenied".to_owned());
    watch.run(day(2), Ok(&organization));
    let day = watch.run(day(3), Err("organizations:ListAccounts: AccessDenied"));
    is_screen(
        day.digest.as_ref(),
        "accounts not listed after results not visible",
    );
}

#[test]
fn an_unreadable_previous_report_and_switches_come_first() {
    let mut watch = Watch::new();
    watch.previous = Previous::Unreadable(
        "s3:GetObject latest.json: AccessDenied: Access Denied; permit it to the role of the watch"
            .to_owned(),
    );
    watch.switches = None;
    let day = watch.run(day(9), Ok(&with_findings()));
    is_screen(
        day.digest.as_ref(),
        "previous report and switches unreadable",
    );
}

#[test]
fn a_switch_that_is_off_is_named() {
    let mut watch = Watch::new();
    watch.switches = Some(Switches {
        repair: false,
        ..ON
    });
    let day = watch.run(day(1), Ok(&with_findings()));
    is_screen(day.digest.as_ref(), "repair switched off");
}

#[test]
fn what_is_repaired_and_what_is_not_is_in_the_digest() {
    let mut watch = Watch::new();
    let organization = with_findings();
    watch.run(day(1), Ok(&organization));
    let attempts = |attempts| Attempts {
        attempts,
        last: day(3),
        not_before: day(7),
        operation_id: "root-access-key-watch-2026-11-03-update".to_owned(),
    };
    let operation = StartOperation {
        operation_id: "root-access-key-watch-2026-11-04-create".to_owned(),
        action: Action::Create,
        units: vec!["ou-ab12-sandbox".to_owned()],
        accounts: vec!["666666666666".to_owned(), "666666666667".to_owned()],
    };
    let pause = NotRepaired::Pause {
        attempts: 2,
        not_before: day(7),
    };
    let mut not_repaired = BTreeMap::from([("555555555555".to_owned(), pause)]);
    for number in 1..=15 {
        not_repaired.insert(id(number), NotRepaired::OtherReason);
    }
    watch.repairs = Some(RepairOutcome {
        repair: Some((operation, Started::Started)),
        nothing: None,
        not_repaired,
        succeeded: BTreeMap::from([("777777777777".to_owned(), attempts(2))]),
        ledger: RepairLedger::default(),
    });
    let ran = watch.run(day(4), Ok(&organization));
    is_screen(ran.digest.as_ref(), "repairs");
    let operations = watch.repairs.as_mut().unwrap();
    operations.repair = None;
    operations.nothing = Some(Nothing::UpdateStopped("1-2-3".to_owned()));
    let ran = watch.run(day(5), Ok(&organization));
    let history = history::of(
        &ran.latest,
        &watch.previous,
        Some(ON),
        watch.repairs.as_ref().unwrap(),
    );
    assert_eq!(history.days.len(), 3);
    let since = history.since("222222222222", Kind::RootAccessKeys);
    assert_eq!(since, Some(day(1)));
    assert_eq!(history.repairs[0].account.as_deref(), Some("777777777777"));
    assert_eq!(history.repairs[1].account, None);
    assert_eq!(history.repairs.len(), 18);
    let text = ran.digest.unwrap().text;
    assert!(
        text.contains("REPAIR OF ENROLLMENT\n- Repaired: the stack is current"),
        "{text}"
    );
    assert!(
        text.replace("\n  ", " ")
            .contains("- No repair, because the last update"),
        "{text}"
    );
}

#[test]
fn unreadable_exemptions_come_first_and_exempt_nobody() {
    let mut organization = with_findings();
    organization.exempt("222222222222", "payments team", "SES relay", day(90));
    let mut watch = Watch::new();
    watch.run(day(1), Ok(&organization));
    let why = "s3:GetObject exemptions.json: account 222222222222: 2028-01-01 is more than 366 \
               days ahead; correct the file, then run: `root-keys exemptions put FILE --bucket \
               root-access-key-rule-org-watch-888888888888`";
    organization.exemptions = Err(why.to_owned());
    let day = watch.run(day(2), Ok(&organization));
    is_screen(day.digest.as_ref(), "exemptions unreadable");
}
