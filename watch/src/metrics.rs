//! The metrics of a run as one line of the log, in CloudWatch's embedded metric format
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).
//! Pure.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::latest::Latest;

/// The namespace of the metrics. They have no dimensions.
pub const NAMESPACE: &str = "RootAccessKeyRule";

/// Returns the line. `completed` is whether the run did all that it had to do, the
/// publishing of its digest included.
///
/// `Accounts`, `Open` and `NonCompliant` are left out if the accounts could not be
/// listed: zero would be a count.
#[must_use]
pub fn line(latest: &Latest, completed: bool, at: DateTime<Utc>) -> String {
    let mut metrics = vec![
        ("Completed", usize::from(completed)),
        ("NotVisible", latest.not_visible.len()),
    ];
    if let Some(counts) = &latest.counts {
        metrics.extend([
            ("Accounts", counts.accounts),
            ("Open", counts.open),
            ("NonCompliant", counts.non_compliant),
        ]);
    }
    let definitions: Vec<_> = metrics
        .iter()
        .map(|(name, _)| json!({ "Name": name, "Unit": "Count" }))
        .collect();
    let mut fields = Map::new();
    fields.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": at.timestamp_millis(),
            "CloudWatchMetrics": [
                { "Namespace": NAMESPACE, "Dimensions": [[]], "Metrics": definitions }
            ],
        }),
    );
    // What Lambda requires of a line in its JSON log format.
    let timestamp = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    fields.insert("timestamp".to_owned(), timestamp.into());
    fields.insert("level".to_owned(), "INFO".into());
    fields.insert("run".to_owned(), latest.run.clone().into());
    for (name, value) in metrics {
        fields.insert(name.to_owned(), value.into());
    }
    Value::Object(fields).to_string()
}
