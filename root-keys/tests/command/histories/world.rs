//! The local AWS emulator without sockets, so that time can be paused: what goes wrong on
//! the way to it, what else happens meanwhile, and everything that was requested.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use local_aws::{Account, LocalAws, Operation, Service};
use tokio::sync::Notify;

use super::history::{End, Event, Run};
use crate::wire::{MANAGEMENT, days_before_now, sdk_config};

/// One request that reached AWS, and what was answered.
#[derive(Debug, Clone)]
pub struct Sent {
    pub operation: Operation,
    pub account: String,
    /// The parameter `AccessKeyId`, if it has one.
    pub key: String,
    /// The body, or nothing where the answer was lost.
    pub answer: String,
    /// Whether it removed a key.
    pub deleted: bool,
    /// How many bytes the journal had when it was sent.
    pub journal: usize,
}

/// AWS, and the way to it.
#[derive(Debug, Clone)]
pub struct World {
    pub aws: Arc<LocalAws>,
    /// The members as they were in the beginning.
    members: Arc<Vec<Account>>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    run: Run,
    /// Says that the end of this run has come.
    end: Arc<Notify>,
    /// Requests of this run.
    number: usize,
    sent: Vec<Sent>,
    /// The last answers about an account's keys, and how many more of them are served
    /// after a deletion.
    known: HashMap<(String, Operation, String), String>,
    stale: HashMap<String, u8>,
    journal: Vec<u8>,
}

impl World {
    pub async fn new(members: &[Account]) -> Self {
        let aws = LocalAws::start().await.unwrap();
        aws.run_clock();
        aws.put_account(Account::new(MANAGEMENT));
        let mut organization = local_aws::Organization::new(MANAGEMENT);
        for member in members {
            organization = organization.with_member(&member.id, "member");
            aws.put_account(member.clone());
        }
        aws.put_organization(organization);
        Self {
            aws: Arc::new(aws),
            members: Arc::new(members.to_vec()),
            state: Arc::default(),
        }
    }

    /// An SDK configuration that leads here.
    pub fn sdk(&self) -> SdkConfig {
        let keys = Account::new(MANAGEMENT).credentials();
        let connector = SharedHttpConnector::new(self.clone());
        let client = http_client_fn(move |_, _| connector.clone());
        sdk_config(keys).http_client(client).build()
    }

    /// Begins a run: its faults are ordered, and its requests are counted from 1.
    pub fn begin(&self, run: &Run) {
        for account in self.accounts() {
            self.aws.clear_faults(&account);
        }
        for (account, operation, fault) in &run.faults {
            self.aws.fault(account, *operation, fault.clone());
        }
        let mut state = self.state.lock().unwrap();
        state.run = run.clone();
        state.end = Arc::default();
        state.number = 0;
        state.stale.clear();
    }

    fn accounts(&self) -> Vec<String> {
        let run = &self.state.lock().unwrap().run;
        let accounts = run.faults.iter().map(|(account, ..)| account.clone());
        accounts.collect()
    }

    /// Is notified when the end of this run has come.
    pub fn end(&self) -> Arc<Notify> {
        self.state.lock().unwrap().end.clone()
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.state.lock().unwrap().sent.clone()
    }

    pub fn journal(&self) -> Vec<u8> {
        self.state.lock().unwrap().journal.clone()
    }

    pub fn append(&self, bytes: &[u8]) {
        self.state.lock().unwrap().journal.extend(bytes);
    }

    /// Cuts off so many per cent of what was written after the last request: the crash
    /// came during that write.
    pub fn tear(&self, percent: u8) {
        let mut state = self.state.lock().unwrap();
        let whole = state.sent.last().map_or(0, |it| it.journal);
        let written = state.journal.len() - whole;
        let kept = whole + written * usize::from(100 - percent) / 100;
        state.journal.truncate(kept);
    }

    /// What happens before the request of that number, and whether the run ends there.
    fn before(&self) -> Option<End> {
        let (events, end) = {
            let mut state = self.state.lock().unwrap();
            state.number += 1;
            let number = state.number;
            let events = state.run.events.iter().filter(|(at, _)| *at == number);
            let events: Vec<_> = events.map(|(_, event)| event.clone()).collect();
            let end = state.run.end.filter(|(at, _)| *at == number);
            (events, end.map(|(_, end)| end))
        };
        for event in events {
            self.happen(&event);
        }
        end
    }

