//! Scenarios 7, 8, 13 and 14 of docs/rule.md: runs without a verdict, or runs that could
//! not report it. Nothing false is reported, and the error says what to do.

use crate::wire::{
    ACCOUNT, Wire, account, account_with_key, all, fixture, foreign, message_of, rows,
};
use local_aws::Fault;
use local_aws::Operation::{GetAccountSummary, PutEvaluations};

#[tokio::test]
async fn scenario_7_an_unusable_summary_fails_the_run() {
    const SUMMARIES: &str = "
map-missing | no SummaryMap
key-missing | no AccountAccessKeysPresent
key-twice | a key occurs twice
value-negative | AccountAccessKeysPresent is negative
value-no-number | cannot be decoded
value-empty | cannot be decoded
value-too-large | cannot be decoded
value-missing | cannot be decoded
another-operation | cannot be decoded
error-with-200 | cannot be decoded
captive-portal | incomplete or malformed: 
empty | it ends before its closing tag
json | incomplete or malformed: 
";
    let runs = rows(SUMMARIES).map(|[case, why]| async move {
        for mut account in [account(), account_with_key()] {
            account.password = false;
            let summary = Fault::xml(fixture(&format!("iam/unusable/{case}.txt")));
            let wire = Wire::failing(account, GetAccountSummary, summary).await;
            let message = wire.failure("EvidenceUnavailable").await;
            assert!(message.contains("iam:GetAccountSummary"), "{message}");
            assert!(message.contains(why), "{case}: {message}");
            assert_eq!(wire.count(PutEvaluations), 0, "{case}");
        }
    });
    all(runs).await;
}

#[tokio::test]
async fn scenario_8_a_connection_that_breaks_at_each_attempt_is_reported() {
    let wire = Wire::failing(account(), GetAccountSummary, Fault::ResetBeforeAnswer).await;
    let message = wire.failure("EvidenceUnavailable").await;
    assert!(message.contains("the connection broke"), "{message}");
    assert_eq!(wire.operations(), [GetAccountSummary; 3]);
}

#[tokio::test]
async fn scenario_13_a_rejection_by_aws_config_names_the_code_and_is_not_retried() {
    const REJECTIONS: &str = "
InvalidResultTokenException | the result token has expired or belongs to another rule
NoSuchConfigRuleException | AWS Config does not find the ConfigRule
ValidationException | report it as a bug
InvalidParameterValueException | report it as a bug
SomethingNewException | report it as a bug
";
    for [code, remedy] in rows(REJECTIONS) {
        let rejection = Fault::aws_error(400, code, "because");
        let wire = Wire::failing(account(), PutEvaluations, rejection).await;
        let message = wire.failure("EvaluationRejected").await;
        assert!(message.contains(&format!("{code}: because")), "{message}");
        assert!(message.contains(remedy), "{message}");
        assert_eq!(wire.operations(), [GetAccountSummary, PutEvaluations]);
    }
}

#[tokio::test]
async fn scenario_13_a_failed_evaluation_in_a_200_is_a_rejection() {
    let wire = Wire::failing(account(), PutEvaluations, Fault::FailedEvaluations).await;
    let message = wire.failure("EvaluationRejected").await;
    assert!(message.contains("FailedEvaluations"), "{message}");
    assert_eq!(wire.operations(), [GetAccountSummary, PutEvaluations]);
}

#[tokio::test]
async fn scenario_13_the_token_of_a_deleted_rule_is_rejected() {
    let wire = Wire::to(account()).await;
    let event = wire.aws.event(ACCOUNT);
    wire.aws.delete_rule(ACCOUNT, local_aws::RULE_NAME);
    let message = message_of(wire.evaluate_event(&event).await, "EvaluationRejected");
    assert!(message.contains("NoSuchConfigRuleException"), "{message}");
}

/// AWS quotes the result token that it rejects, and the request's headers, including
/// the session token, when it rejects a signature.
#[tokio::test]
async fn an_error_that_quotes_a_secret_is_passed_on_without_it() {
    let keys = account().credentials();
    let wire = Wire::to(account()).await;
    let event = wire.aws.event(ACCOUNT);
    let token = event["resultToken"].as_str().unwrap();
    for secret in [token, &keys.session_token, &keys.secret_access_key] {
        for (operation, error_type) in [
            (GetAccountSummary, "EvidenceUnavailable"),
            (PutEvaluations, "EvaluationNotDelivered"),
        ] {
            let text = format!("The request does not match:\n'{secret}'");
            let quoting = Fault::aws_error(403, "SignatureDoesNotMatch", &text);
            wire.fault(operation, quoting);
            let message = message_of(wire.evaluate_event(&event).await, error_type);
            let start = "SignatureDoesNotMatch: The request does not match: '[secret]";
            assert!(message.contains(start), "{message}");
            assert!(!message.contains(&secret[..16]), "{message}");
            assert!(!message.contains(&secret[secret.len() - 16..]), "{message}");
        }
    }
}

#[tokio::test]
async fn scenario_14_an_evaluation_without_a_response_from_aws_config_is_not_delivered() {
    let json = "application/x-amz-json-1.1";
    let cases = [
        (Fault::ServerError(503), "PutEvaluations"),
        (Fault::ResetBeforeAnswer, "the connection broke"),
        (Fault::AcceptThenReset, "the connection broke"),
        (Fault::WithoutRequestId, "no AWS request ID"),
        (Fault::json(""), "not a single JSON object"),
        (Fault::json("{\"FailedEvaluations\":["), "HTTP 200"),
        (Fault::json(FAILED_AND_THEN_NOT), "not a single JSON object"),
        (
            Fault::json("{\"__type\":\"InternalError\"}"),
            "it is an error",
        ),
        (
            foreign(200, "text/html", "<html>Sign in</html>"),
            "HTTP 200",
        ),
        (foreign(200, json, "{}"), "no AWS request ID"),
    ];
    let runs = cases.into_iter().map(|(fault, cause)| async move {
        let what = format!("{fault:?}");
        let wire = Wire::failing(account_with_key(), PutEvaluations, fault).await;
        let message = wire.failure("EvaluationNotDelivered").await;
        assert!(message.contains(cause), "{what}: {message}");
        assert_eq!(wire.count(PutEvaluations), 3, "{what}");
    });
    all(runs).await;
}

/// The SDK takes the later of two equal fields.
const FAILED_AND_THEN_NOT: &str = r#"{"FailedEvaluations":[{"ComplianceResourceType":"AWS::::Account","ComplianceResourceId":"111122223333","ComplianceType":"COMPLIANT","OrderingTimestamp":1.0}],"FailedEvaluations":[]}"#;

#[tokio::test]
async fn scenario_14_a_request_whose_response_was_lost_is_repeated_identically() {
    let wire = Wire::failing(account_with_key(), PutEvaluations, Fault::AcceptThenReset).await;
    let event = wire.aws.event(ACCOUNT);
    wire.evaluate_event(&event).await.unwrap_err();
    wire.aws.clear_faults(ACCOUNT);
    wire.evaluate_event(&event).await.unwrap();
    let sent = wire.put_evaluations();
    assert_eq!(wire.aws.evaluations(ACCOUNT).len(), sent.len());
    assert!(sent.len() > 1);
    for request in &sent {
        assert_eq!(request.parameters, sent[0].parameters);
        let evaluation = &request.parameters["Evaluations"][0];
        assert_eq!(evaluation["ComplianceType"], "NON_COMPLIANT");
    }
}
