//! An organization of four accounts in the emulator, and the watch in its management
//! account.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::{SharedTimeSource, StaticTimeSource};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use chrono::{DateTime, TimeDelta, Utc};
use local_aws::{
    Account, ConfigRule, LocalAws, Operation, Organization, RULE_NAME, Request, Service,
    StackInstance, StackSet, pack_rule,
};
use root_access_key_rule::aws::sdk_config::with_limits;
use root_access_key_watch::answer::{Answer, Next};
use root_access_key_watch::error::{ErrorKind, WatchError};
use root_access_key_watch::latest::Latest;
use root_access_key_watch::settings::Settings;
use root_access_key_watch::steps::{Invocation, Watch};
use serde_json::{Value, json};

pub const MANAGEMENT: &str = "999999999999";
pub const PAYMENTS: &str = "111111111111";
pub const WEB: &str = "222222222222";
pub const DATA: &str = "333333333333";
pub const BUCKET: &str = "watch-999999999999";
pub const FUNCTION: &str =
    "arn:aws:lambda:us-east-1:999999999999:function:root-access-key-rule-org-watch";
const UNIT: &str = "ou-loca-accounts";
const CLEAN: (&str, &str) = ("COMPLIANT", "The root user has no access keys.");
const KEY: (&str, &str) = ("NON_COMPLIANT", "The root user has access keys.");

/// As long as a step of the deployed function has.
pub const FIVE_MINUTES: Duration = Duration::from_mins(5);

pub struct Watched {
    pub aws: LocalAws,
    pub organization: Organization,
    settings: Settings,
    watch: Watch,
}

impl Watched {
    /// Three members, of which `web` has a root key, all with a recent result.
    pub async fn new() -> Self {
        Self::of(LocalAws::start().await.unwrap(), settings())
    }

    /// The same at the time of the machine.
    pub async fn now() -> Self {
        let aws = LocalAws::start().await.unwrap();
        aws.run_clock();
        Self::of(aws, settings())
    }

    /// The day after the first report of a watch that may repair: the stack of `data` has
    /// failed since, for a reason that passes.
    pub async fn to_repair() -> Self {
        let settings = Settings {
            repair: true,
            configured_units: vec![UNIT.to_owned()],
            ..settings()
        };
        let watched = Self::of(LocalAws::start().await.unwrap(), settings);
        watched.run("first").await;
        let mut watched = watched.tomorrow();
        let instances = &mut watched.organization.stack_sets[0].instances;
        let stack = instances.iter_mut().find(|it| it.account == DATA).unwrap();
        let reason = "ResourceStatusReason:Rate exceeded (Service: Lambda)";
        *stack = StackInstance {
            unit: UNIT.to_owned(),
            ..StackInstance::failed(DATA, reason)
        };
        watched.aws.put_organization(watched.organization.clone());
        watched
    }

    /// The same function, deployed again so that it may not repair.
    pub fn deployed_without_repairs(mut self) -> Self {
        self.settings.repair = false;
        self.watch = Watch::new(sdk(&self.aws), self.settings.clone(), keep);
        self
    }

    fn of(aws: LocalAws, settings: Settings) -> Self {
        aws.put_account(Account::new(MANAGEMENT));
        aws.put_bucket(BUCKET, MANAGEMENT);
        let mut organization = Organization::new(MANAGEMENT).with_rollout();
        let mut stack_set = StackSet::with_the_rule(&[UNIT]);
        aws.put_evaluation(
            MANAGEMENT,
            RULE_NAME,
            CLEAN,
            aws.now() - TimeDelta::hours(1),
        );
        for (id, name, result) in [
            (PAYMENTS, "payments", CLEAN),
            (WEB, "web", KEY),
            (DATA, "data", CLEAN),
        ] {
            aws.put_account(Account::new(id));
            aws.delete_rule(id, RULE_NAME);
            aws.put_rule(ConfigRule::new(id, &pack_rule(id)));
            organization = organization.with_member(id, name);
            organization.members.last_mut().unwrap().unit = Some(UNIT.to_owned());
            let mut instance = StackInstance::current(id);
            UNIT.clone_into(&mut instance.unit);
            stack_set.instances.push(instance);
            aws.put_evaluation(id, &pack_rule(id), result, aws.now() - TimeDelta::hours(2));
        }
        organization.stack_sets.push(stack_set);
        aws.put_organization(organization.clone());
        let watch = Watch::new(sdk(&aws), settings.clone(), keep);
        Self {
            aws,
            organization,
            settings,
            watch,
        }
    }

