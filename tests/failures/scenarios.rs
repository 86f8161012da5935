//! Scenarios 7, 8, 13 and 14 of docs/rule.md: runs without a verdict, or runs that could
//! not report. Nothing is reported, and the error says what to do.

use std::time::{Duration, Instant};

use crate::wire::{ACCOUNT, FUNCTION, Wire, account, account_with_key, all, fixture};
use local_aws::{Fault, Operation};
use root_access_key_rule::error::RuleError;

use Operation::{GetAccountSummary, PutEvaluations};

/// The error of a run that must not have reported anything.
async fn unreported(wire: &Wire, what: &str) -> RuleError {
    let error = wire.evaluate().await.expect_err(what);
    assert!(
        !wire.operations().contains(&PutEvaluations),
        "{what}: PutEvaluations was called"
    );
    assert!(error.message().contains(ACCOUNT), "{what}: {error}");
    assert!(
        error.message().contains("iam:GetAccountSummary"),
        "{what}: {error}"
    );
    error
}

#[tokio::test]
async fn scenario_7_an_unusable_summary_fails_the_run() {
    let cases = [
        ("map-missing", "no SummaryMap"),
        ("key-missing", "no AccountAccessKeysPresent"),
        ("key-twice", "a key is there twice"),
        ("value-negative", "AccountAccessKeysPresent is negative"),
        ("value-no-number", "cannot be decoded"),
        ("value-empty", "cannot be decoded"),
        ("value-too-large", "cannot be decoded"),
        ("value-missing", "cannot be decoded"),
        ("another-operation", "cannot be decoded"),
        ("error-with-200", "cannot be decoded"),
        ("captive-portal", "incomplete or malformed: "),
        ("empty", "it ends before its closing tag"),
        ("json", "incomplete or malformed: "),
    ];
    let runs = cases.into_iter().map(|(case, why)| async move {
        for mut account in [account(), account_with_key()] {
            account.password = false;
            let wire = Wire::to(account).await;
            let body = fixture(&format!("iam/no-evidence/{case}.txt"));
            wire.aws
                .fault_always(ACCOUNT, GetAccountSummary, Fault::xml(body));
            let error = unreported(&wire, case).await;
            assert_eq!(error.error_type(), "EvidenceUnavailable", "{case}");
            assert!(error.message().contains(why), "{case}: {error}");
        }
    });
    all(runs).await;
}

#[tokio::test]
async fn scenario_8_a_refusal_is_named_with_awss_code_and_the_remedy() {
    let wire = Wire::to(account_with_key()).await;
    wire.aws
        .fault_always(ACCOUNT, GetAccountSummary, Fault::Denied);
    let error = unreported(&wire, "denied").await;
    assert_eq!(error.error_type(), "EvidenceUnavailable");
    assert!(
        error.message().contains("AccessDenied: User: arn:aws:"),
        "{error}"
    );
    assert!(
        error
            .message()
            .contains("allow iam:GetAccountSummary in the function's role"),
        "{error}"
    );
    assert_eq!(wire.operations(), [GetAccountSummary], "a refusal is final");
}

#[tokio::test]
async fn scenario_8_failing_past_the_retries_is_named() {
    let cases = [
        (Fault::Throttle, "Throttling"),
        (Fault::ServerError(500), "ServiceFailure"),
        (Fault::ResetBeforeAnswer, "the connection broke"),
    ];
    for (fault, named) in cases {
        let wire = Wire::to(account()).await;
        wire.aws.fault_always(ACCOUNT, GetAccountSummary, fault);
        let error = unreported(&wire, named).await;
        assert_eq!(error.error_type(), "EvidenceUnavailable");
        assert!(error.message().contains(named), "{named}: {error}");
        assert_eq!(wire.operations().len(), 3, "{named}: three attempts");
    }
}

#[tokio::test]
async fn scenario_8_a_hang_ends_before_lambdas_deadline() {
    let wire = Wire::to(account()).await;
    wire.aws
        .fault_always(ACCOUNT, GetAccountSummary, Fault::Hang);
    let event = wire.aws.event(ACCOUNT);
    let left = Duration::from_millis(1500);
    let started = Instant::now();
    let error = wire.evaluate_as(&event, FUNCTION, left).await.unwrap_err();
    assert!(started.elapsed() < left, "the run outlived its deadline");
    assert_eq!(error.error_type(), "EvidenceUnavailable");
    assert!(
        error
            .message()
            .contains("no response before the deadline of the run"),
        "{error}"
    );
    assert!(!wire.operations().contains(&PutEvaluations));
}

#[tokio::test]
async fn scenario_8_a_hang_with_all_the_time_in_the_world_is_tried_three_times() {
    let wire = Wire::to(account()).await;
    wire.aws
        .fault_always(ACCOUNT, GetAccountSummary, Fault::Hang);
    let error = unreported(&wire, "hang").await;
    assert_eq!(error.error_type(), "EvidenceUnavailable");
    assert_eq!(wire.operations(), [GetAccountSummary; 3]);
}

