//! Every error code that the SDK publishes, and the common ones of AWS, on each
//! of the four calls: which of them are retried, which error type and which
//! remedy they lead to.

use crate::wire::{ACCOUNT, Wire, account, account_with_key};
use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use local_aws::{Fault, Operation, Report};
use root_access_key_rule::error::RuleError;
use tokio::task::JoinSet;

use Class::{Credentials, Denied, Judged, NotJudged, Throttled, Transient};
use Operation::{GenerateCredentialReport, GetAccountSummary, GetCredentialReport, PutEvaluations};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Throttled,
    Transient,
    Credentials,
    Denied,
    /// Refused with status 400.
    Judged,
    /// Refused with another status.
    NotJudged,
}

impl Class {
    fn is_retried(self) -> bool {
        matches!(self, Throttled | Transient)
    }

    /// What the error message tells to do, unless AWS Config judged the evaluation.
    fn remedy(self) -> &'static str {
        match self {
            Throttled => "find out what else calls",
            Transient => "check the AWS Health Dashboard for",
            Credentials => "starts with new credentials",
            Denied => "in the function's role",
            Judged | NotJudged => "report it with this message",
        }
    }
}

/// Status, code and class of errors, in the spelling of IAM and of AWS Config.
fn errors() -> Vec<(u16, String, Class)> {
    let mut errors: Vec<(u16, &str, Class)> = Vec::new();
    errors.extend(THROTTLING_ERRORS.iter().map(|code| (400, *code, Throttled)));
    errors.extend(TRANSIENT_ERRORS.iter().map(|code| (400, *code, Transient)));
    errors.extend([
        (409, "LimitExceeded", Throttled),
        (503, "SlowDown", Throttled),
        (429, "SomethingNew", Throttled),
        (400, "RequestAborted", Transient),
        (400, "MalformedHttpRequest", Transient),
        (408, "SomethingNew", Transient),
        (500, "ServiceFailure", Transient),
        (500, "InternalFailure", Transient),
        (503, "ServiceUnavailable", Transient),
        (501, "SomethingNew", Transient),
        (401, "AuthFailure", Credentials),
        (403, "ExpiredToken", Credentials),
        (400, "ExpiredToken", Credentials),
        (403, "IncompleteSignature", Credentials),
        (403, "InvalidAccessKeyId", Credentials),
        (403, "InvalidClientTokenId", Credentials),
        (403, "InvalidSecurity", Credentials),
        (403, "InvalidSignature", Credentials),
        (400, "InvalidToken", Credentials),
        (403, "MissingAuthenticationToken", Credentials),
        (403, "OptInRequired", Credentials),
        (400, "RequestExpired", Credentials),
        (403, "RequestTimeTooSkewed", Credentials),
        (403, "SignatureDoesNotMatch", Credentials),
        (400, "TokenRefreshRequired", Credentials),
        (400, "UnrecognizedClient", Credentials),
        (403, "AccessDenied", Denied),
        (403, "AuthorizationError", Denied),
        (401, "NotAuthorized", Denied),
        (403, "UnauthorizedOperation", Denied),
        (400, "ValidationError", Judged),
        (400, "SomethingNew", Judged),
        (404, "UnknownOperation", NotJudged),
        (413, "RequestEntityTooLarge", NotJudged),
    ]);
    let with_suffix = |(status, code, class)| {
        let stem = str::strip_suffix(code, "Exception").unwrap_or(code);
        [stem.to_owned(), format!("{stem}Exception")].map(|code| (status, code, class))
    };
    errors.into_iter().flat_map(with_suffix).collect()
}

/// How many evaluations run at the same time: most of their time is waiting, and
/// a busy machine must not bring them near the time limit of a call.
const AT_ONCE: usize = 12;

/// Runs an evaluation for every error, with that error ordered by `order`, and
/// gives the outcome to `check`.
async fn replay(
    account: local_aws::Account,
    order: fn(&Wire, Fault),
    check: fn(&Wire, u16, &str, Class, Result<String, RuleError>),
) {
    let errors = errors();
    assert!(errors.len() > 80, "{} errors", errors.len());
    let mut runs = JoinSet::new();
    for (status, code, class) in errors {
        if runs.len() == AT_ONCE {
            runs.join_next().await.unwrap().unwrap();
        }
        let account = account.clone();
        runs.spawn(async move {
            let wire = Wire::to(account).await;
            order(&wire, Fault::aws_error(status, &code, "because"));
            let outcome = wire.evaluate().await.map(|evaluated| evaluated.annotation);
            check(&wire, status, &code, class, outcome);
        });
    }
    while let Some(run) = runs.join_next().await {
        run.unwrap();
    }
}

fn requests(wire: &Wire, operation: Operation) -> usize {
    wire.operations()
        .iter()
        .filter(|o| **o == operation)
        .count()
}

