//! The guarantees, each checked against one fully recorded invocation.

use std::time::Duration;

use local_aws::{Evaluation, Fault, Framing, Operation, Request, garble, summary_answer};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use root_access_key_rule::error::{ErrorKind, RuleError};
use root_access_key_rule::handler::Evaluated;
use serde_json::Value;

use crate::history::Step;
use crate::wire::{ACCOUNT, account};
use Operation::{GetAccountSummary, PutEvaluations};

/// One invocation and its effects.
pub struct Seen<'a> {
    pub step: &'a Step,
    pub event: &'a Value,
    pub outcome: &'a Result<Evaluated, RuleError>,
    /// The requests that were sent to AWS.
    pub requests: Vec<Request>,
    /// The evaluations that AWS Config accepted.
    pub accepted: Vec<Evaluation>,
}

impl Seen<'_> {
    /// Checks the guarantees a to e, in this order.
    pub fn upholds_the_guarantees(&self) -> Result<(), TestCaseError> {
        self.reports_what_iam_sent()?;
        self.reports_once_or_fails()?;
        self.rejects_only_what_aws_config_evaluated()?;
        self.starts_no_call_too_late()?;
        self.prints_no_secret()
    }

    /// a. and b. The verdict is the number that this account's IAM sent,
    /// completely, in this invocation.
    fn reports_what_iam_sent(&self) -> Result<(), TestCaseError> {
        for evaluation in &self.accepted {
            let number = self.summary_sent().and_then(|body| number_in(&body));
            let truth = match number {
                Some(0) => "COMPLIANT",
                Some(1..) => "NON_COMPLIANT",
                _ => "nothing",
            };
            prop_assert_eq!(&evaluation.compliance_type, truth, "IAM said {:?}", number);
            prop_assert_eq!(&evaluation.resource_type, "AWS::::Account");
            prop_assert_eq!(&evaluation.resource_id, ACCOUNT);
        }
        Ok(())
    }

    /// The body of the last summary that was requested, if it arrived completely:
    /// each request took the next fault in the queue.
    fn summary_sent(&self) -> Option<Vec<u8>> {
        let requested = self.requests.iter();
        let requested = requested.filter(|request| request.operation == Some(GetAccountSummary));
        let last = requested.count().checked_sub(1)?;
        let faults = self.step.faults.iter();
        let mut faults = faults.filter(|(operation, _)| *operation == GetAccountSummary);
        let mut body = summary_answer(&self.step.account, &"0".repeat(36)).into_bytes();
        let complete = body.len();
        match faults.nth(last).map(|(_, fault)| fault) {
            None | Some(Fault::Slow(_) | Fault::WithoutRequestId | Fault::ContentType(_)) => {}
            Some(Fault::Garbled(flips)) => garble(&mut body, flips),
            Some(Fault::ResetDuringAnswer(bytes)) if *bytes >= complete => {}
            Some(Fault::Cut { bytes, framing }) => {
                // The space after the closing tag is not part of the response.
                let needed = match framing {
                    Framing::PromisedLength => complete,
                    _ => body.trim_ascii_end().len(),
                };
                if *bytes < needed {
                    return None;
                }
            }
            Some(_) => return None,
        }
        Some(body)
    }

    /// c. One evaluation accepted and `Ok`; or an error and none accepted; or
    /// AWS Config's response was lost, and everything it accepted is identical.
    fn reports_once_or_fails(&self) -> Result<(), TestCaseError> {
        let accepted = &self.accepted;
        let undelivered = matches!(&self.outcome, Err(error) if error.kind() == ErrorKind::EvaluationNotDelivered);
        prop_assert!(
            accepted.len() <= 1 || self.lost_a_response(),
            "accepted {} times",
            accepted.len()
        );
        match self.outcome {
            Ok(evaluated) => {
                prop_assert!(!accepted.is_empty(), "Ok, but nothing accepted");
                prop_assert_eq!(&evaluated.compliance_type, &accepted[0].compliance_type);
                prop_assert_eq!(Some(&evaluated.annotation), accepted[0].annotation.as_ref());
            }
            Err(error) => prop_assert!(
                accepted.is_empty() || undelivered || self.lost_a_response(),
                "{error:?}, but AWS Config accepted"
            ),
        }
        for evaluation in accepted {
            same_report(evaluation, &accepted[0])?;
            prop_assert_eq!(&evaluation.annotation, &accepted[0].annotation);
            let text = evaluation.annotation.as_deref().unwrap_or_default();
            prop_assert!((1..=256).contains(&text.chars().count()), "{}", text);
            prop_assert!(!text.contains(char::is_control), "{:?}", text);
            let invoking: Value =
                serde_json::from_str(self.event["invokingEvent"].as_str().unwrap()).unwrap();
            let at = evaluation.ordering_timestamp;
            let at = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            prop_assert_eq!(&invoking["notificationCreationTime"], &Value::from(at));
        }
        Ok(())
    }

    /// c. `EvaluationRejected` only if AWS Config evaluated the request or denied the call.
    fn rejects_only_what_aws_config_evaluated(&self) -> Result<(), TestCaseError> {
        if !matches!(&self.outcome, Err(error) if error.kind() == ErrorKind::EvaluationRejected) {
            return Ok(());
        }
        let evaluated = self.step.faults.iter().any(|(operation, fault)| {
            *operation == PutEvaluations
                && match fault {
                    Fault::Denied | Fault::FailedEvaluations => true,
                    Fault::AwsError { code, .. } => {
                        code.starts_with("Validation") || code.starts_with("InvalidParameter")
                    }
                    _ => false,
                }
        });
        prop_assert!(evaluated, "{:?}", self.outcome);
        Ok(())
    }

    /// Whether AWS Config received a request and its response was lost or changed.
    fn lost_a_response(&self) -> bool {
        self.step.faults.iter().any(|(operation, fault)| {
            *operation == PutEvaluations
                && matches!(
                    fault,
                    Fault::AcceptThenReset
                        | Fault::ResetDuringAnswer(_)
                        | Fault::Cut { .. }
                        | Fault::Garbled(_)
                        | Fault::WithoutRequestId
                        | Fault::ContentType(_)
                )
        })
    }

    /// d. With less time than it takes to report a failure, it makes no call.
    fn starts_no_call_too_late(&self) -> Result<(), TestCaseError> {
        let too_late = self.step.left < Duration::from_secs(1);
        prop_assert!(!too_late || self.requests.is_empty());
        Ok(())
    }

    /// e. No secret in the output for Lambda, the log or AWS Config.
    fn prints_no_secret(&self) -> Result<(), TestCaseError> {
        let said = match self.outcome {
            Ok(evaluated) => serde_json::to_string(evaluated).unwrap(),
            Err(error) => error.message().to_owned(),
        };
        for secret in secrets(self.event) {
            let pieces = secret.as_bytes().windows(16);
            for piece in pieces.map(|piece| std::str::from_utf8(piece).unwrap()) {
                prop_assert!(!said.contains(piece), "{piece:?} in {said}");
            }
        }
        for raw in [
            "SummaryMap>",
            "<entry>",
            "root_account",
            "Welcome to the network",
        ] {
            prop_assert!(!said.contains(raw), "{raw:?} in {said}");
        }
        Ok(())
    }
}

/// Checks that a retry repeats verdict, resource and time.
pub fn same_report(one: &Evaluation, other: &Evaluation) -> Result<(), TestCaseError> {
    prop_assert_eq!(&one.compliance_type, &other.compliance_type);
    prop_assert_eq!(&one.resource_id, &other.resource_id);
    prop_assert_eq!(one.ordering_timestamp, other.ordering_timestamp);
    Ok(())
}

/// The secrets of a request that AWS could quote.
pub fn secrets(event: &Value) -> [String; 3] {
    let keys = account().credentials();
    let token = event["resultToken"].as_str().unwrap().to_owned();
    [token, keys.session_token, keys.secret_access_key]
}

/// The number in a summary, found by its text: a third reader besides the rule's two.
fn number_in(body: &[u8]) -> Option<i128> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<key>AccountAccessKeysPresent</key>")?;
    let (number, _) = rest
        .trim_start()
        .strip_prefix("<value>")?
        .split_once("</value>")?;
    number.trim().parse().ok()
}