#[tokio::test]
async fn a_run_without_time_calls_nobody() {
    let wire = Wire::to(account()).await;
    let event = wire.aws.event(ACCOUNT);
    let error = wire
        .evaluate_as(&event, FUNCTION, Duration::from_millis(500))
        .await
        .unwrap_err();
    assert_eq!(error.error_type(), "EvidenceUnavailable");
    assert!(wire.aws.requests().is_empty());
}

#[tokio::test]
async fn a_run_with_little_time_reports_without_the_details() {
    let mut account = account_with_key().with_report(local_aws::Report::NotPresent);
    account.looks_until_ready = 1000;
    let wire = Wire::to(account).await;
    let event = wire.aws.event(ACCOUNT);
    wire.evaluate_as(&event, FUNCTION, Duration::from_secs(6))
        .await
        .unwrap();
    assert_eq!(wire.operations(), [GetAccountSummary, PutEvaluations]);
    assert!(
        wire.annotation()
            .ends_with("No details: no time was left for the credential report.")
    );
}

#[tokio::test]
async fn scenario_13_what_config_refuses_is_rejected_with_its_code_and_not_retried() {
    let refusals = [
        (400, "InvalidResultTokenException", "run the rule again"),
        (
            400,
            "NoSuchConfigRuleException",
            "AWS Config does not find the ConfigRule",
        ),
        (400, "ValidationException", "a defect of the rule"),
        (
            400,
            "InvalidParameterValueException",
            "a defect of the rule",
        ),
        (400, "SomethingNewException", "a defect of the rule"),
    ];
    for (status, code, remedy) in refusals {
        let wire = Wire::to(account()).await;
        wire.aws.fault_always(
            ACCOUNT,
            PutEvaluations,
            Fault::aws_error(status, code, "because"),
        );
        let error = wire.evaluate().await.expect_err(code);
        assert_eq!(error.error_type(), "EvaluationRejected", "{code}: {error}");
        assert!(
            error.message().contains(&format!("{code}: because")),
            "{error}"
        );
        assert!(error.message().contains(remedy), "{error}");
        assert!(error.message().contains(ACCOUNT), "{error}");
        assert_eq!(
            wire.operations(),
            [GetAccountSummary, PutEvaluations],
            "{code}: one attempt"
        );
    }
}

#[tokio::test]
async fn scenario_13_denied_says_what_to_allow() {
    let wire = Wire::to(account()).await;
    wire.aws
        .fault_always(ACCOUNT, PutEvaluations, Fault::Denied);
    let error = wire.evaluate().await.unwrap_err();
    assert_eq!(error.error_type(), "EvaluationRejected");
    assert!(
        error
            .message()
            .contains("allow config:PutEvaluations in the function's role"),
        "{error}"
    );
}

#[tokio::test]
async fn scenario_13_a_failed_evaluation_in_a_200_is_a_refusal() {
    let wire = Wire::to(account()).await;
    wire.aws
        .fault_always(ACCOUNT, PutEvaluations, Fault::FailedEvaluations);
    let error = wire.evaluate().await.unwrap_err();
    assert_eq!(error.error_type(), "EvaluationRejected");
    assert!(error.message().contains("FailedEvaluations"), "{error}");
    assert_eq!(wire.operations(), [GetAccountSummary, PutEvaluations]);
}

#[tokio::test]
async fn scenario_13_a_token_of_a_rule_that_is_gone_is_refused() {
    let wire = Wire::to(account()).await;
    let event = wire.aws.event(ACCOUNT);
    wire.aws.delete_rule(ACCOUNT, local_aws::RULE_NAME);
    let error = wire.evaluate_event(&event).await.unwrap_err();
    assert_eq!(error.error_type(), "EvaluationRejected");
    assert!(
        error.message().contains("NoSuchConfigRuleException"),
        "{error}"
    );
}

#[tokio::test]
async fn scenario_13_a_refusal_that_quotes_the_result_token_is_passed_on_without_it() {
    let wire = Wire::to(account()).await;
    let event = wire.aws.event(ACCOUNT);
    let token = event["resultToken"].as_str().unwrap();
    let quoting = Fault::aws_error(400, "InvalidResultTokenException", &format!("no: {token}"));
    wire.aws.fault_always(ACCOUNT, PutEvaluations, quoting);
    let error = wire.evaluate_event(&event).await.unwrap_err();
    assert_eq!(error.error_type(), "EvaluationRejected");
    assert!(!error.message().contains(&token[..40]), "{error}");
}

