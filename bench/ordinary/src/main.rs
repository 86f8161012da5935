//! A straightforward implementation of the same rule: default features, multi-threaded
//! runtime, `serde_json::Value`, and the two calls. It has none of the product's guarantees
//! beyond the verdict.

use aws_config::SdkConfig;
use aws_sdk_config::primitives::{DateTime, DateTimeFormat};
use aws_sdk_config::types::{ComplianceType, Evaluation};
use aws_sdk_iam::types::SummaryKeyType;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let sdk: SdkConfig = aws_config::load_from_env().await;
    let iam = aws_sdk_iam::Client::new(&sdk);
    let config = aws_sdk_config::Client::new(&sdk);
    run(service_fn(|event| evaluate(&iam, &config, event))).await
}

async fn evaluate(
    iam: &aws_sdk_iam::Client,
    config: &aws_sdk_config::Client,
    event: LambdaEvent<Value>,
) -> Result<Value, Error> {
    let event = event.payload;
    let text = |field: &str| event[field].as_str().ok_or(format!("no {field}"));
    let invoking_event: Value = serde_json::from_str(text("invokingEvent")?)?;
    let created = invoking_event["notificationCreationTime"]
        .as_str()
        .ok_or("no notificationCreationTime")?;

    let summary = iam.get_account_summary().send().await?;
    let keys = summary
        .summary_map()
        .and_then(|map| map.get(&SummaryKeyType::AccountAccessKeysPresent))
        .ok_or("no AccountAccessKeysPresent")?;
    let (verdict, annotation) = match keys {
        0 => (
            ComplianceType::Compliant,
            "The root user has no access keys.",
        ),
        _ => (
            ComplianceType::NonCompliant,
            "The root user has access keys.",
        ),
    };

    let evaluation = Evaluation::builder()
        .compliance_resource_type("AWS::::Account")
        .compliance_resource_id(text("accountId")?)
        .compliance_type(verdict.clone())
        .annotation(annotation)
        .ordering_timestamp(DateTime::from_str(created, DateTimeFormat::DateTime)?)
        .build()?;
    config
        .put_evaluations()
        .evaluations(evaluation)
        .result_token(text("resultToken")?)
        .send()
        .await?;
    Ok(verdict.as_str().into())
}
