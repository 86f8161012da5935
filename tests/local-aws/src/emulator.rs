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

use crate::{
    dispatch,
    protocol::{
        operation::Service,
        other_services,
        request::Request,
        server::{Call, Server},
        tls::Tls,
    },
    state::world::{World, lock},
};

/// IAM, AWS Config, STS, Organizations, CloudFormation and Amazon S3, each on a loopback port of its own.
///
/// Dropping it closes the ports and all connections.
///
/// Its clock stands at [`default_time`](crate::default_time) until [`set_time`](Self::set_time) or
/// [`run_clock`](Self::run_clock) moves it.
#[derive(Debug)]
pub struct LocalAws {
    pub(crate) world: World,
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

    /// Starts on that port and the next six, over plain HTTP; 0 means free ports.
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
        let other_services = Server::listen(port(6), acceptor(), reject).await?;
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
    pub fn endpoints(&self) -> [(&'static str, String); 7] {
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
            ("AWS_ENDPOINT_URL_S3", self.url(Service::S3)),
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

    /// Every request so far, in order, of all accounts and of unknown signers.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.world).requests.clone()
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