    /// The same, with no root key.
    pub async fn compliant() -> Self {
        let watched = Self::new().await;
        watched.report(WEB, CLEAN);
        watched
    }

    /// The same, a day later: a new process of the function.
    pub fn tomorrow(self) -> Self {
        self.aws.set_time(self.aws.now() + TimeDelta::days(1));
        for account in [PAYMENTS, WEB, DATA] {
            let (compliance, annotation) = self.result(account);
            self.report(account, (&compliance, &annotation));
        }
        let at = self.aws.now();
        self.aws.put_evaluation(MANAGEMENT, RULE_NAME, CLEAN, at);
        Self {
            watch: Watch::new(sdk(&self.aws), self.settings.clone(), keep),
            ..self
        }
    }

    fn result(&self, account: &str) -> (String, String) {
        let evaluations = self.aws.evaluations(account);
        let last = evaluations.last().unwrap();
        let annotation = last.annotation.clone().unwrap_or_default();
        (last.compliance_type.clone(), annotation)
    }

    /// A new result of the account, of now.
    pub fn report(&self, account: &str, result: (&str, &str)) {
        let rule = pack_rule(account);
        self.aws
            .put_evaluation(account, &rule, result, self.aws.now());
    }

    /// Puts the file of exemptions into the bucket, with that account in it.
    pub fn exempt(&self, account: &str) {
        let expires = self.aws.now().date_naive() + TimeDelta::days(100);
        let exemptions = json!({"exemptions": [{
            "account": account,
            "owner": "web team",
            "reason": "old relay",
            "expires": expires.to_string(),
        }]});
        self.aws
            .put_object(BUCKET, "exemptions.json", &exemptions.to_string());
    }

    /// The configuration that the watch has.
    pub fn sdk(&self) -> SdkConfig {
        sdk(&self.aws)
    }

    /// One step, within that time.
    pub async fn step_within(
        &self,
        payload: &Value,
        time_left: Duration,
    ) -> Result<Answer, WatchError> {
        let invocation = Invocation {
            function_arn: FUNCTION.to_owned(),
            time_left,
        };
        self.watch.step(&payload.to_string(), &invocation).await
    }

    pub async fn step(&self, payload: &Value) -> Result<Answer, WatchError> {
        self.step_within(payload, FIVE_MINUTES).await
    }

    /// One step that is dropped as soon as that is so. Its answer, if it ended before.
    pub async fn step_until(&self, payload: &Value, is_so: impl Fn() -> bool) -> Option<Answer> {
        let so = async {
            while !is_so() {
                tokio::time::sleep(Duration::from_micros(50)).await;
            }
        };
        tokio::select! {
            biased;
            () = so => None,
            answer = self.step(payload) => Some(answer.unwrap()),
        }
    }

    /// Invokes the step `work` until it answers something else; that, and how many
    /// invocations it took. A step that could not read something is repeated, as the state
    /// machine does.
    pub async fn work(&self, run: &str) -> (Answer, usize) {
        self.work_within(run, FIVE_MINUTES).await
    }

    pub async fn work_within(&self, run: &str, time_left: Duration) -> (Answer, usize) {
        for steps in 1.. {
            match self.step_within(&self.work_event(run), time_left).await {
                Ok(answer) if answer.next == Next::Work => {}
                Ok(answer) => return (answer, steps),
                Err(error) => assert!(may_be_repeated(&error) && steps < 12, "{error}"),
            }
        }
        unreachable!()
    }

    /// A whole run as the state machine makes it: its answer to `work`.
    pub async fn run(&self, run: &str) -> Answer {
        let (answer, _) = self.work(run).await;
        if answer.next != Next::Done {
            let published = answer.next == Next::Publish;
            let done = self.step(&self.record_event(run, published)).await.unwrap();
            assert_eq!(done, Answer::only(Next::Done));
        }
        answer
    }

