//! The emulator as tests and commands use it: its ports, its state, its clock.

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use chrono::{DateTime, Utc};
use http_body_util::BodyExt;
use hyper::body::Bytes;
use serde_json::Value;

use crate::{
    dispatch,
    lambda::runtime_api::RuntimeApi,
    protocol::{
        fault::Fault,
        operation::{Operation, Service},
        other_services,
        request::Request,
        server::{Call, Server},
        tls::Tls,
    },
    state::{
        account::{Account, Credentials},
        evaluation::Evaluation,
        organization::Organization,
        rule::{ConfigRule, RULE_NAME, scheduled_event},
        world::{Held, World, lock},
    },
};

/// IAM, AWS Config, STS, Organizations and CloudFormation, each on a loopback port of its own.
///
/// Dropping it closes the ports and all connections.
///
/// Its clock stands at [`default_time`] until [`set_time`](Self::set_time) or
/// [`run_clock`](Self::run_clock) moves it.
#[derive(Debug)]
pub struct LocalAws {
    world: World,
    services: BTreeMap<Service, Server>,
    other_services: Server,
    tls: Option<Tls>,
}

/// How many connections have been opened so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// TCP connections to IAM.
    pub iam: usize,
    /// TCP connections to AWS Config.
    pub config: usize,
    /// TLS handshakes completed at either.
    pub handshakes: usize,
}

impl LocalAws {
    /// Starts on free ports, over plain HTTP.
    ///
    /// # Errors
    /// No port is available.
    pub async fn start() -> io::Result<Self> {
        Self::listen(None, 0).await
    }

    /// Starts on that port and the next five, over plain HTTP; 0 means free ports.
    ///
    /// # Errors
    /// One of them is in use or not available.
    pub async fn start_at(port: u16) -> io::Result<Self> {
        Self::listen(None, port).await
    }

    /// Starts over TLS, with a new certificate for 127.0.0.1. Clients must trust
    /// [`ca_file`](Self::ca_file).
    ///
    /// # Errors
    /// No port is available, or the certificate cannot be made or written.
    pub async fn start_tls() -> io::Result<Self> {
        Self::listen(Some(Tls::new()?), 0).await
    }

    async fn listen(tls: Option<Tls>, first_port: u16) -> io::Result<Self> {
        let world = World::default();
        let port = |offset: u16| match first_port {
            0 => 0,
            first => first.saturating_add(offset),
        };
        let acceptor = || tls.as_ref().map(Tls::acceptor);
        let mut services = BTreeMap::new();
        for (offset, service) in (0..).zip(Service::ALL) {
            let world = Arc::clone(&world);
            let handle = move |call| dispatch::answer(Arc::clone(&world), service, call);
            let server = Server::listen(port(offset), acceptor(), handle).await?;
            services.insert(service, server);
        }
        let reject = async |call| Some(other_services::answer(&call));
        let other_services = Server::listen(port(5), acceptor(), reject).await?;
        Ok(Self {
            world,
            services,
            other_services,
            tls,
        })
    }

    /// Answers a request to that service without a socket; `None` means that the connection is
    /// reset. For tests that pause tokio's time, which has no effect on real sockets.
    pub async fn answer(
        &self,
        service: Service,
        request: hyper::Request<Bytes>,
    ) -> Option<hyper::Response<Bytes>> {
        let (parts, body) = request.into_parts();
        let call = Call {
            parts,
            body,
            connection: 0,
        };
        let response = dispatch::answer(Arc::clone(&self.world), service, call).await?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.ok()?.to_bytes();
        Some(hyper::Response::from_parts(parts, bytes))
    }

    /// The endpoints by the environment variables that name them. `AWS_ENDPOINT_URL` is for every
    /// other service: each request there is rejected.
    #[must_use]
    pub fn endpoints(&self) -> [(&'static str, String); 6] {
        [
            ("AWS_ENDPOINT_URL_IAM", self.url(Service::Iam)),
            ("AWS_ENDPOINT_URL_CONFIG_SERVICE", self.url(Service::Config)),
            ("AWS_ENDPOINT_URL_STS", self.url(Service::Sts)),
            (
                "AWS_ENDPOINT_URL_ORGANIZATIONS",
                self.url(Service::Organizations),
            ),
            (
                "AWS_ENDPOINT_URL_CLOUDFORMATION",
                self.url(Service::CloudFormation),
            ),
            ("AWS_ENDPOINT_URL", self.url_of(&self.other_services)),
        ]
    }

    /// The endpoint of that service.
    #[must_use]
    pub fn url(&self, service: Service) -> String {
        self.url_of(&self.services[&service])
    }

    /// The certificate authority's PEM file, for `SSL_CERT_FILE`; over TLS only.
    #[must_use]
    pub fn ca_file(&self) -> Option<&Path> {
        self.tls.as_ref().map(|tls| tls.ca_file.path())
    }

    fn url_of(&self, server: &Server) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", server.address)
    }

    /// Creates the account with its ConfigRule [`RULE_NAME`], or replaces what IAM knows of an
    /// existing one. Returns the credentials that sign for it.
    #[allow(clippy::must_use_candidate, reason = "it is called for its effect")]
    pub fn put_account(&self, account: Account) -> Credentials {
        let credentials = account.credentials();
        lock(&self.world).put_account(account);
        credentials
    }