/// The message has AWS's code and message, the status and the request id, and the
/// remedy of this class and of no other.
fn tells(error: &RuleError, status: u16, code: &str, remedy: &str) {
    let said = error.message();
    let cause = format!("{code}: because (HTTP {status}, request id ");
    assert!(said.contains(&cause), "{cause}: {said}");
    for class in [Throttled, Transient, Credentials, Denied, Judged] {
        let told = said.contains(class.remedy());
        assert_eq!(told, class.remedy() == remedy, "{code}, {class:?}: {said}");
    }
}

#[tokio::test]
async fn every_account_summary_error_is_retried_and_reported_by_class() {
    let order = |wire: &Wire, fault| wire.aws.fault_always(ACCOUNT, GetAccountSummary, fault);
    replay(account(), order, |wire, status, code, class, outcome| {
        let error = outcome.expect_err(code);
        assert_eq!(error.error_type(), "EvidenceUnavailable", "{code}");
        tells(&error, status, code, class.remedy());
        let attempts = if class.is_retried() { 3 } else { 1 };
        assert_eq!(
            requests(wire, GetAccountSummary),
            attempts,
            "{status} {code}"
        );
        assert_eq!(requests(wire, PutEvaluations), 0, "{code}");
    })
    .await;
}

#[tokio::test]
async fn every_put_evaluations_error_is_retried_and_reported_by_class() {
    let order = |wire: &Wire, fault| wire.aws.fault_always(ACCOUNT, PutEvaluations, fault);
    replay(account(), order, |wire, status, code, class, outcome| {
        let error = outcome.expect_err(code);
        let (error_type, remedy) = match class {
            Denied => ("EvaluationRejected", class.remedy()),
            Judged => ("EvaluationRejected", "a defect of the rule"),
            _ => ("EvaluationNotDelivered", class.remedy()),
        };
        assert_eq!(error.error_type(), error_type, "{status} {code}: {error}");
        tells(&error, status, code, remedy);
        assert!(error.message().contains(remedy), "{code}: {error}");
        let attempts = if class.is_retried() { 3 } else { 1 };
        assert_eq!(requests(wire, PutEvaluations), attempts, "{status} {code}");
    })
    .await;
}

/// An error that comes once about the report: details all the same, if it may
/// pass; else the annotation has AWS's code.
fn report_error(call: &str, code: &str, class: Class, outcome: Result<String, RuleError>) {
    let annotation = outcome.expect(code);
    if class.is_retried() {
        assert!(annotation.contains("Key 1: active"), "{code}: {annotation}");
    } else {
        let why = format!("No details: iam:{call} failed ({code}).");
        assert!(annotation.ends_with(&why), "{code}: {annotation}");
    }
}

#[tokio::test]
async fn every_error_of_reading_the_report_is_waited_out_or_named_by_its_class() {
    let order = |wire: &Wire, fault| wire.aws.fault(ACCOUNT, GetCredentialReport, fault);
    replay(
        account_with_key(),
        order,
        |wire, _, code, class, outcome| {
            report_error("GetCredentialReport", code, class, outcome);
            let attempts = if class.is_retried() { 2 } else { 1 };
            assert_eq!(requests(wire, GetCredentialReport), attempts, "{code}");
        },
    )
    .await;
}

#[tokio::test]
async fn every_error_of_generating_the_report_is_waited_out_or_named_by_its_class() {
    let order = |wire: &Wire, fault| wire.aws.fault(ACCOUNT, GenerateCredentialReport, fault);
    let without_report = account_with_key().with_report(Report::NotPresent);
    replay(without_report, order, |wire, _, code, class, outcome| {
        report_error("GenerateCredentialReport", code, class, outcome);
        let attempts = if class.is_retried() { 2 } else { 1 };
        assert_eq!(requests(wire, GenerateCredentialReport), attempts, "{code}");
    })
    .await;
}

/// `GenerateCredentialReport` has a rate of its own: what it is refused for is
/// requested again, three times if need be, before the report is read.
#[tokio::test]
async fn a_limit_on_reports_is_waited_out() {
    let wire = Wire::to(account_with_key().with_report(Report::NotPresent)).await;
    for _ in 0..3 {
        let limit = Fault::aws_error(409, "LimitExceeded", "try again later");
        wire.aws.fault(ACCOUNT, GenerateCredentialReport, limit);
    }
    wire.evaluate().await.unwrap();
    assert!(wire.annotation().contains("Key 1: active"));
    let mut expected = vec![GetAccountSummary, GetCredentialReport];
    expected.extend([GenerateCredentialReport; 4]);
    expected.extend([GetCredentialReport, PutEvaluations]);
    assert_eq!(wire.operations(), expected);
}
