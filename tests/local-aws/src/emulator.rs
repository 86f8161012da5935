//! The emulator as a test holds it: its ports, its state, its clock.

use std::{
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

/// IAM, Config, STS, Organizations and CloudFormation on loopback ports of their own; gone, with all connections, when dropped.
///
/// Its clock stands at [`default_time`] until [`set_time`](Self::set_time) or
/// [`run_clock`](Self::run_clock) moves it.
#[derive(Debug)]
pub struct LocalAws {
    world: World,
    iam: Server,
    config: Server,
    sts: Server,
    organizations: Server,
    cloudformation: Server,
    elsewhere: Server,
    tls: Option<Tls>,
}

/// How many connections were opened so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// TCP connections to IAM.
    pub iam: usize,
    /// TCP connections to Config.
    pub config: usize,
    /// TLS handshakes completed at either.
    pub handshakes: usize,
}

impl LocalAws {
    /// Starts on free ports, over plain HTTP.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::listen(None, 0).await
    }

    /// Starts on that port and the five after it, over plain HTTP; 0 stands for free ones.
    ///
    /// # Errors
    /// When one of them is in use or cannot be had.
    pub async fn start_at(port: u16) -> io::Result<Self> {
        Self::listen(None, port).await
    }

    /// Starts over TLS, with a certificate for 127.0.0.1 made for this run;
    /// [`ca_file`](Self::ca_file) is what clients must trust.
    ///
    /// # Errors
    /// When no port can be had, or the certificate cannot be made or written.
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
        let serve = async |offset, service| {
            let world = Arc::clone(&world);
            Server::listen(port(offset), acceptor(), move |call| {
                dispatch::answer(Arc::clone(&world), service, call)
            })
            .await
        };
        let iam = serve(0, Service::Iam).await?;
        let config = serve(1, Service::Config).await?;
        let sts = serve(2, Service::Sts).await?;
        let organizations = serve(3, Service::Organizations).await?;
        let cloudformation = serve(4, Service::CloudFormation).await?;
        let refuse = async |call| Some(other_services::answer(&call));
        let elsewhere = Server::listen(port(5), acceptor(), refuse).await?;
        Ok(Self {
            world,
            iam,
            config,
            sts,
            organizations,
            cloudformation,
            elsewhere,
            tls,
        })
    }

    /// Answers a request to that service without a socket; `None` stands for a connection that is
    /// reset. For a test that pauses tokio's time, which real sockets do not know.
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

    /// For `AWS_ENDPOINT_URL_IAM`.
    #[must_use]
    pub fn iam_url(&self) -> String {
        self.url(&self.iam)
    }

    /// For `AWS_ENDPOINT_URL_CONFIG_SERVICE`.
    #[must_use]
    pub fn config_url(&self) -> String {
        self.url(&self.config)
    }

    /// For `AWS_ENDPOINT_URL_STS`.
    #[must_use]
    pub fn sts_url(&self) -> String {
        self.url(&self.sts)
    }

    /// For `AWS_ENDPOINT_URL_ORGANIZATIONS`.
    #[must_use]
    pub fn organizations_url(&self) -> String {
        self.url(&self.organizations)
    }

    /// For `AWS_ENDPOINT_URL_CLOUDFORMATION`.
    #[must_use]
    pub fn cloudformation_url(&self) -> String {
        self.url(&self.cloudformation)
    }

    /// For `AWS_ENDPOINT_URL`: every other service, which only refuses.
    #[must_use]
    pub fn other_services_url(&self) -> String {
        self.url(&self.elsewhere)
    }

    /// The certificate authority's PEM file, for `SSL_CERT_FILE`; over TLS only.
    #[must_use]
    pub fn ca_file(&self) -> Option<&Path> {
        self.tls.as_ref().map(|tls| tls.ca_file.path())
    }

    fn url(&self, server: &Server) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", server.address)
    }

    /// Makes the account with its ConfigRule [`RULE_NAME`], or changes what
    /// IAM knows of it; the credentials are what signs for it.
    #[allow(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn put_account(&self, account: Account) -> Credentials {
        let credentials = account.credentials();
        lock(&self.world).put_account(account);
        credentials
    }

    /// Makes or changes the organization that the accounts belong to; without
    /// it each stands alone.
    pub fn put_organization(&self, organization: Organization) {
        lock(&self.world).organization = Some(organization);
    }

    /// Lets no page of accounts, stack instances, pack statuses or aggregated
    /// results hold more than that; AWS may always give fewer than are asked for.
    pub fn put_page_size(&self, most: usize) {
        lock(&self.world).page = most;
    }

    /// Adds a ConfigRule to its account, or changes the one of that name.
    ///
    /// # Panics
    /// When there is no such account, as all that name one do: a mistyped
    /// account must not let a test pass.
    pub fn put_rule(&self, rule: ConfigRule) {
        let now = self.now();
        self.held(&rule.account.clone(), |held| held.put_rule(rule, now));
    }

    /// Deletes a ConfigRule; its tokens are then answered with `NoSuchConfigRuleException`.
    pub fn delete_rule(&self, account: &str, name: &str) {
        self.held(account, |held| held.rules.retain(|rule| rule.name != name));
    }

    /// Lets AWS Config hold that evaluation of the account by that rule, as if
    /// the rule's function had reported it then; the latest one counts.
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

    /// Makes `StartConfigRulesEvaluation` send the account's rules to that
    /// function, those too that a StackSet brings later.
    pub fn connect_function(&self, account: &str, function: &RuntimeApi) {
        self.held(account, |held| {
            held.function = Some(function.clone());
            for rule in &mut held.rules {
                rule.function = Some(function.clone());
            }
        });
    }

    /// The event Config would send now for the account's rule [`RULE_NAME`], with a new result token.
    #[must_use]
    pub fn event(&self, account: &str) -> Value {
        self.event_of(account, RULE_NAME)
    }

    /// The event Config would send now for that rule of the account, with a new result token.
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

    /// Makes Config take this token, of somebody else's making, for one of that rule's.
    pub fn accept_token(&self, account: &str, rule: &str, token: &str) {
        self.held(account, |_| ());
        lock(&self.world).accept_token(account, rule, token);
    }

    /// The account's next request of that kind goes wrong; faults queue up.
    pub fn fault(&self, account: &str, operation: Operation, fault: Fault) {
        self.held(account, |held| held.faults.once(operation, fault));
    }

    /// Every request of that kind goes wrong, unless a queued fault comes first.
    pub fn fault_always(&self, account: &str, operation: Operation, fault: Fault) {
        self.held(account, |held| held.faults.always(operation, fault));
    }

    /// The account's requests go well again.
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

    /// Every request so far, in order, of all accounts and of none.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.world).requests.clone()
    }

    /// The evaluations Config accepted for the account, in order; test mode leaves none.
    #[must_use]
    pub fn evaluations(&self, account: &str) -> Vec<Evaluation> {
        self.held(account, |held| held.evaluations.clone())
    }

    /// Forgets the requests and evaluations so far, and every result token: what a run of many
    /// hours must not gather.
    pub fn forget(&self) {
        lock(&self.world).forget();
    }

    /// The connections opened so far.
    #[must_use]
    pub fn connections(&self) -> Connections {
        let (iam, config) = (&self.iam.counts, &self.config.counts);
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

    /// Lets the clock run with the machine's.
    pub fn run_clock(&self) {
        lock(&self.world).stopped_at = None;
    }
}
