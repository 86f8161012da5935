//! The way to the local AWS emulator without sockets, so that time can be paused: every
//! request to CloudFormation that reached it, and where the function dies.

use std::collections::{BTreeMap, HashMap};
use std::future::{Pending, pending};
use std::sync::{Arc, Mutex};

use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::time::{SharedTimeSource, StaticTimeSource};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use local_aws::{Account, LocalAws, Service};
use root_access_key_rule::aws::sdk_config::with_limits;
use tokio::sync::Notify;

use crate::fleet::MANAGEMENT;

const SERVICES: [(&str, Service); 6] = [
    ("IAM", Service::Iam),
    ("STS", Service::Sts),
    ("Organizations", Service::Organizations),
    ("CloudFormation", Service::CloudFormation),
    ("Config Service", Service::Config),
    ("S3", Service::S3),
];

/// One request to CloudFormation that AWS processed.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its parameters, with the action among them.
    pub parameters: BTreeMap<String, String>,
    /// Whether the function had died before in this run.
    pub after_a_crash: bool,
}

impl Sent {
    fn new(body: &[u8], after_a_crash: bool) -> Self {
        let text = String::from_utf8_lossy(body);
        let pairs = text.split('&').filter_map(|it| it.split_once('='));
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            parameters: pairs.map(owned).collect(),
            after_a_crash,
        }
    }

    pub fn is(&self, action: &str) -> bool {
        self.parameters.get("Action").is_some_and(|it| it == action)
    }

    /// The members of a list.
    pub fn list(&self, name: &str) -> Vec<String> {
        let prefix = format!("{name}.member.");
        let members = self.parameters.iter();
        let members = members.filter(|(it, _)| it.starts_with(&prefix));
        members.map(|(_, value)| value.clone()).collect()
    }
}

/// The way to AWS.
#[derive(Debug, Clone)]
pub struct Wire {
    pub aws: Arc<LocalAws>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<Sent>,
    /// Requests of this run.
    number: usize,
    crashes: Vec<(usize, bool)>,
    has_died: bool,
    dies: Arc<Notify>,
}

impl Wire {
    pub fn new(aws: LocalAws) -> Self {
        Self {
            aws: Arc::new(aws),
            state: Arc::default(),
        }
    }

    /// Begins a run: its requests are counted from 1.
    pub fn begin(&self, crashes: &[(usize, bool)]) {
        let mut state = self.state.lock().unwrap();
        state.number = 0;
        state.crashes = crashes.to_vec();
        state.has_died = false;
        state.dies = Arc::default();
    }

    /// Whether the function has died in this run.
    pub fn has_died(&self) -> bool {
        self.state.lock().unwrap().has_died
    }

    /// Is notified when the function dies.
    pub fn dies(&self) -> Arc<Notify> {
        self.state.lock().unwrap().dies.clone()
    }

    /// What reached CloudFormation since the last call.
    pub fn take_sent(&self) -> Vec<Sent> {
        std::mem::take(&mut self.state.lock().unwrap().sent)
    }

    /// The configuration of a new process of the function.
    pub fn sdk(&self) -> SdkConfig {
        let keys = Account::new(MANAGEMENT).credentials();
        let credentials = aws_credential_types::Credentials::new(
            keys.access_key_id,
            keys.secret_access_key,
            Some(keys.session_token),
            None,
            "test",
        );
        let connector = SharedHttpConnector::new(self.clone());
        let time = SharedTimeSource::new(StaticTimeSource::new(self.aws.now().into()));
        let url = |(number, (id, _)): (usize, &(&'static str, Service))| {
            (*id, format!("http://127.0.0.1:{}", number + 1))
        };
        let urls = SERVICES.iter().enumerate().map(url);
        with_limits(SdkConfig::builder())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .service_config(Endpoints(urls.collect()))
            .time_source(time)
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build()
    }

    /// Where the function dies at this request, if it does: `Some(true)` after it.
    fn crash(&self) -> Option<bool> {
        let mut state = self.state.lock().unwrap();
        state.number += 1;
        let number = state.number;
        let mut crashes = state.crashes.iter();
        let found = crashes.find(|(at, _)| *at == number);
        found.map(|(_, after)| *after)
    }

    /// The function dies: whoever waits for this response never gets it.
    fn die(&self) -> Pending<Result<HttpResponse, ConnectorError>> {
        self.state.lock().unwrap().has_died = true;
        self.dies().notify_one();
        pending()
    }

    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let crash = self.crash();
        if crash == Some(false) {
            return self.die().await;
        }
        let place = request
            .uri()
            .split('/')
            .nth(2)
            .unwrap_or_default()
            .to_owned();
        let number: usize = place.rsplit(':').next().unwrap().parse().unwrap();
        let (_, service) = SERVICES[number - 1];
        let request = request.try_into_http1x().unwrap();
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let request = request.map(|_| body.clone().into());
        let answered = self.aws.answer(service, request).await;
        if service == Service::CloudFormation {
            let mut state = self.state.lock().unwrap();
            let sent = Sent::new(&body, state.has_died);
            state.sent.push(sent);
        }
        if crash == Some(true) {
            return self.die().await;
        }
        let lost = || ConnectorError::io("the connection was reset".into());
        let mut response = answered.ok_or_else(lost)?;
        // What a server adds on its way to a socket.
        let length = response.body().len();
        let headers = response.headers_mut();
        headers.entry("content-length").or_insert(length.into());
        let response = response.map(|body| SdkBody::from(body.to_vec()));
        Ok(HttpResponse::try_from(response).unwrap())
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.clone();
        HttpConnectorFuture::new(async move { wire.answer(request).await })
    }
}

/// The emulated endpoints by the IDs of the services.
#[derive(Debug)]
struct Endpoints(HashMap<&'static str, String>);

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        self.0.get(key.service_id()).cloned()
    }
}
