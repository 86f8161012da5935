//! A response counts only if it is complete (docs/decisions.md). Each of these
//! changes was seen to turn a 1 into a 0 in a reader that is less careful.

use crate::wire::{ACCOUNT, Wire, account, account_with_key, fixture};
use local_aws::{Fault, Framing, Operation, summary_answer};

use Operation::{GetAccountSummary, GetCredentialReport, PutEvaluations};

const KEY: &str = "<key>AccountAccessKeysPresent</key>";

/// IAM's answer for an account without keys, without the space between elements.
fn answer() -> String {
    let answer = summary_answer(&account(), "7a62c49f-347e-4fc4-9331-0123456789ab");
    answer.lines().map(str::trim).collect()
}

/// Expects a run on `body` to fail and to report nothing.
async fn refused(wire: &Wire, body: &str, what: &str) {
    assert_ne!(body, answer(), "{what}");
    wire.aws.fault(ACCOUNT, GetAccountSummary, Fault::xml(body));
    let error = wire.evaluate().await.expect_err(what);
    assert_eq!(error.error_type(), "EvidenceUnavailable", "{what}: {error}");
    assert!(!wire.operations().contains(&PutEvaluations), "{what}");
}

#[tokio::test]
async fn a_complete_response_counts_at_the_first_attempt() {
    let wire = Wire::without_retries(account()).await;
    let spaced = answer().replace("><", ">\n  <") + "\n";
    let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", answer());
    let with_new_field = answer().replace(
        "</GetAccountSummaryResult>",
        "<Marker/></GetAccountSummaryResult>",
    );
    assert_ne!(with_new_field, answer());
    for whole in [
        answer(),
        spaced,
        declared,
        with_new_field,
        fixture("iam/whole/documented.txt"),
    ] {
        wire.aws
            .fault(ACCOUNT, GetAccountSummary, Fault::xml(whole.as_str()));
        wire.evaluate().await.expect(&whole);
    }
    assert_eq!(wire.aws.evaluations(ACCOUNT).len(), 5);
}

/// Cuts a real response at many bytes before the last of its closing root element:
/// at its ends, around the number, and in between. `src/aws/incomplete_response.rs`
/// is tested with each byte, without the wire.
async fn cut_in_many_places(framing: Framing) {
    let wire = Wire::without_retries(account()).await;
    // The emulator's request ids are of one length, so its answers are too.
    let whole = summary_answer(&account(), "7a62c49f-347e-4fc4-9331-0123456789ab")
        .trim_end()
        .len();
    let number = summary_answer(&account(), "").find(KEY).unwrap() + KEY.len();
    let places = (0..whole).filter(|byte| {
        byte % 41 == 0 || *byte + 3 >= whole || (number..number + 40).contains(byte)
    });
    for bytes in places {
        wire.aws
            .fault(ACCOUNT, GetAccountSummary, Fault::Cut { bytes, framing });
        let outcome = wire.evaluate().await;
        let error = outcome.expect_err(&format!("cut at byte {bytes} of {whole}"));
        assert_eq!(
            error.error_type(),
            "EvidenceUnavailable",
            "byte {bytes}: {error}"
        );
    }
    assert!(!wire.operations().contains(&PutEvaluations));
    wire.aws.fault(
        ACCOUNT,
        GetAccountSummary,
        Fault::Cut {
            bytes: whole,
            framing,
        },
    );
    wire.evaluate()
        .await
        .expect("the answer with its last byte counts");
}

#[tokio::test]
async fn a_truncated_response_with_a_matching_length_is_rejected() {
    cut_in_many_places(Framing::MatchingLength).await;
}

#[tokio::test]
async fn a_response_truncated_by_a_closed_connection_is_rejected() {
    cut_in_many_places(Framing::CloseDelimited).await;
}

#[tokio::test]
async fn a_response_shorter_than_its_content_length_is_rejected() {
    let wire = Wire::without_retries(account()).await;
    for bytes in (0..answer().len()).step_by(499) {
        let framing = Framing::PromisedLength;
        wire.aws
            .fault_always(ACCOUNT, GetAccountSummary, Fault::Cut { bytes, framing });
        let error = wire.evaluate().await.unwrap_err();
        assert_eq!(
            error.error_type(),
            "EvidenceUnavailable",
            "byte {bytes}: {error}"
        );
    }
    assert!(!wire.operations().contains(&PutEvaluations));
}