    pub fn work_event(&self, run: &str) -> Value {
        self.work_event_with(run, &json!({"repair": "on", "digest": "on"}))
    }

    pub fn work_event_with(&self, run: &str, switches: &Value) -> Value {
        json!({"step": "work", "run": run, "started": self.started(), "switches": switches})
    }

    pub fn record_event(&self, run: &str, published: bool) -> Value {
        json!({"step": "record", "run": run, "started": self.started(), "published": published})
    }

    fn started(&self) -> String {
        self.aws.now().to_rfc3339()
    }

    /// The object, which is there.
    #[track_caller]
    pub fn object(&self, key: &str) -> String {
        self.aws.object(BUCKET, key).expect(key)
    }

    #[track_caller]
    pub fn latest(&self) -> Latest {
        Latest::parse(self.object("latest.json").as_bytes()).unwrap()
    }

    /// The key of a file of the report of today.
    pub fn key_of(&self, file: &str) -> String {
        format!("{}/{file}", self.aws.now().format("%Y/%m/%d"))
    }

    /// The keys that were written, in order.
    pub fn written(&self) -> Vec<String> {
        let written = self.sent(Operation::PutObject).into_iter();
        written
            .map(|it| it.parameters["Key"].as_str().unwrap().to_owned())
            .collect()
    }

    pub fn sent(&self, operation: Operation) -> Vec<Request> {
        let mut requests = self.aws.requests();
        requests.retain(|it| it.operation == Some(operation));
        requests
    }
}

fn may_be_repeated(error: &WatchError) -> bool {
    let repeated = [ErrorKind::OrganizationNotRead, ErrorKind::BucketUnavailable];
    repeated.contains(&error.kind)
}

thread_local! {
    /// The lines of metrics of this test.
    static METRICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn keep(line: &str) {
    METRICS.with_borrow_mut(|lines| lines.push(line.to_owned()));
}

/// The metrics that the runs of this test have written: those with these names, of each.
pub fn metrics(names: &[&str]) -> Vec<Vec<Option<u64>>> {
    let lines = METRICS.with_borrow(Vec::clone).into_iter();
    let lines = lines.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    lines
        .map(|line| names.iter().map(|name| line[name].as_u64()).collect())
        .collect()
}

pub fn settings() -> Settings {
    Settings {
        bucket: BUCKET.to_owned(),
        repair: false,
        configured_units: Vec::new(),
    }
}

/// An SDK configuration of the management account that reaches the emulator, has its
/// time, and pauses shortly.
fn sdk(aws: &LocalAws) -> SdkConfig {
    let urls = [
        ("IAM", Service::Iam),
        ("STS", Service::Sts),
        ("Organizations", Service::Organizations),
        ("CloudFormation", Service::CloudFormation),
        ("Config Service", Service::Config),
        ("S3", Service::S3),
    ];
    let urls = urls.map(|(id, service)| (id, aws.url(service)));
    let keys = Account::new(MANAGEMENT).credentials();
    let credentials = aws_credential_types::Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        Some(keys.session_token),
        None,
        "test",
    );
    let time: DateTime<Utc> = aws.now();
    with_limits(SdkConfig::builder())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .service_config(Endpoints(HashMap::from(urls)))
        .sleep_impl(SharedAsyncSleep::new(ShortPauses))
        .time_source(SharedTimeSource::new(StaticTimeSource::new(time.into())))
        .build()
}

/// The emulator's endpoints by the IDs of the services.
#[derive(Debug)]
struct Endpoints(HashMap<&'static str, String>);

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        self.0.get(key.service_id()).cloned()
    }
}

/// Makes the SDK's pauses between attempts a hundred times shorter. Its timeouts are
/// whole seconds, which the jitter of a pause never is: they stay as they are.
#[derive(Debug)]
struct ShortPauses;

impl AsyncSleep for ShortPauses {
    fn sleep(&self, duration: Duration) -> Sleep {
        let is_timeout = duration.subsec_nanos() == 0;
        let shortened = if is_timeout { duration } else { duration / 100 };
        Sleep::new(tokio::time::sleep(shortened))
    }
}
