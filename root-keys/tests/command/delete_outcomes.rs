//! What a deletion came to, whatever AWS responds: no record says more than was seen.

use std::time::Duration;

use crate::wire::{self, EXECUTE, FIRST, MANAGEMENT, MEMBER, SECOND, Setup, Wire, used_long_ago};
use local_aws::{Account, Fault, Framing, Operation};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// A list of these keys, as IAM writes it.
pub fn listing(ids: &[&str]) -> String {
    let member = |id: &&str| format!("<member><AccessKeyId>{id}</AccessKeyId></member>");
    let members = ids.iter().map(member).collect::<String>();
    format!(
        "<ListAccessKeysResponse><ListAccessKeysResult><IsTruncated>false</IsTruncated>\
         <AccessKeyMetadata>{members}</AccessKeyMetadata></ListAccessKeysResult>\
         </ListAccessKeysResponse>"
    )
}

/// The member has the first key only.
fn one_key(wire: &Wire) {
    wire.put_account(Account::new(MEMBER).with_root_keys(Some(used_long_ago()), None));
}

/// From the second list on, the response is that one whatever becomes of the keys.
fn then_lists(wire: &Wire, response: Fault) {
    let list = Operation::ListAccessKeys;
    wire.fault(MEMBER, list, Fault::Slow(Duration::ZERO));
    wire.fault_always(MEMBER, list, response);
}

/// The only key stays in the list whatever becomes of it.
fn lagging(wire: &Wire) {
    one_key(wire);
    then_lists(wire, Fault::xml(listing(&[FIRST])));
}

/// Every response to a deletion.
fn responds(wire: &Wire, fault: Fault) {
    wire.fault_always(MEMBER, Operation::DeleteAccessKey, fault);
}

fn no_such_entity() -> Fault {
    Fault::aws_error(404, "NoSuchEntity", "The Access Key cannot be found.")
}

/// An attempt whose response is lost, then this.
fn lost_then(wire: &Wire, fault: Fault) {
    lagging(wire);
    wire.fault(MEMBER, Operation::DeleteAccessKey, Fault::AcceptThenReset);
    responds(wire, fault);
}