#[tokio::test]
async fn a_response_with_a_repeated_element_is_rejected() {
    let wire = Wire::without_retries(account()).await;
    let answer = answer();
    let elements = [
        "GetAccountSummaryResponse",
        "GetAccountSummaryResult",
        "SummaryMap",
        "ResponseMetadata",
        "RequestId",
    ];
    for name in elements {
        let start = answer.find(&format!("<{name}")).unwrap();
        let close = format!("</{name}>");
        let end = answer.find(&close).unwrap() + close.len();
        let element = &answer[start..end];
        let twice = answer.replace(element, &format!("{element}{element}"));
        refused(&wire, &twice, &format!("{name} twice")).await;
    }
    let entry = format!("<entry>{KEY}<value>0</value></entry>");
    assert!(answer.contains(&entry));
    for (what, twice) in [
        ("the entry", format!("{entry}{entry}")),
        (
            "the key",
            format!("<entry>{KEY}{KEY}<value>0</value></entry>"),
        ),
        (
            "the value",
            format!("<entry>{KEY}<value>1</value><value>0</value></entry>"),
        ),
        (
            "the key with spaces",
            format!("{entry}<entry><key> AccountAccessKeysPresent </key><value>0</value></entry>"),
        ),
        (
            "the value with a prefix",
            format!("<entry>{KEY}<value>1</value><x:value>0</x:value></entry>"),
        ),
        (
            "the entry with prefixes",
            format!(
                "<entry>{KEY}<value>1</value></entry><x:entry><x:key>AccountAccessKeysPresent</x:key><x:value>0</x:value></x:entry>"
            ),
        ),
    ] {
        refused(
            &wire,
            &answer.replace(&entry, &twice),
            &format!("{what} twice"),
        )
        .await;
    }
}

#[tokio::test]
async fn a_response_that_iam_would_not_write_is_rejected() {
    let wire = Wire::without_retries(account()).await;
    let answer = answer();
    let value = format!("{KEY}<value>0</value>");
    for (what, other) in [
        (
            "CDATA in the value",
            format!("{KEY}<value><![CDATA[0]]></value>"),
        ),
        (
            "CDATA after the value",
            format!("{KEY}<value>0<![CDATA[1]]></value>"),
        ),
        (
            "a comment in the value",
            format!("{KEY}<value>1<!-- -->0</value>"),
        ),
        (
            "a comment before the value",
            format!("{KEY}<!-- x --><value>0</value>"),
        ),
        (
            "an instruction in the value",
            format!("{KEY}<value><?x y?>0</value>"),
        ),
        (
            "a letter of the key escaped",
            value.replace("AccountAccess", "&#65;ccountAccess"),
        ),
        ("the value escaped", format!("{KEY}<value>&#48;</value>")),
        (
            "an element in the value",
            format!("{KEY}<value>0<b/></value>"),
        ),
        (
            "text between the elements",
            format!("{KEY}1<value>0</value>"),
        ),
        ("an unclosed value", format!("{KEY}<value>0")),
        (
            "an element closed by another",
            format!("{KEY}<value>0</key>"),
        ),
    ] {
        refused(&wire, &answer.replace(&value, &other), what).await;
    }
    for (what, other) in [
        ("a document type", format!("<!DOCTYPE x>{answer}")),
        ("a comment after the end", format!("{answer}<!-- x -->")),
        ("text after the end", format!("{answer}x")),
        ("text before the start", format!("x{answer}")),
        ("an element after the end", format!("{answer}<x/>")),
        (
            "a declaration after the end",
            format!("{answer}<?xml version=\"1.0\"?>"),
        ),
    ] {
        refused(&wire, &other, what).await;
    }
}

/// A report that is cut once, at any place, is read again.
#[tokio::test]
async fn a_credential_report_cut_anywhere_is_read_again() {
    let wire = Wire::to(account_with_key()).await;
    for bytes in (0..1600).step_by(400) {
        let framing = Framing::MatchingLength;
        wire.aws
            .fault(ACCOUNT, GetCredentialReport, Fault::Cut { bytes, framing });
        let evaluated = wire.evaluate().await.unwrap();
        assert_eq!(evaluated.compliance_type, "NON_COMPLIANT", "byte {bytes}");
        assert!(
            evaluated.annotation.contains("Key 1: active"),
            "byte {bytes}"
        );
    }
}

#[tokio::test]
async fn a_credential_report_that_is_always_cut_adds_no_words_and_takes_none() {
    let wire = Wire::to(account_with_key()).await;
    let framing = Framing::MatchingLength;
    wire.aws.fault_always(
        ACCOUNT,
        GetCredentialReport,
        Fault::Cut {
            bytes: 400,
            framing,
        },
    );
    let evaluated = wire.evaluate().await.unwrap();
    assert_eq!(evaluated.compliance_type, "NON_COMPLIANT");
    assert_eq!(
        evaluated.annotation,
        "The root user has access keys. No details: iam:GetCredentialReport failed (UnreadableAnswer)."
    );
}
