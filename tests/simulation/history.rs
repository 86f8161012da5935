//! Generates histories of invocations, each with its account, event, faults and time
//! limit. Printed, a history is a script that reproduces it.

use std::fmt;
use std::time::Duration;

use chrono::Duration as Age;
use local_aws::{Account, Fault, Framing, Operation, Report, RootKey, default_time, garble};
use proptest::prelude::*;

use crate::wire;
use Operation::{GenerateCredentialReport, GetAccountSummary, GetCredentialReport, PutEvaluations};

/// One invocation of a history.
#[derive(Clone)]
pub struct Step {
    /// The account at the time of the invocation.
    pub account: Account,
    /// Its event.
    pub event: Event,
    /// Faults, each for the next request of its operation.
    pub faults: Vec<(Operation, Fault)>,
    /// The call that AWS rejects with an error that quotes every secret of the request.
    pub quoting: Option<Operation>,
    /// The time from the start to Lambda's deadline.
    pub left: Duration,
}

/// The kind of event.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    New,
    /// The last event again, as in Lambda's retry or a duplicate.
    Again,
    /// The first event of the history, late.
    First,
    WithParameters,
    OfAnotherAccount,
    OfAnotherKind,
}

/// Histories of up to four invocations.
pub fn histories() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..5)
}

fn step() -> impl Strategy<Value = Step> {
    let faults = prop_oneof![
        5 => Just(Vec::new()),
        5 => prop::collection::vec(fault_of_a_call(), 1..4),
    ];
    let quoting = prop_oneof![
        18 => Just(None),
        1 => Just(Some(GetAccountSummary)),
        1 => Just(Some(GetCredentialReport)),
        1 => Just(Some(PutEvaluations)),
    ];
    (account(), event(), faults, quoting, time_left()).prop_map(
        |(account, event, faults, quoting, left)| Step {
            // A hang is worth its time only where the deadline is near.
            left: if has_hang(&faults) {
                left.min(Duration::from_millis(1_500))
            } else {
                left
            },
            account,
            event,
            faults,
            quoting,
        },
    )
}

fn has_hang(faults: &[(Operation, Fault)]) -> bool {
    faults.iter().any(|(_, fault)| matches!(fault, Fault::Hang))
}

/// All of Lambda's time, or so little that the deadline comes before, within or
/// after any of the calls.
fn time_left() -> impl Strategy<Value = Duration> {
    prop_oneof![
        12 => Just(30_000_u64),
        1 => 0_u64..3_000,
        // One second is kept to report, and seven for PutEvaluations.
        1 => 1_000_u64..1_100,
        1 => 8_000_u64..8_400,
    ]
    .prop_map(Duration::from_millis)
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        20 => Just(Event::New),
        4 => Just(Event::Again),
        2 => Just(Event::First),
        1 => Just(Event::WithParameters),
        1 => Just(Event::OfAnotherAccount),
        1 => Just(Event::OfAnotherKind),
    ]
}

/// Any root user, as the summary and the report have it.
fn account() -> impl Strategy<Value = Account> {
    let slots = prop_oneof![4 => Just([None, None]), 5 => [slot(), slot()]];
    let present = prop_oneof![
        14 => Just(None),
        1 => (0_i64..4).prop_map(Some),
        1 => prop::sample::select(vec![-1, i64::from(i32::MAX), i64::MAX]).prop_map(Some),
    ];
    let garbled = prop_oneof![6 => Just(Vec::new()), 1 => flips(1_200)];
    (slots, present, prop::bool::ANY, report(), garbled).prop_map(
        |(slots, present, password, report, garbled)| {
            let mut account = wire::account().with_report(report);
            account.root_keys = slots;
            account.access_keys_present = present;
            account.password = password;
            if !garbled.is_empty() {
                let mut csv = account.report_at(default_time());
                garble(&mut csv, &garbled);
                account.report_csv = Some(csv);
            }
            account
        },
    )
}

fn slot() -> impl Strategy<Value = Option<RootKey>> {
    let used = prop::option::of((
        0_i64..4_000,
        prop::sample::select(vec!["s3", "sts", "elasticloadbalancing"]),
    ));
    let key = (prop::bool::ANY, 0_i64..6_000, used).prop_map(|(active, days, used)| RootKey {
        active,
        ..match used {
            Some((ago, service)) => RootKey::active(local_aws::days_ago(days)).last_used(
                local_aws::days_ago(ago.min(days)),
                "us-east-1",
                service,
            ),
            None => RootKey::active(local_aws::days_ago(days)),
        }
    });
    prop_oneof![1 => Just(None), 2 => key.prop_map(Some)]
}

fn report() -> impl Strategy<Value = Report> {
    prop_oneof![
        8 => (0_i64..200).prop_map(|minutes| Report::Complete {
            generated_at: default_time() - Age::minutes(minutes),
        }),
        1 => Just(Report::Complete { generated_at: default_time() - Age::hours(5) }),
        1 => Just(Report::NotPresent),
        1 => (0_u32..3).prop_map(|looks| Report::InProgress { looks }),
    ]
}

