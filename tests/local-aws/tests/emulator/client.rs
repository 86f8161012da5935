//! A client that sends and reads bytes, because a test of the wire must not trust a library's reading of it.

use std::{ops::Deref, sync::Arc};

use local_aws::{Account, Credentials, LocalAws, Operation, RuntimeApi, Service};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub const MANAGEMENT: &str = "999999999999";
pub const ACCOUNT: &str = "111122223333";

/// What arrived before the connection ended, and how it ended.
pub struct ClientResponse {
    pub text: String,
    pub reset: bool,
}

impl ClientResponse {
    pub fn status(&self) -> u16 {
        self.text.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next().unwrap();
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let line = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
        line.map(|(_, value)| value)
    }

    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").unwrap_or_default().1
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(self.body()).expect(&self.text)
    }

    /// The text between the first opening and closing tag of that name.
    pub fn element(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body().split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
    }

    /// The status, and the error code in either protocol, for example `403 AccessDenied`.
    pub fn error(&self) -> String {
        let code = match self.element("Code") {
            Some(code) => code.to_owned(),
            None => self.json()["__type"]
                .as_str()
                .unwrap_or("no error")
                .to_owned(),
        };
        format!("{} {code}", self.status())
    }
}

/// Somebody who sends requests to the emulator.
#[derive(Clone)]
pub struct Caller {
    aws: Arc<LocalAws>,
    pub credentials: Credentials,
}

impl Deref for Caller {
    type Target = LocalAws;

    fn deref(&self) -> &LocalAws {
        &self.aws
    }
}

impl Caller {
    /// A role of the only account of a new emulator.
    pub async fn start(account: Account) -> Self {
        let aws = Arc::new(LocalAws::start().await.unwrap());
        let credentials = aws.put_account(account);
        Self { aws, credentials }
    }

    /// Another caller of the same emulator.
    pub fn with(&self, credentials: Credentials) -> Self {
        let aws = Arc::clone(&self.aws);
        Self { aws, credentials }
    }

    /// A role of that account.
    pub fn of(&self, account: &str) -> Self {
        self.with(Account::new(account).credentials())
    }

    /// The account's root user with its first key, which has no session token.
    pub fn root_user(&self, account: &str) -> Self {
        self.with(Credentials {
            access_key_id: Account::new(account).root_key_id(0),
            secret_access_key: String::new(),
            session_token: String::new(),
        })
    }

    /// One signed request.
    pub async fn call(&self, operation: Operation, parameters: Value) -> ClientResponse {
        let service = operation.service();
        self.post(service, Some(service), &operation.to_string(), parameters)
            .await
    }

    /// `ok`, or the error.
    pub async fn result(&self, operation: Operation, parameters: Value) -> String {
        let response = self.call(operation, parameters).await;
        if response.status() == 200 {
            "ok".to_owned()
        } else {
            response.error()
        }
    }

    /// All items of all pages, and how many each page has.
    pub async fn pages(
        &self,
        operation: Operation,
        mut request: Value,
        member: &str,
    ) -> (Vec<Value>, Vec<usize>) {
        let (mut items, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let page = self.call(operation, request.clone()).await.json();
            let found = page[member].as_array().unwrap();
            items.extend(found.iter().cloned());
            sizes.push(found.len());
            match page.get("NextToken") {
                Some(token) => request["NextToken"] = token.clone(),
                None => return (items, sizes),
            }
        }
    }

    /// A session of the account's root user with that task policy.
    pub async fn root_session(&self, policy: &str) -> Self {
        let response = self.assume_root(ACCOUNT, policy).await;
        let element = |name| response.element(name).expect(&response.text).to_owned();
        self.with(Credentials {
            access_key_id: element("AccessKeyId"),
            secret_access_key: element("SecretAccessKey"),
            session_token: element("SessionToken"),
        })
    }

