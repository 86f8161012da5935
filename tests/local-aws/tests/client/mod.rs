//! A client that speaks bytes, as a test of the wire must not trust a library's reading of it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses some of it"
)]

use local_aws::{Credentials, LocalAws, RuntimeApi};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What came back before the connection ended, and how it ended.
pub struct Heard {
    pub text: String,
    pub reset: bool,
}

impl Heard {
    pub fn status(&self) -> u16 {
        self.text.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub fn head(&self) -> &str {
        self.text.split("\r\n\r\n").next().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head().lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub fn body(&self) -> &str {
        self.text
            .split_once("\r\n\r\n")
            .map_or("", |(_, body)| body)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(self.body()).unwrap()
    }

    /// What stands between the first opening and closing tag of that name.
    pub fn element(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body().split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
    }

    /// The error code, in either protocol.
    pub fn code(&self) -> String {
        match self.element("Code") {
            Some(code) => code.to_owned(),
            None => self.json()["__type"].as_str().unwrap().to_owned(),
        }
    }
}

pub async fn iam(aws: &LocalAws, credentials: &Credentials, action: &str) -> Heard {
    let body = format!("Action={action}&Version=2010-05-08");
    post(&aws.iam_url(), Some((credentials, "iam")), &[], &body).await
}

pub async fn config(
    aws: &LocalAws,
    credentials: &Credentials,
    target: &str,
    body: &Value,
) -> Heard {
    let target = format!("x-amz-target: StarlingDoveService.{target}");
    post(
        &aws.config_url(),
        Some((credentials, "config")),
        &[&target],
        &body.to_string(),
    )
    .await
}

/// One request to the Runtime API, as a function's runtime sends it.
pub async fn runtime(
    runtime: &RuntimeApi,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &str,
) -> Heard {
    let line = format!("{method} /2018-06-01/runtime/{path} HTTP/1.1");
    let address = runtime.address();
    let heard = send(&address, &line, headers, body);
    // An event that never comes is to fail a test, not to hang it.
    let patience = std::time::Duration::from_mins(1);
    tokio::time::timeout(patience, heard).await.unwrap()
}

/// One signed or unsigned request to a service.
pub async fn post(
    url: &str,
    signer: Option<(&Credentials, &str)>,
    headers: &[&str],
    body: &str,
) -> Heard {
    let mut headers: Vec<_> = headers.iter().map(ToString::to_string).collect();
    if let Some((credentials, service)) = signer {
        headers.push(format!(
            "authorization: AWS4-HMAC-SHA256 Credential={}/20260301/us-east-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=0",
            credentials.access_key_id
        ));
        headers.push(format!(
            "x-amz-security-token: {}",
            credentials.session_token
        ));
    }
    let headers: Vec<_> = headers.iter().map(String::as_str).collect();
    send(
        url.strip_prefix("http://").unwrap(),
        "POST / HTTP/1.1",
        &headers,
        body,
    )
    .await
}

/// One request on a connection of its own, read to the connection's end.
async fn send(address: &str, line: &str, headers: &[&str], body: &str) -> Heard {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = format!("content-length: {}", body.len());
    let head = [&[line, "host: x", "connection: close", &length], headers].concat();
    let request = format!("{}\r\n\r\n{body}", head.join("\r\n"));
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).await;
    let reset = end.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset);
    Heard {
        text: String::from_utf8(bytes).unwrap(),
        reset,
    }
}
