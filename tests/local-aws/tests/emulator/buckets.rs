//! Amazon S3: objects, their conditions, their checksums, and who may see that one is absent.

use local_aws::{Account, Fault, Framing, Operation};

use crate::client::{ACCOUNT, Caller};

const BUCKET: &str = "watch";

async fn caller() -> Caller {
    let caller = Caller::start(Account::new(ACCOUNT)).await;
    caller.put_bucket(BUCKET, ACCOUNT);
    caller
}

#[tokio::test]
async fn an_object_is_what_was_written_last() {
    let caller = caller().await;
    let json = "content-type: application/json";
    let first = caller.s3("PUT /watch/a/b.json", &[json], "{}").await;
    let second = caller.s3("PUT /watch/a/b.json", &[json], "{\"é\":1}").await;
    assert_eq!((first.status(), first.body()), (200, ""));
    assert_ne!(first.header("etag"), second.header("etag"));
    let read = caller
        .s3("GET /watch/a/b.json?x-id=GetObject", &[], "")
        .await;
    assert_eq!((read.status(), read.body()), (200, "{\"é\":1}"));
    assert_eq!(read.header("etag"), second.header("etag"));
    assert_eq!(read.header("content-type"), Some("application/json"));
    assert!(read.header("x-amz-request-id").is_some());
    assert_eq!(caller.object_keys(BUCKET), ["a/b.json"]);
}

#[tokio::test]
async fn a_condition_that_does_not_hold_writes_nothing() {
    let caller = caller().await;
    let put =
        async |condition: &str, body: &str| caller.s3("PUT /watch/key", &[condition], body).await;
    assert_eq!(put("if-match: \"0\"", "a").await.error(), "404 NoSuchKey");
    let written = put("if-none-match: *", "a").await;
    let etag = written.header("etag").unwrap();
    let failed = "412 PreconditionFailed";
    assert_eq!(put("if-none-match: *", "b").await.error(), failed);
    assert_eq!(put("if-match: \"0\"", "b").await.error(), failed);
    assert_eq!(caller.object(BUCKET, "key").as_deref(), Some("a"));
    assert_eq!(put(&format!("if-match: {etag}"), "b").await.status(), 200);
    assert_eq!(put(&format!("if-match: {etag}"), "c").await.error(), failed);
    assert_eq!(caller.object(BUCKET, "key").as_deref(), Some("b"));
}

#[tokio::test]
async fn a_condition_that_amazon_s3_does_not_implement_writes_nothing() {
    let caller = caller().await;
    let written = caller.s3("PUT /watch/key", &[], "a").await;
    let etag = written.header("etag").unwrap();
    let matches = format!("if-match: {etag}");
    let none_matches = format!("if-none-match: {etag}");
    let other = "if-none-match: \"0\"";
    for conditions in [
        vec![matches.as_str(), "if-none-match: *"],
        vec![matches.as_str(), other],
        vec![none_matches.as_str()],
        vec![other],
    ] {
        let refused = caller.s3("PUT /watch/key", &conditions, "b").await;
        assert_eq!(refused.error(), "501 NotImplemented", "{conditions:?}");
        assert_eq!(caller.object(BUCKET, "key").as_deref(), Some("a"));
    }
}

#[tokio::test]
async fn an_absent_object_is_denied_to_whoever_may_not_list_the_bucket() {
    let caller = caller().await;
    let get = async || caller.s3("GET /watch/key", &[], "").await.error();
    assert_eq!(get().await, "404 NoSuchKey");
    caller.forbid_listing(BUCKET);
    assert_eq!(get().await, "403 AccessDenied");
}

#[tokio::test]
async fn a_bucket_of_another_account_is_denied() {
    let caller = caller().await;
    caller.put_bucket("other", "444455556666");
    let get = async |line: &str, header: &str| caller.s3(line, &[header], "").await.error();
    let owner = |id: &str| format!("x-amz-expected-bucket-owner: {id}");
    let denied = "403 AccessDenied";
    assert_eq!(get("GET /other/key", &owner(ACCOUNT)).await, denied);
    assert_eq!(get("GET /watch/key", &owner("444455556666")).await, denied);
    assert_eq!(
        get("GET /watch/key", &owner(ACCOUNT)).await,
        "404 NoSuchKey"
    );
    assert_eq!(get("GET /absent/key", "a: b").await, "404 NoSuchBucket");
    assert_eq!(
        get("DELETE /watch/key", "a: b").await,
        "400 MethodNotAllowed"
    );
}

#[tokio::test]
async fn a_checksum_is_verified_stored_and_returned_on_request() {
    let caller = caller().await;
    let sum = "x-amz-checksum-crc32: y/Q5Jg==";
    let put = async |body: &str| caller.s3("PUT /watch/key", &[sum], body).await;
    assert_eq!(put("12345678").await.error(), "400 BadDigest");
    assert_eq!(put("123456789").await.status(), 200);
    let get = async |mode: &str| {
        let read = caller.s3("GET /watch/key", &[mode], "").await;
        read.header("x-amz-checksum-crc32").map(str::to_owned)
    };
    let enabled = "x-amz-checksum-mode: ENABLED";
    assert_eq!(get(enabled).await.as_deref(), Some("y/Q5Jg=="));
    assert_eq!(get("a: b").await, None);
}

#[tokio::test]
async fn faults_change_the_responses_of_one_key() {
    let caller = caller().await;
    for key in ["one", "two"] {
        caller.put_object(BUCKET, key, "content");
    }
    let cut = Fault::Cut {
        bytes: 3,
        framing: Framing::MatchingLength,
    };
    caller.fault_about(ACCOUNT, Operation::GetObject, "two", 1, cut);
    let get = async |key: &str| {
        let read = caller.s3(&format!("GET /watch/{key}"), &[], "").await;
        read.body().to_owned()
    };
    assert_eq!(get("one").await, "content");
    assert_eq!(get("two").await, "con");
    assert_eq!(get("two").await, "content");
    caller.fault(ACCOUNT, Operation::GetObject, Fault::Throttle);
    let slow = caller.s3("GET /watch/one", &[], "").await;
    assert_eq!(slow.error(), "503 SlowDown");
}
