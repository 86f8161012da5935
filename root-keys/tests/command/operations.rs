//! An operation on the StackSet is started once, in the accounts that it names and in no
//! others; and nothing is said to have been refused that AWS may have accepted.

use aws_config::Region;
use local_aws::{Fault, Framing, Operation, StackSetOperation};
use root_keys::aws::caller::Caller;
use root_keys::organization::clients::{OrganizationClients, advice_of_status};
use root_keys::organization::facts::Instance;
use root_keys::organization::operation::{Action, StartOperation, Started};
use root_keys::organization::reading::Reading;
use root_keys::organization::stack_set_operations::{read, start};
use root_keys::progress::Progress;
use serde_json::json;

use crate::library::sdk;
use crate::rollout::{CLEAN, HOME, MANAGEMENT, NAME, PAYMENTS, Rollout, STACK_SETS, UNIT, WEB};

const OTHER: &str = "333333333333";
const THIRD: &str = "444444444444";
const CREATE: Operation = Operation::CreateStackInstances;

async fn clients(rollout: &Rollout) -> OrganizationClients {
    rollout.put_organization(rollout.organization.clone());
    let sdk = sdk(&rollout.wire).region(Region::new(HOME)).build();
    let caller = Caller::new(sdk).await.unwrap();
    OrganizationClients::new(&caller, Progress::hidden(), advice_of_status)
        .await
        .unwrap()
}

/// Two members with a stack, and two that have none.
async fn organization() -> Rollout {
    let mut rollout = Rollout::of_two().await;
    for id in [OTHER, THIRD] {
        rollout.join(id, "new");
    }
    rollout
}

fn operation(action: Action, accounts: &[&str]) -> StartOperation {
    StartOperation {
        operation_id: format!("root-access-key-watch-2026-11-27-{}", action.word()),
        action,
        units: vec![UNIT.to_owned()],
        accounts: accounts.iter().map(ToString::to_string).collect(),
    }
}

async fn instance(clients: &OrganizationClients, account: &str) -> Option<Instance> {
    let begun = Reading::begin(clients, None, clients.listings.now()).await;
    let facts = begun.unwrap().finish();
    facts.stack_set().unwrap().instances.get(account).cloned()
}

async fn is_current(clients: &OrganizationClients, account: &str) -> bool {
    let instance = instance(clients, account).await;
    instance.is_some_and(|it| it.is_current())
}

fn refused(started: &Started) -> &str {
    match started {
        Started::Refused(why) => why,
        other => panic!("{other:?}"),
    }
}

fn ended(id: &str, status: &'static str, rollout: &Rollout) -> StackSetOperation {
    StackSetOperation {
        id: id.to_owned(),
        stack_set: NAME.to_owned(),
        action: "UPDATE",
        status,
        at: rollout.now(),
    }
}

#[tokio::test]
async fn a_missing_stack_is_created_in_the_named_account_alone() {
    let rollout = organization().await;
    let clients = clients(&rollout).await;
    let create = operation(Action::Create, &[OTHER]);
    assert_eq!(start(&clients, &create).await, Started::Started);
    let sent = &rollout.sent(CREATE)[0].parameters;
    for (name, value) in [
        ("StackSetName", NAME),
        ("CallAs", "SELF"),
        ("OperationId", "root-access-key-watch-2026-11-27-create"),
        ("DeploymentTargets.OrganizationalUnitIds.member.1", UNIT),
        ("DeploymentTargets.Accounts.member.1", OTHER),
        ("DeploymentTargets.AccountFilterType", "INTERSECTION"),
        ("Regions.member.1", HOME),
        ("OperationPreferences.FailureToleranceCount", "1"),
        ("OperationPreferences.MaxConcurrentCount", "1"),
        (
            "OperationPreferences.ConcurrencyMode",
            "SOFT_FAILURE_TOLERANCE",
        ),
    ] {
        assert_eq!(sent[name], value, "{name}: {sent}");
    }
    for name in [
        "DeploymentTargets.Accounts.member.2",
        "DeploymentTargets.OrganizationalUnitIds.member.2",
        "Regions.member.2",
    ] {
        assert_eq!(sent[name], json!(null));
    }
    assert!(is_current(&clients, OTHER).await);
    assert!(instance(&clients, THIRD).await.is_none());
}

#[tokio::test]
async fn a_failure_in_one_account_does_not_fail_the_operation() {
    let mut rollout = organization().await;
    rollout.put_account(local_aws::Account {
        recorder: false,
        ..local_aws::Account::new(OTHER)
    });
    rollout.set_stack(WEB, "OUTDATED", "FAILED");
    let clients = clients(&rollout).await;
    let create = operation(Action::Create, &[OTHER, THIRD]);
    assert_eq!(start(&clients, &create).await, Started::Started);
    let update = operation(Action::Update, &[WEB]);
    assert_eq!(start(&clients, &update).await, Started::Started);
    let failed = instance(&clients, OTHER).await.unwrap();
    assert_eq!(failed.detailed_status.as_deref(), Some("FAILED"));
    for account in [THIRD, WEB] {
        assert!(is_current(&clients, account).await, "{account}");
    }
    let operations = read(&clients).await.unwrap();
    let known: Vec<_> = operations
        .iter()
        .map(|it| (it.action.as_str(), it.status.as_str()))
        .collect();
    assert!(known.contains(&("CREATE", "SUCCEEDED")), "{known:?}");
    assert!(known.contains(&("UPDATE", "SUCCEEDED")), "{known:?}");
    assert!(
        operations
            .iter()
            .all(|it| it.created.is_some() && it.ended.is_some())
    );
}