    pub async fn assume_root(&self, target: &str, policy: &str) -> ClientResponse {
        let parameters = json!({ "TargetPrincipal": target, "TaskPolicyArn.arn": policy });
        self.call(Operation::AssumeRoot, parameters).await
    }

    /// One signed request to Amazon S3, for example `GET /bucket/key`.
    pub async fn s3(&self, line: &str, headers: &[&str], body: &str) -> ClientResponse {
        let token = format!("x-amz-security-token: {}", self.credentials.session_token);
        let signature = authorization(&self.credentials, Service::S3);
        let headers = [&[&*token, &*signature], headers].concat();
        let url = self.url(Service::S3);
        let line = format!("{line} HTTP/1.1");
        send(url.strip_prefix("http://").unwrap(), &line, &headers, body).await
    }

    /// One request for any operation, signed for any service or not at all. The members of the
    /// parameters are the fields of a form or the JSON body.
    pub async fn post(
        &self,
        service: Service,
        signed_for: Option<Service>,
        operation: &str,
        parameters: Value,
    ) -> ClientResponse {
        let form = |version: &str| {
            let fields = parameters.as_object().unwrap().iter();
            let fields = fields.map(|(name, value)| format!("&{name}={}", value.as_str().unwrap()));
            let fields: String = fields.collect();
            (
                None,
                format!("Action={operation}&Version={version}{fields}"),
            )
        };
        let json = |prefix: &str| {
            let target = format!("x-amz-target: {prefix}.{operation}");
            (Some(target), parameters.to_string())
        };
        let (target, body) = match service {
            Service::Iam => form("2010-05-08"),
            Service::Sts => form("2011-06-15"),
            Service::CloudFormation => form("2010-05-15"),
            Service::Organizations => json("AWSOrganizationsV20161128"),
            Service::Config => json("StarlingDoveService"),
            Service::S3 => panic!("a request to Amazon S3 is sent by `s3`"),
        };
        let token = &self.credentials.session_token;
        let token = signed_for
            .filter(|_| !token.is_empty())
            .map(|_| format!("x-amz-security-token: {token}"));
        let signature = signed_for.map(|it| authorization(&self.credentials, it));
        let headers = [target, signature, token].map(Option::unwrap_or_default);
        let headers: Vec<_> = headers
            .iter()
            .map(String::as_str)
            .filter(|it| !it.is_empty())
            .collect();
        let url = self.url(service);
        send(
            url.strip_prefix("http://").unwrap(),
            "POST / HTTP/1.1",
            &headers,
            &body,
        )
        .await
    }
}

/// The header of a signature in `us-east-1`.
pub fn authorization(by: &Credentials, service: Service) -> String {
    let scope = format!("20260301/us-east-1/{}/aws4_request", service.signing_name());
    let key = &by.access_key_id;
    format!(
        "authorization: AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders=host, Signature=0"
    )
}

/// One request to the Runtime API, as a function's runtime sends it.
pub async fn runtime(
    runtime: &RuntimeApi,
    line: &str,
    headers: &[&str],
    body: &str,
) -> ClientResponse {
    let (method, path) = line.split_once(' ').unwrap();
    let line = format!("{method} /2018-06-01/runtime/{path} HTTP/1.1");
    let address = runtime.address();
    let response = send(&address, &line, headers, body);
    // If an event never arrives, the test fails instead of hanging.
    let longest = std::time::Duration::from_mins(1);
    tokio::time::timeout(longest, response).await.unwrap()
}

/// One request on a connection of its own, read to the connection's end.
async fn send(address: &str, line: &str, headers: &[&str], body: &str) -> ClientResponse {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = format!("content-length: {}", body.len());
    let head = [&[line, "host: x", "connection: close", &length], headers].concat();
    let request = format!("{}\r\n\r\n{body}", head.join("\r\n"));
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).await;
    let reset = end.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset);
    let text = String::from_utf8(bytes).unwrap();
    ClientResponse { text, reset }
}
