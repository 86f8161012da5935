//! `check` evaluates as the rule does, also by its exit code, and reports nothing to AWS.

use crate::wire::{self, MANAGEMENT, Wire, days_before_now};
use local_aws::{Account, Fault, Operation, Report, RootKey, days_ago};

/// The operator's own account, in that state.
async fn account(change: impl FnOnce(&mut Account)) -> Wire {
    let wire = Wire::with(None, None).await;
    let mut account = Account::new(MANAGEMENT);
    change(&mut account);
    wire.put_account(account);
    wire
}

#[tokio::test]
async fn no_key_is_compliant_and_exits_0() {
    let wire = account(|_| ()).await;
    let ended = wire.run(&["check"]).await;
    assert_eq!(
        ended.out,
        "999999999999: COMPLIANT\nThe root user has no access keys.\n"
    );
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(
        wire.operations(),
        [Operation::GetCallerIdentity, Operation::GetAccountSummary]
    );
}

#[tokio::test]
async fn a_key_is_non_compliant_with_the_rule_s_own_annotation_and_exits_2() {
    let wire = account(|account| {
        account.root_keys[1] = Some(RootKey::inactive(days_ago(400)));
        account.report = Report::Complete {
            generated_at: days_before_now(0),
        };
    })
    .await;
    let ended = wire.run(&["check"]).await;
    let start = "999999999999: NON_COMPLIANT\n\
                 The root user has access keys. Key 2: inactive, created or last changed 2025-01-25 (";
    assert!(ended.out.starts_with(start), "{ended:?}");
    let end = " no use on record since 2015-04-22. Deactivating is not enough: delete them. Credential report of ";
    assert!(ended.out.contains(end), "{ended:?}");
    assert_eq!(ended.code, Some(2));
}

#[tokio::test]
async fn check_sends_nothing_to_aws_config() {
    for key in [None, Some(RootKey::active(days_ago(1)))] {
        let wire = account(|account| account.root_keys[0] = key).await;
        wire.run(&["check"]).await;
        let config = |request: &local_aws::Request| request.service == local_aws::Service::Config;
        assert!(!wire.requests().iter().any(config));
    }
}

#[tokio::test]
async fn a_truncated_response_gives_no_verdict() {
    let wire = account(|_| ()).await;
    let whole = local_aws::summary_answer(&Account::new(MANAGEMENT), "id");
    let (cut, _) = whole.split_once("</value>").unwrap();
    wire.fault_always(
        MANAGEMENT,
        Operation::GetAccountSummary,
        Fault::xml(cut.as_bytes()),
    );
    let ended = wire.run(&["check"]).await;
    ended.fails();
}

#[tokio::test]
async fn throttling_that_passes_is_retried() {
    let wire = account(|_| ()).await;
    wire.fault(MANAGEMENT, Operation::GetAccountSummary, Fault::Throttle);
    assert_eq!(wire.run(&["check"]).await.code, Some(0));
}

#[tokio::test]
async fn a_credential_report_that_hangs_costs_no_more_than_the_rule_spends_on_it() {
    let key = RootKey::active(days_ago(400));
    let wire = account(|account| account.root_keys[0] = Some(key)).await;
    wire.fault_always(MANAGEMENT, Operation::GetCredentialReport, Fault::Hang);
    let started = std::time::Instant::now();
    let ended = wire.run(&["check"]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    ended.shows("No details: ");
    // CREDENTIAL_REPORT_BUDGET in src/aws/time_budget.rs is 12 s; six attempts of 2 s and the waits would be 22 s.
    let spent = started.elapsed();
    assert!(spent < std::time::Duration::from_secs(15), "{spent:?}");
}

#[tokio::test]
async fn a_profile_s_credential_process_signs() {
    let wire = account(|_| ()).await;
    let keys = &wire.operator;
    let config = std::env::temp_dir().join(format!("root-keys-{}.ini", std::process::id()));
    let printed = format!(
        r#"{{"Version":1,"AccessKeyId":"{}","SecretAccessKey":"{}","SessionToken":"{}"}}"#,
        keys.access_key_id, keys.secret_access_key, keys.session_token
    );
    let profile =
        format!("[profile audit]\nregion = eu-west-1\ncredential_process = echo '{printed}'\n");
    std::fs::write(&config, profile).unwrap();
    let mut command = wire.command(&["check"]);
    for name in [
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ] {
        command.env_remove(name);
    }
    command
        .env("AWS_CONFIG_FILE", &config)
        .env("AWS_PROFILE", "audit");
    command.env("PATH", std::env::var_os("PATH").unwrap());
    let ended = wire::end(command.spawn().unwrap()).await;
    std::fs::remove_file(&config).unwrap();
    assert_eq!(ended.code, Some(0), "{ended:?}");
}