/// Exit code and result, what is left, and how many requests to delete were sent.
type Outcome = (i32, &'static str, Value, usize);

/// All cases at the same time: most of them wait for the list.
async fn outcomes(cases: Vec<(&'static str, Outcome, Setup)>) {
    let mut runs = JoinSet::new();
    for (case, (code, result, left, requests), setup) in cases {
        runs.spawn(async move {
            let wire = Wire::new().await;
            setup(&wire);
            let ended = wire.run(&EXECUTE).await;
            let record = ended.record();
            let found = (&record["result"], &record["remainingKeys"], ended.code);
            let expected = (&json!(result), &left, Some(code));
            assert_eq!(found, expected, "{case}: {ended:?}");
            let sent = wire.sent(Operation::DeleteAccessKey).len();
            assert_eq!(sent, requests, "{case}: {ended:?}");
        });
    }
    runs.join_all().await;
}

#[tokio::test]
async fn a_key_is_gone_if_a_complete_list_lacks_it_whoever_deleted_it() {
    let deleted = |left| (0, "deleted", left, 1);
    outcomes(vec![
        (
            "of two keys the other stays",
            deleted(json!([SECOND])),
            |_| (),
        ),
        ("the list lags once", deleted(json!([SECOND])), |it| {
            let list = Operation::ListAccessKeys;
            it.fault(MEMBER, list, Fault::Slow(Duration::ZERO));
            it.fault(MEMBER, list, Fault::xml(listing(&[FIRST])));
        }),
        (
            "throttling passes",
            (0, "deleted", json!([SECOND]), 2),
            |it| {
                it.fault(MEMBER, Operation::DeleteAccessKey, Fault::Throttle);
            },
        ),
        (
            "every response is lost",
            (0, "gone", json!([SECOND]), 3),
            |it| {
                responds(it, Fault::AcceptThenReset);
            },
        ),
        (
            "the first response is lost",
            (0, "gone", json!([SECOND]), 2),
            |it| {
                it.fault(MEMBER, Operation::DeleteAccessKey, Fault::AcceptThenReset);
            },
        ),
        (
            "the summary cannot be read",
            (0, "gone", json!([]), 3),
            |it| {
                one_key(it);
                responds(it, Fault::AcceptThenReset);
                it.fault_always(MEMBER, Operation::GetAccountSummary, Fault::Denied);
            },
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_key_is_not_deleted_only_if_iam_rejected_every_attempt() {
    let both = || json!([FIRST, SECOND]);
    outcomes(vec![
        ("throttling lasts", (1, "not-deleted", both(), 3), |it| {
            responds(it, Fault::Throttle);
        }),
        ("access denied", (1, "not-deleted", both(), 1), |it| {
            responds(it, Fault::aws_error(403, "AccessDenied", "No."));
        }),
        ("expired", (1, "not-deleted", both(), 1), |it| {
            responds(it, Fault::aws_error(403, "ExpiredToken", "No."));
        }),
        ("unmodifiable", (1, "not-deleted", both(), 1), |it| {
            responds(
                it,
                Fault::aws_error(409, "EntityTemporarilyUnmodifiable", "No."),
            );
        }),
        ("invalid", (1, "not-deleted", both(), 1), |it| {
            responds(it, Fault::aws_error(400, "ValidationError", "No."));
        }),
        (
            "denied, and no list",
            (1, "not-deleted", json!(null), 1),
            |it| {
                responds(it, Fault::Denied);
                then_lists(it, Fault::Denied);
            },
        ),
        ("no session", (1, "not-deleted", json!(null), 0), |it| {
            it.fault(
                MANAGEMENT,
                Operation::AssumeRoot,
                Fault::Slow(Duration::ZERO),
            );
            it.fault(MANAGEMENT, Operation::AssumeRoot, Fault::Denied);
        }),
    ])
    .await;
}

#[tokio::test]
async fn a_key_that_may_be_deleted_and_is_still_listed_is_unknown() {
    let unknown = || (1, "unknown", json!([FIRST]), 3);
    let after_two = || (1, "unknown", json!([FIRST]), 2);
    outcomes(vec![
        ("no response at all", unknown(), |it| {
            lagging(it);
            responds(it, Fault::Hang);
        }),
        // The refusal of a later attempt does not undo an earlier one.
        ("denied after a lost response", after_two(), |it| {
            lost_then(it, Fault::Denied);
        }),
        ("throttled after a lost response", unknown(), |it| {
            lost_then(it, Fault::Throttle);
        }),
        ("unknown after a lost response", after_two(), |it| {
            lost_then(it, no_such_entity());
        }),
        (
            "IAM does not know the key",
            (1, "unknown", json!([FIRST]), 1),
            |it| {
                lagging(it);
                responds(it, no_such_entity());
            },
        ),
        // A list that was cut short proves nothing.
        (
            "the list is cut short",
            (1, "unknown", json!(null), 3),
            |it| {
                one_key(it);
                let whole = listing(&[FIRST]);
                let (cut, _) = whole.split_once("<member>").unwrap();
                then_lists(it, Fault::xml(cut));
                responds(it, Fault::ResetBeforeAnswer);
            },
        ),
    ])
    .await;
}

type Response = fn() -> Fault;

/// Ways for the response to a deletion to say nothing of what became of the key.
const UNCLEAR: [(&str, Response); 8] = [
    ("reset", || Fault::ResetBeforeAnswer),
    ("lost", || Fault::AcceptThenReset),
    ("500", || Fault::ServerError(500)),
    ("503", || Fault::ServerError(503)),
    ("timeout", || {
        Fault::aws_error(400, "RequestTimeout", "Request timed out.")
    }),
    ("a proxy's 403", || sign_in_page(403)),
    ("a proxy's 200", || sign_in_page(200)),
    ("cut", || Fault::Cut {
        bytes: 60,
        framing: Framing::MatchingLength,
    }),
];

fn sign_in_page(status: u16) -> Fault {
    Fault::Foreign {
        status,
        content_type: "text/html".to_owned(),
        body: b"<html>Sign in to the proxy</html>".to_vec(),
    }
}

#[tokio::test]
async fn without_a_clear_response_the_list_decides_and_a_key_that_is_listed_is_unknown() {
    let mut runs = JoinSet::new();
    for (name, fault) in UNCLEAR {
        for (listed, code, result) in [(&[FIRST][..], 1, "unknown"), (&[], 0, "gone")] {
            runs.spawn(async move {
                let wire = Wire::new().await;
                one_key(&wire);
                then_lists(&wire, Fault::xml(listing(listed)));
                responds(&wire, fault());
                let ended = wire.run(&EXECUTE).await;
                let record = ended.record();
                let found = json!([
                    record["result"],
                    record["requestId"],
                    record["remainingKeys"]
                ]);
                assert_eq!(found, json!([result, null, listed]), "{name}: {ended:?}");
                assert_eq!(ended.code, Some(code), "{name}: {ended:?}");
                assert!(
                    !ended.out.contains("nothing was deleted"),
                    "{name}: {ended:?}"
                );
            });
        }
    }
    runs.join_all().await;
}

#[tokio::test]
async fn each_outcome_is_said_in_words() {
    let cases: &[(&str, &[&str], Setup)] = &[
        ("of two keys one is deleted", &EXECUTE, |_| ()),
        ("rejected", &EXECUTE, |it| responds(it, Fault::Denied)),
        ("still listed", &EXECUTE, |it| {
            lagging(it);
            responds(it, no_such_entity());
        }),
        ("gone", &EXECUTE, |it| {
            then_lists(it, Fault::xml(listing(&[SECOND])));
            responds(it, no_such_entity());
        }),
        ("deleted and not counted", &EXECUTE, |it| {
            one_key(it);
            then_lists(it, Fault::xml(listing(&[])));
            it.fault_always(MEMBER, Operation::GetAccountSummary, Fault::Denied);
        }),
        ("deleted and not listed afterwards", &EXECUTE, |it| {
            then_lists(it, Fault::Denied);
        }),
    ];
    wire::shows("delete", cases).await;
}
