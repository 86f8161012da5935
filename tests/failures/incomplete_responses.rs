//! A response counts only if it is complete (docs/decisions.md). Each of these
//! changes was seen to turn a 1 into a 0 in a reader that is less careful.

use crate::wire::{ACCOUNT, Wire, account, fixture, rows};
use local_aws::Operation::{GetAccountSummary, PutEvaluations};
use local_aws::{Fault, Framing, summary_answer};

const KEY: &str = "<key>AccountAccessKeysPresent</key>";

/// IAM's response for an account without keys.
fn indented_response() -> String {
    summary_answer(&account(), "7a62c49f-347e-4fc4-9331-0123456789ab")
}

/// The same without the space between elements.
fn response() -> String {
    indented_response().lines().map(str::trim).collect()
}

/// Expects a run on `fault` to fail and to report nothing.
async fn rejected(wire: &Wire, fault: Fault, what: &str) {
    wire.fault(GetAccountSummary, fault);
    let error = wire.evaluate().await.expect_err(what);
    assert_eq!(error.error_type(), "EvidenceUnavailable", "{what}: {error}");
    assert_eq!(wire.count(PutEvaluations), 0, "{what}");
}

/// Expects a run on a changed response to fail.
async fn body_rejected(wire: &Wire, body: &str) {
    assert_ne!(body, response());
    rejected(wire, Fault::xml(body), body).await;
}

#[tokio::test]
async fn a_complete_response_counts_at_the_first_attempt() {
    let wire = Wire::without_retries(account()).await;
    let result = "</GetAccountSummaryResult>";
    for complete in [
        response(),
        response().replace("><", ">\n  <") + "\n",
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", response()),
        response().replace(result, &format!("<Marker/>{result}")),
        fixture("iam/complete/documented.txt"),
    ] {
        wire.fault(GetAccountSummary, Fault::xml(complete.as_str()));
        wire.evaluate().await.expect(&complete);
    }
    assert_eq!(wire.aws.evaluations(ACCOUNT).len(), 5);
}

/// Cuts a real response at many bytes before the last of its closing root element:
/// at its ends, around the number, and in between. `src/aws/incomplete_response.rs`
/// is tested with each byte, without the wire.
async fn truncated_in_many_places(framing: Framing) {
    let wire = Wire::without_retries(account()).await;
    // The emulator's request IDs are of one length, so its responses are too.
    let complete = indented_response().trim_end().len();
    let number = indented_response().find(KEY).unwrap() + KEY.len();
    let places = (0..complete).filter(|byte| {
        byte % 41 == 0 || *byte + 3 >= complete || (number..number + 40).contains(byte)
    });
    for bytes in places {
        let what = format!("cut at byte {bytes} of {complete}");
        rejected(&wire, Fault::Cut { bytes, framing }, &what).await;
    }
    let bytes = complete;
    wire.fault(GetAccountSummary, Fault::Cut { bytes, framing });
    let outcome = wire.evaluate().await;
    outcome.expect("the response with its last byte counts");
}

#[tokio::test]
async fn a_truncated_response_with_a_matching_length_is_rejected() {
    truncated_in_many_places(Framing::MatchingLength).await;
}

#[tokio::test]
async fn a_response_truncated_by_a_closed_connection_is_rejected() {
    truncated_in_many_places(Framing::CloseDelimited).await;
}

#[tokio::test]
async fn a_response_shorter_than_its_content_length_is_rejected() {
    let wire = Wire::without_retries(account()).await;
    let framing = Framing::PromisedLength;
    for bytes in (0..response().len()).step_by(499) {
        rejected(&wire, Fault::Cut { bytes, framing }, &bytes.to_string()).await;
    }
}

#[tokio::test]
async fn a_response_with_a_repeated_element_is_rejected() {
    let wire = Wire::without_retries(account()).await;
    let response = response();
    for name in [
        "GetAccountSummaryResponse",
        "GetAccountSummaryResult",
        "SummaryMap",
        "ResponseMetadata",
        "RequestId",
    ] {
        let start = response.find(&format!("<{name}")).unwrap();
        let close = format!("</{name}>");
        let end = response.find(&close).unwrap() + close.len();
        let element = &response[start..end];
        body_rejected(&wire, &response.replace(element, &element.repeat(2))).await;
    }
}

#[tokio::test]
async fn a_response_that_iam_would_not_write_is_rejected() {
    const ENTRIES: &str = "
the entry twice | {entry}{entry}
the key twice | <entry>{key}{key}<value>0</value></entry>
two values | <entry>{key}<value>1</value><value>0</value></entry>
the key again, with spaces | {entry}<entry><key> AccountAccessKeysPresent </key><value>0</value></entry>
a second value with a prefix | <entry>{key}<value>1</value><x:value>0</x:value></entry>
a second entry with prefixes | <entry>{key}<value>1</value></entry><x:entry><x:key>AccountAccessKeysPresent</x:key><x:value>0</x:value></x:entry>
CDATA in the value | <entry>{key}<value><![CDATA[0]]></value></entry>
CDATA after the value | <entry>{key}<value>0<![CDATA[1]]></value></entry>
a comment in the value | <entry>{key}<value>1<!-- -->0</value></entry>
a comment before the value | <entry>{key}<!-- x --><value>0</value></entry>
an instruction in the value | <entry>{key}<value><?x y?>0</value></entry>
a letter of the key escaped | <entry><key>&#65;ccountAccessKeysPresent</key><value>0</value></entry>
the value escaped | <entry>{key}<value>&#48;</value></entry>
an element in the value | <entry>{key}<value>0<b/></value></entry>
text between the elements | <entry>{key}1<value>0</value></entry>
an unclosed value | <entry>{key}<value>0</entry>
an element closed by another | <entry>{key}<value>0</key></entry>
";
    const RESPONSES: &str = r#"
a document type | <!DOCTYPE x>{response}
a comment after the end | {response}<!-- x -->
text after the end | {response}x
text before the start | x{response}
an element after the end | {response}<x/>
a declaration after the end | {response}<?xml version="1.0"?>
"#;
    let wire = Wire::without_retries(account()).await;
    let response = response();
    let entry = format!("<entry>{KEY}<value>0</value></entry>");
    assert!(response.contains(&entry));
    for [_, written] in rows(ENTRIES) {
        let written = written.replace("{entry}", &entry).replace("{key}", KEY);
        body_rejected(&wire, &response.replace(&entry, &written)).await;
    }
    for [_, written] in rows(RESPONSES) {
        body_rejected(&wire, &written.replace("{response}", &response)).await;
    }
}