#[tokio::test]
async fn however_often_it_is_requested_it_is_started_once() {
    let cut = Fault::Cut {
        bytes: 20,
        framing: Framing::MatchingLength,
    };
    for lost in [Fault::AcceptThenReset, Fault::ResetDuringAnswer(40), cut] {
        let rollout = organization().await;
        let clients = clients(&rollout).await;
        let create = operation(Action::Create, &[OTHER]);
        rollout.fault(MANAGEMENT, CREATE, lost.clone());
        let first = start(&clients, &create).await;
        let is_known = first == Started::AlreadyStarted;
        assert!(
            is_known || matches!(first, Started::Unknown(_)),
            "{lost:?}: {first:?}"
        );
        assert_eq!(start(&clients, &create).await, Started::AlreadyStarted);
        let operations = read(&clients).await.unwrap();
        assert_eq!(operations.len(), 1, "{operations:?}");
        assert!(is_current(&clients, OTHER).await);
    }
}

#[tokio::test]
async fn a_response_that_is_lost_each_time_is_not_taken_for_a_refusal() {
    let rollout = organization().await;
    let clients = clients(&rollout).await;
    let create = operation(Action::Create, &[OTHER]);
    for fault in [
        Fault::AcceptThenReset,
        Fault::Throttle,
        Fault::ServerError(500),
    ] {
        rollout.clear_faults(MANAGEMENT);
        rollout.fails(CREATE, fault.clone());
        let started = start(&clients, &create).await;
        assert!(
            matches!(started, Started::Unknown(_)),
            "{fault:?}: {started:?}"
        );
    }
    assert_eq!(read(&clients).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_aws_refuses_is_said_in_its_words() {
    let mut rollout = organization().await;
    rollout.organization.stack_sets[0].managed_execution = false;
    let clients = clients(&rollout).await;
    let create = operation(Action::Create, &[OTHER]);
    rollout.put_stack_set_operation(ended("theirs", "RUNNING", &rollout));
    let started = start(&clients, &create).await;
    let why = refused(&started);
    for words in [
        "cloudformation:CreateStackInstances",
        "OperationInProgressException",
    ] {
        assert!(why.contains(words), "{words}: {why}");
    }
    rollout.put_stack_set_operation(ended("theirs", "SUCCEEDED", &rollout));
    rollout.fails(CREATE, Fault::Denied);
    let started = start(&clients, &create).await;
    assert!(refused(&started).contains("AccessDenied"), "{started:?}");
    // A stack that is gone cannot be updated.
    let update = operation(Action::Update, &[OTHER]);
    let started = start(&clients, &update).await;
    assert!(
        refused(&started).contains("StackInstanceNotFound"),
        "{started:?}"
    );
    assert_eq!(read(&clients).await.unwrap().len(), 1);
    assert!(instance(&clients, OTHER).await.is_none());
}

#[tokio::test]
async fn an_operation_that_waits_for_another_one_is_listed_as_queued() {
    let rollout = organization().await;
    let clients = clients(&rollout).await;
    rollout.put_stack_set_operation(ended("theirs", "RUNNING", &rollout));
    let create = operation(Action::Create, &[OTHER]);
    assert_eq!(start(&clients, &create).await, Started::Started);
    let operations = read(&clients).await.unwrap();
    let queued = operations
        .iter()
        .find(|it| it.id == create.operation_id)
        .unwrap();
    assert_eq!(queued.status, "QUEUED");
    assert!(queued.is_in_progress() && queued.ended.is_none());
}

#[tokio::test]
async fn a_delegated_administrator_says_that_it_is_one() {
    let mut rollout = organization().await;
    rollout.ask_from(PAYMENTS, &[STACK_SETS]);
    rollout.report(PAYMENTS, CLEAN, 1);
    let clients = clients(&rollout).await;
    let create = operation(Action::Create, &[OTHER]);
    assert_eq!(start(&clients, &create).await, Started::Started);
    assert_eq!(read(&clients).await.unwrap().len(), 1);
    for operation in [CREATE, Operation::ListStackSetOperations] {
        let sent = rollout.sent(operation);
        assert_eq!(
            sent[0].parameters["CallAs"], "DELEGATED_ADMIN",
            "{operation}"
        );
    }
}

#[tokio::test]
async fn the_operations_are_listed_to_the_end_or_not_at_all() {
    let rollout = organization().await;
    for number in 0..7 {
        let id = format!("theirs-{number}");
        rollout.put_stack_set_operation(ended(&id, "SUCCEEDED", &rollout));
    }
    rollout.put_page_size(3);
    let clients = clients(&rollout).await;
    assert_eq!(read(&clients).await.unwrap().len(), 7);
    let list = Operation::ListStackSetOperations;
    assert_eq!(rollout.sent(list).len(), 3);
    for fault in [
        Fault::Denied,
        Fault::Throttle,
        Fault::Cut {
            bytes: 300,
            framing: Framing::MatchingLength,
        },
        Fault::Body {
            status: 200,
            content_type: "text/xml".to_owned(),
            body: b"<ListStackSetOperationsResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\">\
                <ListStackSetOperationsResult><Summaries><member><OperationId>x</OperationId></member>\
                </Summaries></ListStackSetOperationsResult></ListStackSetOperationsResponse>".to_vec(),
        },
    ] {
        rollout.clear_faults(MANAGEMENT);
        rollout.fails(list, fault.clone());
        let failure = read(&clients).await.unwrap_err().to_string();
        assert!(failure.contains("cloudformation:ListStackSetOperations"), "{failure}");
    }
}
