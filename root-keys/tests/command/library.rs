//! The library without the command line: whoever has an SDK configuration can use it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_types::sdk_config::Builder;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use local_aws::{Fault, Operation, Service};
use root_keys::aws::caller::Caller;
use root_keys::progress::{Progress, Step};
use root_keys::root_session::inventory::report::Requested;
use root_keys::root_session::inventory::row::Outcome;
use root_keys::root_session::inventory::{read, scope};

use crate::fleet::Fleet;
use crate::wire::{Wire, sdk_config};

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

/// The emulator's endpoints by the IDs of the services.
#[derive(Debug)]
struct Endpoints(HashMap<&'static str, String>);

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        self.0.get(key.service_id()).cloned()
    }
}

/// An SDK configuration of the operator that reaches the emulator and pauses shortly.
pub fn sdk(wire: &Wire) -> Builder {
    let urls = [
        ("IAM", wire.url(Service::Iam)),
        ("STS", wire.url(Service::Sts)),
        ("Organizations", wire.url(Service::Organizations)),
        ("CloudFormation", wire.url(Service::CloudFormation)),
        ("Config Service", wire.url(Service::Config)),
    ];
    sdk_config(wire.operator.clone())
        .service_config(Endpoints(HashMap::from(urls)))
        .sleep_impl(SharedAsyncSleep::new(ShortPauses))
}

async fn caller(wire: &Wire) -> Caller {
    let sdk = sdk(wire).build();
    Caller::new(sdk).await.unwrap().with_more_retries()
}

/// More than the SDK's quota of retries for one client is used up by accounts
/// that stay throttled.
#[tokio::test]
async fn accounts_that_stay_throttled_end_and_cost_the_others_nothing() {
    let fleet = Fleet::of(28).await;
    fleet.put_organization(fleet.organization.clone());
    let ids: Vec<_> = (1..=28).map(|number| format!("{number:0>12}")).collect();
    let (stay, pass) = ids.split_at(24);
    let operation = Operation::ListAccessKeys;
    for id in stay {
        fleet.fault_always(id, operation, Fault::Throttle);
    }
    for id in pass {
        fleet.fault(id, operation, Fault::Throttle);
    }
    let steps = Arc::new(Mutex::new(Vec::new()));
    let reported = Arc::clone(&steps);
    let progress = Progress::to(move |step| reported.lock().unwrap().push(step));
    let caller = caller(&fleet).await;
    let targets = scope::targets(&caller, &Requested::All, &progress).await;
    let rows = read::read(
        Arc::new(caller),
        targets.unwrap(),
        Arc::new(Ok(Vec::new())),
        &progress,
    )
    .await;
    let requests = fleet.wire.sent(operation);
    for row in rows.iter().filter(|row| stay.contains(&row.account)) {
        assert_eq!(row.result, Outcome::NotRead, "{row:?}");
        let reason = row.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("Throttling"), "{row:?}");
        let own = |account: Option<&str>| account == Some(row.account.as_str());
        let attempts = requests.iter().filter(|it| own(it.account.as_deref()));
        assert_eq!(attempts.count(), 7, "{row:?}");
    }
    let read: Vec<_> = rows
        .iter()
        .filter(|it| it.result == Outcome::Read)
        .collect();
    assert_eq!(
        read.iter().map(|it| &it.account).collect::<Vec<_>>(),
        pass.iter().collect::<Vec<_>>()
    );

    let steps = steps.lock().unwrap();
    let (label, total) = ("accounts read", Some(29));
    let started = steps
        .iter()
        .position(|it| *it == Step::Started { label, total });
    let counted: Vec<_> = (1..=29)
        .map(Step::Reached)
        .chain([Step::Finished])
        .collect();
    assert_eq!(steps[started.unwrap() + 1..], counted);
}