/// Bits flipped in up to three bytes of a body of that length.
fn flips(length: usize) -> impl Strategy<Value = Vec<(usize, u8)>> {
    prop::collection::vec((0..length, 1_u8..), 1..4)
}

fn framing() -> impl Strategy<Value = Framing> {
    prop_oneof![
        Just(Framing::MatchingLength),
        Just(Framing::PromisedLength),
        Just(Framing::CloseDelimited)
    ]
}

fn fault_of_a_call() -> impl Strategy<Value = (Operation, Fault)> {
    prop_oneof![
        4 => Just(GetAccountSummary),
        1 => Just(GetCredentialReport),
        1 => Just(GenerateCredentialReport),
        4 => Just(PutEvaluations),
    ]
    .prop_flat_map(|operation| {
        // A little longer than the emulator's response.
        let length = match operation {
            GetAccountSummary => 3_600,
            GetCredentialReport => 2_000,
            GenerateCredentialReport => 400,
            _ => 30,
        };
        (Just(operation), fault(length))
    })
}

/// Any fault of a call whose response has about that length.
fn fault(length: usize) -> impl Strategy<Value = Fault> {
    let portal = "<!DOCTYPE html><html><body>Welcome to the network</body></html>";
    let types = ["text/html", "application/json", "text/xml", ""];
    prop_oneof![
        4 => Just(Fault::Throttle),
        2 => Just(Fault::ServerError(500)),
        2 => Just(Fault::ServerError(503)),
        1 => Just(Fault::Denied),
        6 => error_response(),
        1 => Just(Fault::Hang),
        3 => (0_u64..400).prop_map(|ms| Fault::Slow(Duration::from_millis(ms))),
        3 => Just(Fault::ResetBeforeAnswer),
        2 => (0..length).prop_map(Fault::ResetDuringAnswer),
        2 => Just(Fault::AcceptThenReset),
        4 => (0..length, framing()).prop_map(|(bytes, framing)| Fault::Cut { bytes, framing }),
        4 => flips(length).prop_map(Fault::Garbled),
        1 => prop::sample::select(types.to_vec()).prop_map(|t| Fault::ContentType(t.to_owned())),
        1 => Just(Fault::xml(portal)),
        1 => Just(Fault::json("")),
        1 => Just(Fault::xml([0xff, 0xfe, 0x00].as_slice())),
        1 => Just(Fault::WithoutRequestId),
        1 => Just(Fault::FailedEvaluations),
        1 => Just(wire::foreign(200, "text/html", portal)),
        1 => Just(wire::foreign(200, "application/x-amz-json-1.1", "{}")),
        1 => prop::sample::select(vec![302, 403, 429, 503]).prop_map(move |status| wire::foreign(status, "text/html", portal)),
    ]
}

/// One error of each class, in the spelling of IAM and of AWS Config.
fn error_response() -> impl Strategy<Value = Fault> {
    let codes = vec![
        (400, "LimitExceededException"),
        (409, "LimitExceeded"),
        (400, "RequestTimeout"),
        (400, "RequestTimeoutException"),
        (403, "ExpiredToken"),
        (400, "ExpiredTokenException"),
        (403, "InvalidClientTokenId"),
        (400, "UnrecognizedClientException"),
        (403, "InvalidSignatureException"),
        (404, "UnknownOperationException"),
        (400, "ValidationException"),
        (400, "InvalidParameterValueException"),
    ];
    prop::sample::select(codes).prop_map(|(status, code)| Fault::aws_error(status, code, "no"))
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = &self.account;
        let [first, second] = account.root_keys.each_ref().map(|slot| match slot {
            None => "no key".to_owned(),
            Some(key) => format!(
                "{} key of {}",
                if key.active {
                    "an active"
                } else {
                    "an inactive"
                },
                key.created.date_naive()
            ),
        });
        let csv = if account.report_csv.is_some() {
            ", its CSV garbled"
        } else {
            ""
        };
        write!(
            f,
            "the root user has {first} and {second}, the summary has {}, the report is {:?}{csv}; event: {:?}, {} ms to the deadline",
            account.keys_present(),
            account.report,
            self.event,
            self.left.as_millis(),
        )?;
        for (operation, fault) in &self.faults {
            write!(f, "; {operation}: {}", described(fault))?;
        }
        match self.quoting {
            Some(operation) => write!(f, "; the error of {operation} quotes the secrets"),
            None => Ok(()),
        }
    }
}

/// A fault with its body as text.
fn described(fault: &Fault) -> String {
    match fault {
        Fault::Body { body, .. } => format!("200 with {:?}", String::from_utf8_lossy(body)),
        Fault::Foreign { body, .. } => {
            format!(
                "a foreign response with {:?}",
                String::from_utf8_lossy(body)
            )
        }
        other => format!("{other:?}"),
    }
}
