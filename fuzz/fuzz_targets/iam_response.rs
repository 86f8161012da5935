//! Any bytes as IAM's response to GetAccountSummary, through the SDK as the rule uses
//! it: an accepted response has, for a reader of tags and text alone, the same number
//! under the same key, once.

#![no_main]

use std::cell::RefCell;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_iam::Client;
use aws_sdk_iam::config::Region;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use libfuzzer_sys::fuzz_target;
use root_access_key_rule::aws::account_summary::read_account_summary;
use root_access_key_rule::aws::deadline::Deadline;
use root_access_key_rule::aws::failure::FailureClass;
use root_access_key_rule::aws::sdk_config;
use tokio::runtime::{Builder, Runtime};

/// Sends the same bytes in response to every request.
#[derive(Clone, Debug, Default)]
struct Canned(Arc<Mutex<Vec<u8>>>);

impl HttpConnector for Canned {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let body = self.0.lock().expect("no panic before").clone();
        let status = StatusCode::try_from(200).expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

struct Iam {
    runtime: Runtime,
    canned: Canned,
    client: Client,
}

thread_local! {
    static IAM: RefCell<Iam> = RefCell::new(iam());
}

fn iam() -> Iam {
    let canned = Canned::default();
    let connector = SharedHttpConnector::new(canned.clone());
    let credentials = Credentials::new("AKIA", "secret", None, None, "fuzz");
    let sdk = sdk_config::with_limits(SdkConfig::builder())
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .retry_config(RetryConfig::disabled())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    Iam {
        runtime: Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime"),
        canned,
        client: Client::new(&sdk),
    }
}

fuzz_target!(|body: &[u8]| {
    let deadline = Deadline::before(SystemTime::now() + Duration::from_secs(30));
    let outcome = IAM.with_borrow(|iam| {
        *iam.canned.0.lock().expect("no panic before") = body.to_vec();
        iam.runtime
            .block_on(read_account_summary(&iam.client, deadline))
    });
    match outcome {
        Ok((summary, _)) => {
            let text = std::str::from_utf8(body).expect("UTF-8");
            assert!(text.trim_end().ends_with('>'), "incomplete");
            let numbers = values(text, "AccountAccessKeysPresent");
            assert_eq!(numbers, [summary.access_keys_present.to_string()], "{text}");
            let password = values(text, "AccountPasswordPresent");
            assert!(password.len() <= 1, "{text}");
            let no_password = password.first().is_some_and(|number| number == "0");
            assert_eq!(summary.no_password, no_password, "{text}");
        }
        Err(failure) => {
            assert_eq!(failure.class, FailureClass::MalformedResponse);
            assert!(failure.cause.is_ascii(), "{failure:?}");
            assert!(failure.cause.len() < 200, "{failure:?}");
        }
    }
});

/// The texts of the elements that follow an element with the text `key`, as
/// plain decimal numbers.
fn values(text: &str, key: &str) -> Vec<String> {
    let texts = texts(text);
    let pairs = texts.windows(2).filter(|pair| pair[0] == key);
    pairs
        .map(|pair| {
            pair[1]
                .parse::<i64>()
                .map_or(pair[1].clone(), |number| number.to_string())
        })
        .collect()
}

/// Every text between tags that is not blank, in order.
fn texts(text: &str) -> Vec<String> {
    let mut texts = vec![String::new()];
    let (mut in_tag, mut quote) = (false, None);
    for c in text.chars() {
        match (in_tag, quote, c) {
            (true, Some(open), c) if c == open => quote = None,
            (true, None, '"' | '\'') => quote = Some(c),
            (true, None, '>') => in_tag = false,
            (true, ..) => {}
            (false, _, '<') => {
                in_tag = true;
                texts.push(String::new());
            }
            (false, _, c) => texts.last_mut().expect("one").push(c),
        }
    }
    texts
        .iter()
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect()
}
