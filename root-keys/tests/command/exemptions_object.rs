//! `exemptions put` shows what a file changes and writes it to the watch's bucket, unless
//! somebody else changed the object meanwhile.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use local_aws::{Fault, Operation};
use serde_json::{Value, json};

use crate::wire::{Ended, MANAGEMENT, MEMBER, Wire, days_before_now};

const BUCKET: &str = "watch-bucket";
const KEY: &str = "exemptions.json";

/// An exemption of the account that ends in so many days.
fn exemption(account: &str, days: i64, owner: &str) -> Value {
    let expires = days_before_now(-days).format("%Y-%m-%d").to_string();
    json!({"account": account, "owner": owner, "reason": "SES relay", "expires": expires})
}

fn file(text: &str) -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("root-keys-put-{}-{number}.json", std::process::id());
    let path = std::env::temp_dir().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn text(exemptions: &[Value]) -> String {
    json!({ "exemptions": exemptions }).to_string()
}

async fn wire() -> Wire {
    let wire = Wire::new().await;
    wire.put_bucket(BUCKET, MANAGEMENT);
    wire
}

/// Puts that text into the bucket; the days that exemptions end on are `DAY+` so many days.
async fn put_text(wire: &Wire, bucket: &str, text: &str) -> Ended {
    let file = file(text);
    let path = file.to_str().unwrap();
    let mut ended = wire
        .run(&["exemptions", "put", path, "--bucket", bucket])
        .await;
    fs::remove_file(file).unwrap();
    for days in [10, 20, 30] {
        let day = days_before_now(-days).format("%Y-%m-%d").to_string();
        ended.out = ended.out.replace(&day, &format!("DAY+{days}"));
    }
    ended
}

/// The command with that exit code, for the table of exit codes.
pub async fn put(code: i32) -> Ended {
    let wire = wire().await;
    let bucket = if code == 0 { BUCKET } else { "another" };
    put_text(&wire, bucket, &text(&[exemption(MEMBER, 10, "payments")])).await
}

#[tokio::test]
async fn the_first_exemptions_are_added_only_if_there_are_none() {
    let wire = wire().await;
    let first = text(&[exemption(MEMBER, 10, "payments")]);
    let ended = put_text(&wire, BUCKET, &first).await;
    ended.is_screen("exemptions/put the first");
    assert_eq!(wire.object(BUCKET, KEY), Some(first));
    let kind = wire.content_type(BUCKET, KEY);
    assert_eq!(kind.as_deref(), Some("application/json"));
    let sent = wire.sent(Operation::PutObject);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].parameters["IfNoneMatch"], "*");
    for operation in [Operation::GetObject, Operation::PutObject] {
        let owner = &wire.sent(operation)[0].parameters["ExpectedBucketOwner"];
        assert_eq!(*owner, MANAGEMENT);
    }
}

#[tokio::test]
async fn each_change_is_shown_and_only_the_version_that_was_read_is_replaced() {
    let wire = wire().await;
    let ids = [
        "111111111111",
        "222222222222",
        "333333333333",
        "444444444444",
    ];
    let before = [
        exemption(ids[0], 20, "payments"),
        exemption(ids[1], 20, "payments"),
        exemption(ids[2], 20, "payments"),
        exemption(ids[3], 20, "payments"),
    ];
    wire.put_object(BUCKET, KEY, &text(&before));
    let mut with_ticket = exemption(ids[3], 20, "payments");
    with_ticket["ticket"] = "SEC-12".into();
    let after = text(&[
        exemption(ids[1], 30, "payments"),
        exemption(ids[2], 10, "payments"),
        with_ticket,
        exemption("555555555555", 10, "web\u{202e}\n team"),
    ]);
    let ended = put_text(&wire, BUCKET, &after).await;
    ended.is_screen("exemptions/put other ones");
    assert_eq!(wire.object(BUCKET, KEY), Some(after.clone()));
    let etag = &wire.sent(Operation::PutObject)[0].parameters["IfMatch"];
    assert_eq!(*etag, format!("\"{:032x}\"", 1));

    let again = put_text(&wire, BUCKET, &after).await;
    again.is_screen("exemptions/put the same");
    assert_eq!(wire.sent(Operation::PutObject).len(), 1);
}

#[tokio::test]
async fn what_is_not_valid_is_replaced_and_named() {
    let wire = wire().await;
    wire.put_object(BUCKET, KEY, "{}");
    let none = text(&[]);
    let ended = put_text(&wire, BUCKET, &none).await;
    ended.is_screen("exemptions/put over what is not valid");
    assert_eq!(wire.object(BUCKET, KEY), Some(none));
}

#[tokio::test]
async fn what_somebody_else_wrote_meanwhile_is_not_replaced() {
    for (status, code) in [
        (412, "PreconditionFailed"),
        (409, "ConditionalRequestConflict"),
    ] {
        let wire = wire().await;
        let fault = Fault::aws_error(status, code, "");
        wire.fault_always(MANAGEMENT, Operation::PutObject, fault);
        let ended = put_text(&wire, BUCKET, &text(&[])).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        ended.says("nothing was written: s3://watch-bucket/exemptions.json has changed since");
    }
}

#[tokio::test]
async fn without_a_valid_file_or_the_right_bucket_nothing_is_written() {
    let one = wire().await;
    let wrong = put_text(&one, BUCKET, r#"{"exemptions": [{"account": "1"}]}"#).await;
    wrong.fails();
    wrong.says("account \"1\": missing field");
    assert_eq!(one.operations(), []);
    let ended = put_text(&one, "another-bucket", &text(&[])).await;
    ended.fails();
    ended.says("output `BucketName` of the stack RootAccessKeyRuleOrganizationWatch");
    one.put_bucket("of-a-member", MEMBER);
    let ended = put_text(&one, "of-a-member", &text(&[])).await;
    ended.fails();
    ended.says("check that the bucket is in account 999999999999");
    assert_eq!(one.sent(Operation::PutObject).len(), 0);
}

#[tokio::test]
async fn a_response_that_is_lost_leaves_open_whether_it_was_written() {
    let wire = wire().await;
    wire.fault_always(MANAGEMENT, Operation::PutObject, Fault::ServerError(500));
    let ended = put_text(&wire, BUCKET, &text(&[])).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.says(
        "the exemptions may not be written: s3:PutObject of s3://watch-bucket/exemptions.json",
    );
    ended.says("then run this command again");
}
