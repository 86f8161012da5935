//! Every error code that the SDK publishes, and the common ones of AWS, on each
//! of the four calls: whether the call is retried, and the error type and remedy of
//! the failed run.

use crate::wire::{Wire, account, account_with_key, fresh_report};
use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use local_aws::{Fault, Operation, Report};
use tokio::task::JoinSet;

use Class::{Credentials, Denied, NotProcessed, Rejected, Throttled, Transient};
use Operation::{GenerateCredentialReport, GetAccountSummary, GetCredentialReport, PutEvaluations};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Throttled,
    Transient,
    Credentials,
    Denied,
    /// Rejected with status 400.
    Rejected,
    /// Rejected with another status.
    NotProcessed,
}

impl Class {
    fn is_retried(self) -> bool {
        matches!(self, Throttled | Transient)
    }

    /// The remedy in the error message, unless AWS Config evaluated the request.
    fn remedy(self) -> &'static str {
        match self {
            Throttled => "find out what else calls",
            Transient => "check the AWS Health Dashboard for",
            Credentials => "starts with new credentials",
            Denied => "in the function's role",
            Rejected | NotProcessed => "report it with this message",
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
        (400, "ValidationError", Rejected),
        (400, "SomethingNew", Rejected),
        (404, "UnknownOperation", NotProcessed),
        (413, "RequestEntityTooLarge", NotProcessed),
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

/// Runs `check` with every error: its status, code and class.
async fn for_every_error<F>(check: impl Fn(u16, String, Class) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let errors = errors();
    assert!(errors.len() > 80, "{} errors", errors.len());
    let mut runs = JoinSet::new();
    for (status, code, class) in errors {
        if runs.len() == AT_ONCE {
            runs.join_next().await.unwrap().unwrap();
        }
        runs.spawn(check(status, code, class));
    }
    while let Some(run) = runs.join_next().await {
        run.unwrap();
    }
}

/// Every error at each attempt of `operation`: the message has AWS's code and message, the
/// status and the request ID, and the remedy of the error's class and of no other.
async fn every_error_fails_the_run(operation: Operation) {
    for_every_error(move |status, code, class| async move {
        let (error_type, remedy) = match (operation, class) {
            (GetAccountSummary, _) => ("EvidenceUnavailable", class.remedy()),
            (_, Denied) => ("EvaluationRejected", class.remedy()),
            (_, Rejected) => ("EvaluationRejected", "report it as a bug with this message"),
            _ => ("EvaluationNotDelivered", class.remedy()),
        };
        let error = Fault::aws_error(status, &code, "because");
        let wire = Wire::failing(account(), operation, error).await;
        let message = wire.failure(error_type).await;
        let cause = format!("{code}: because (HTTP {status}, request id ");
        assert!(message.contains(&cause), "{cause}: {message}");
        assert!(message.contains(remedy), "{code}: {message}");
        for class in [Throttled, Transient, Credentials, Denied, Rejected] {
            let has_remedy = message.contains(class.remedy());
            assert_eq!(has_remedy, class.remedy() == remedy, "{class:?}: {message}");
        }
        let attempts = if class.is_retried() { 3 } else { 1 };
        assert_eq!(wire.count(operation), attempts, "{status} {code}");
        assert!(wire.operations().ends_with(&[operation]), "{code}");
    })
    .await;
}

#[tokio::test]
async fn every_account_summary_error_is_retried_and_reported_by_class() {
    every_error_fails_the_run(GetAccountSummary).await;
}

#[tokio::test]
async fn every_put_evaluations_error_is_retried_and_reported_by_class() {
    every_error_fails_the_run(PutEvaluations).await;
}

/// Every error once at `operation`: if it may pass, the annotation has the details all the
/// same; otherwise it has AWS's code.
async fn every_error_spares_the_verdict(operation: Operation, report: Report) {
    for_every_error(move |status, code, class| {
        let account = account_with_key().with_report(report.clone());
        async move {
            let wire = Wire::to(account).await;
            wire.fault(operation, Fault::aws_error(status, &code, "because"));
            let annotation = wire.evaluated().await;
            let (words, attempts) = if class.is_retried() {
                ("Key 1: active".to_owned(), 2)
            } else {
                (format!("No details: iam:{operation} failed ({code})."), 1)
            };
            assert!(annotation.contains(&words), "{code}: {annotation}");
            assert_eq!(wire.count(operation), attempts, "{status} {code}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_error_of_reading_the_report_is_retried_or_in_the_annotation() {
    every_error_spares_the_verdict(GetCredentialReport, fresh_report()).await;
}

#[tokio::test]
async fn every_error_of_generating_the_report_is_retried_or_in_the_annotation() {
    every_error_spares_the_verdict(GenerateCredentialReport, Report::NotPresent).await;
}

/// `GenerateCredentialReport` has a rate limit of its own: a call over it is tried again,
/// three times if necessary, before the report is read.
#[tokio::test]
async fn a_rate_limit_on_reports_is_waited_out() {
    let wire = Wire::to(account_with_key().with_report(Report::NotPresent)).await;
    for _ in 0..3 {
        let limit = Fault::aws_error(409, "LimitExceeded", "try again later");
        wire.fault(GenerateCredentialReport, limit);
    }
    assert!(wire.evaluated().await.contains("Key 1: active"));
    let mut expected = vec![GetAccountSummary, GetCredentialReport];
    expected.extend([GenerateCredentialReport; 4]);
    expected.extend([GetCredentialReport, PutEvaluations]);
    assert_eq!(wire.operations(), expected);
}