    /// Creates or replaces the organization that the accounts belong to; without one, each account
    /// is on its own.
    pub fn put_organization(&self, organization: Organization) {
        lock(&self.world).organization = Some(organization);
    }

    /// Limits pages of accounts, policies, stack instances, pack statuses and aggregated results.
    /// AWS may always return fewer items than requested.
    pub fn put_page_size(&self, most: usize) {
        lock(&self.world).page = most;
    }

    /// Adds a ConfigRule to its account, or replaces the one of that name.
    ///
    /// # Panics
    /// There is no such account. Every method that names an account panics then, so that a
    /// mistyped account does not let a test pass.
    pub fn put_rule(&self, rule: ConfigRule) {
        let now = self.now();
        self.held(&rule.account.clone(), |held| held.put_rule(rule, now));
    }

    /// Deletes a ConfigRule; for its tokens, AWS Config then responds `NoSuchConfigRuleException`.
    pub fn delete_rule(&self, account: &str, name: &str) {
        self.held(account, |held| held.rules.retain(|rule| rule.name != name));
    }

    /// Stores an evaluation of the account by that rule, as if the rule's function had reported it
    /// at that time; the latest one counts.
    pub fn put_evaluation(
        &self,
        account: &str,
        rule: &str,
        (compliance_type, annotation): (&str, &str),
        at: DateTime<Utc>,
    ) {
        self.held(account, |held| {
            held.evaluations.push(Evaluation {
                rule: rule.to_owned(),
                resource_type: "AWS::::Account".to_owned(),
                resource_id: account.to_owned(),
                compliance_type: compliance_type.to_owned(),
                annotation: Some(annotation.to_owned()),
                ordering_timestamp: at,
                invoked_at: at,
                recorded_at: at,
            });
        });
    }

    /// Connects the account's rules to that function, including rules that a StackSet creates
    /// later: `StartConfigRulesEvaluation` sends their events to it.
    pub fn connect_function(&self, account: &str, function: &RuntimeApi) {
        self.held(account, |held| {
            held.function = Some(function.clone());
            for rule in &mut held.rules {
                rule.function = Some(function.clone());
            }
        });
    }

    /// The event that AWS Config would send now for the account's rule [`RULE_NAME`], with a new result token.
    #[must_use]
    pub fn event(&self, account: &str) -> Value {
        self.event_of(account, RULE_NAME)
    }

    /// The event that AWS Config would send now for that rule of the account, with a new result token.
    #[must_use]
    pub fn event_of(&self, account: &str, rule: &str) -> Value {
        let token = self.issue_token(account, rule);
        let rule = self.held(account, |held| held.rule(rule));
        scheduled_event(&rule, &token, self.now())
    }

    /// A new result token of that rule, valid for the account's own credentials only.
    #[must_use]
    pub fn issue_token(&self, account: &str, rule: &str) -> String {
        self.held(account, |_| ());
        lock(&self.world).issue_token(account, rule)
    }

    /// Makes AWS Config accept this token, which was made elsewhere, as one of that rule.
    pub fn accept_token(&self, account: &str, rule: &str, token: &str) {
        self.held(account, |_| ());
        lock(&self.world).accept_token(account, rule, token);
    }

    /// Injects a fault into the account's next request of that kind; several faults queue up.
    pub fn fault(&self, account: &str, operation: Operation, fault: Fault) {
        self.held(account, |held| held.faults.once(operation, fault));
    }

    /// Injects a fault into every request of that kind; queued faults come first.
    pub fn fault_always(&self, account: &str, operation: Operation, fault: Fault) {
        self.held(account, |held| held.faults.always(operation, fault));
    }

    /// Removes all faults of the account.
    pub fn clear_faults(&self, account: &str) {
        self.held(account, |held| held.faults.clear());
    }

    #[allow(clippy::panic, reason = "a mistyped account must not let a test pass")]
    fn held<T>(&self, account: &str, change: impl FnOnce(&mut Held) -> T) -> T {
        match lock(&self.world).accounts.get_mut(account) {
            Some(held) => change(held),
            None => panic!("there is no account {account} in the emulator: put it first"),
        }
    }

    /// Every request so far, in order, of all accounts and of unknown signers.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.world).requests.clone()
    }

    /// The evaluations that AWS Config accepted for the account, in order; those of test mode are not stored.
    #[must_use]
    pub fn evaluations(&self, account: &str) -> Vec<Evaluation> {
        self.held(account, |held| held.evaluations.clone())
    }

    /// Forgets the requests, evaluations and result tokens so far, so that a run of many hours
    /// does not accumulate them.
    pub fn forget(&self) {
        lock(&self.world).forget();
    }

    /// The connections opened so far.
    #[must_use]
    pub fn connections(&self) -> Connections {
        let [iam, config] = [Service::Iam, Service::Config].map(|it| &self.services[&it].counts);
        Connections {
            iam: iam.accepted.load(Ordering::SeqCst),
            config: config.accepted.load(Ordering::SeqCst),
            handshakes: iam.handshakes.load(Ordering::SeqCst)
                + config.handshakes.load(Ordering::SeqCst),
        }
    }

    /// The emulator's time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        lock(&self.world).now()
    }

    /// Stops the clock at that time.
    pub fn set_time(&self, time: DateTime<Utc>) {
        lock(&self.world).stopped_at = Some(time);
    }

    /// Lets the clock follow the machine's.
    pub fn run_clock(&self) {
        lock(&self.world).stopped_at = None;
    }
}