    pub fn happen(&self, event: &Event) {
        let (id, slot) = match event {
            Event::Used(id, slot) | Event::Deactivated(id, slot) | Event::Deleted(id, slot) => {
                (id, *slot)
            }
            Event::Created(id) => (id, 1),
        };
        let mut account = self.aws.account(id);
        // The emulator gives a new key the ID of the one that was in its slot.
        let then = self.members.iter().find(|it| it.id == *id).unwrap();
        let never_had_two = then.root_keys[1].is_none();
        let key = &mut account.root_keys[slot];
        match event {
            Event::Created(_) if key.is_none() && never_had_two => {
                *key = Some(local_aws::RootKey::active(days_before_now(0)));
            }
            Event::Used(..) => {
                *key = key
                    .take()
                    .map(|it| it.last_used(days_before_now(0), "us-east-1", "ec2"));
            }
            Event::Deactivated(..) => {
                if let Some(key) = key {
                    key.active = false;
                }
            }
            Event::Deleted(..) => *key = None,
            Event::Created(_) => {}
        }
        self.aws.put_account(account);
    }

    /// Sends the request on, and keeps what came of it.
    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let end = self.before();
        if matches!(end, Some(End::CrashBefore(_) | End::CtrlC)) {
            self.end().notify_one();
        }
        if matches!(end, Some(End::CrashBefore(_))) {
            return std::future::pending().await;
        }
        let host = request
            .uri()
            .split('/')
            .nth(2)
            .unwrap_or_default()
            .to_owned();
        let service = match host.split('.').next() {
            Some("iam") => Service::Iam,
            Some("sts") => Service::Sts,
            _ => Service::Organizations,
        };
        let request = request.try_into_http1x().unwrap();
        let request = request.map(|body| body.bytes().unwrap_or_default().to_vec().into());
        let journal = self.journal().len();
        let keys = |id: &str| self.aws.account(id).root_keys.iter().flatten().count();
        let accounts: Vec<_> = self
            .members()
            .into_iter()
            .map(|id| (keys(&id), id))
            .collect();
        let answered = self.aws.answer(service, request).await;
        let asked = self.aws.requests().pop().unwrap();
        let key = asked.parameters["AccessKeyId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let (Some(operation), Some(account)) = (asked.operation, asked.account) else {
            panic!(
                "a request that AWS does not know: {:?} {key}",
                asked.signature
            );
        };
        let mut sent = Sent {
            operation,
            key,
            answer: String::new(),
            deleted: accounts
                .iter()
                .any(|(before, id)| *id == account && keys(id) < *before),
            account,
            journal,
        };
        let answered = answered.map(|response| {
            response.map(|body| {
                let body = String::from_utf8(body.to_vec()).unwrap_or_default();
                sent.answer = self.lagging(&sent, body);
                SdkBody::from(sent.answer.clone())
            })
        });
        self.state.lock().unwrap().sent.push(sent);
        if matches!(end, Some(End::CrashAfter)) {
            self.end().notify_one();
            return std::future::pending().await;
        }
        match answered {
            Some(response) => Ok(HttpResponse::try_from(response).unwrap()),
            None => Err(ConnectorError::io("the connection was reset".into())),
        }
    }

    fn members(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.run.members.clone()
    }

    /// IAM's answer: after a deletion it goes on for a while to say what it said before.
    fn lagging(&self, sent: &Sent, body: String) -> String {
        let mut state = self.state.lock().unwrap();
        if sent.deleted {
            let lag = state.run.lag;
            state.stale.insert(sent.account.clone(), lag);
        }
        let reads = [Operation::ListAccessKeys, Operation::GetAccessKeyLastUsed];
        if !reads.contains(&sent.operation) {
            return body;
        }
        let place = (sent.account.clone(), sent.operation, sent.key.clone());
        let left = state.stale.get(&sent.account).copied().unwrap_or_default();
        if left > 0
            && let Some(old) = state.known.get(&place).cloned()
        {
            state.stale.insert(sent.account.clone(), left - 1);
            return old;
        }
        if body.contains("Result>") {
            state.known.insert(place, body.clone());
        }
        body
    }
}

impl HttpConnector for World {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let world = self.clone();
        HttpConnectorFuture::new(async move { world.answer(request).await })
    }
}