/// Where AWS finds a signature wrong, it quotes the request's headers, and among
/// them the credentials' session token.
#[tokio::test]
async fn a_refusal_that_quotes_the_credentials_is_passed_on_without_them() {
    let keys = account().credentials();
    let message = format!(
        "The request signature we calculated does not match the signature you provided. The Canonical String for this request should have been\n'POST\n/\n\nhost:localhost\nx-amz-security-token:{}\n\n' {}",
        keys.session_token, keys.secret_access_key
    );
    for operation in [GetAccountSummary, PutEvaluations] {
        let wire = Wire::to(account()).await;
        let quoting = Fault::aws_error(403, "SignatureDoesNotMatch", &message);
        wire.aws.fault_always(ACCOUNT, operation, quoting);
        let error = wire.evaluate().await.unwrap_err();
        let said = error.message();
        assert!(
            said.contains("SignatureDoesNotMatch: The request"),
            "{said}"
        );
        for secret in [&keys.session_token, &keys.secret_access_key] {
            assert!(!said.contains(&secret[..16]), "{said}");
            assert!(!said.contains(&secret[secret.len() - 16..]), "{said}");
        }
    }
}

#[tokio::test]
async fn scenario_14_config_out_of_reach_is_not_delivered() {
    let cases = [
        (Fault::Throttle, "ThrottlingException", 3),
        (Fault::ServerError(500), "PutEvaluations", 3),
        (Fault::ServerError(503), "PutEvaluations", 3),
        (Fault::ResetBeforeAnswer, "the connection broke", 3),
        (Fault::AcceptThenReset, "the connection broke", 3),
        (Fault::WithoutRequestId, "no AWS request id", 3),
        (Fault::json(""), "not one JSON object", 3),
        (Fault::json("{\"FailedEvaluations\":["), "HTTP 200", 3),
        (Fault::json(FAILED_AND_THEN_NOT), "not one JSON object", 3),
        (
            Fault::json("{\"__type\":\"InternalError\"}"),
            "it is an error",
            3,
        ),
        (foreign("text/html", "<html>Sign in</html>"), "HTTP 200", 3),
        (
            foreign("application/x-amz-json-1.1", "{}"),
            "no AWS request id",
            3,
        ),
    ];
    let runs = cases
        .into_iter()
        .map(|(fault, named, attempts)| async move {
            let wire = Wire::to(account_with_key()).await;
            let what = format!("{fault:?}");
            wire.aws.fault_always(ACCOUNT, PutEvaluations, fault);
            let error = wire.evaluate().await.expect_err(&what);
            assert_eq!(
                error.error_type(),
                "EvaluationNotDelivered",
                "{what}: {error}"
            );
            assert!(error.message().contains(named), "{what}: {error}");
            let sent = wire
                .operations()
                .iter()
                .filter(|o| **o == PutEvaluations)
                .count();
            assert_eq!(sent, attempts, "{what}");
        });
    all(runs).await;
}

/// The SDK takes the later of two equal fields.
const FAILED_AND_THEN_NOT: &str = r#"{"FailedEvaluations":[{"ComplianceResourceType":"AWS::::Account","ComplianceResourceId":"111122223333","ComplianceType":"COMPLIANT","OrderingTimestamp":1.0}],"FailedEvaluations":[]}"#;

fn foreign(content_type: &str, body: &str) -> Fault {
    Fault::Foreign {
        status: 200,
        content_type: content_type.to_owned(),
        body: body.into(),
    }
}

#[tokio::test]
async fn scenario_14_a_request_whose_response_was_lost_is_repeated_identically() {
    let wire = Wire::to(account_with_key()).await;
    let event = wire.aws.event(ACCOUNT);
    wire.aws
        .fault_always(ACCOUNT, PutEvaluations, Fault::AcceptThenReset);
    wire.evaluate_event(&event).await.unwrap_err();
    wire.aws.clear_faults(ACCOUNT);
    wire.evaluate_event(&event).await.unwrap();
    let accepted = wire.aws.evaluations(ACCOUNT);
    assert!(accepted.len() > 1);
    for evaluation in &accepted {
        assert_eq!(evaluation.annotation, accepted[0].annotation);
        assert_eq!(
            evaluation.ordering_timestamp,
            accepted[0].ordering_timestamp
        );
        assert_eq!(evaluation.compliance_type, "NON_COMPLIANT");
    }
}

#[tokio::test]
async fn scenario_14_a_hang_of_config_ends_before_lambdas_deadline() {
    let wire = Wire::to(account()).await;
    wire.aws.fault_always(ACCOUNT, PutEvaluations, Fault::Hang);
    let event = wire.aws.event(ACCOUNT);
    let left = Duration::from_millis(1500);
    let started = Instant::now();
    let error = wire.evaluate_as(&event, FUNCTION, left).await.unwrap_err();
    assert!(started.elapsed() < left);
    assert_eq!(error.error_type(), "EvaluationNotDelivered");
}
