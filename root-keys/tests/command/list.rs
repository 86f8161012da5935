//! `list` shows the member's root access keys through a session that can only read.

use crate::wire::{DELETE, LIST, MANAGEMENT, MEMBER, Wire, organization};
use local_aws::{Account, Fault, Operation, Organization, RootKey, days_ago};

#[tokio::test]
async fn each_key_is_shown_with_status_creation_and_last_use() {
    let wire = Wire::new().await;
    let ended = wire.run(&LIST).await;
    assert_eq!(
        ended.out,
        "111122223333 (payments): 2 root access keys\n\
         AKIA111122223333KEY1 Active, created 2023-09-13T06:00:00Z, last used 2025-01-25T06:00:00Z (s3, eu-west-1)\n\
         AKIA111122223333KEY2 Inactive, created 2023-12-22T06:00:00Z, no use on record since 2015-04-22\n\
         new keys: cannot tell\n"
    );
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn no_key_and_one_key_are_shown_too() {
    let key = RootKey::inactive(days_ago(1));
    for (second, first_line) in [
        (None, "111122223333 (payments): no root access keys"),
        (Some(key), "111122223333 (payments): 1 root access key"),
    ] {
        let ended = Wire::with(None, second).await.run(&LIST).await;
        assert_eq!(ended.out.lines().next(), Some(first_line));
        assert_eq!(ended.code, Some(0));
    }
}

#[tokio::test]
async fn the_session_is_the_member_s_with_the_audit_policy_from_the_regional_endpoint() {
    let wire = Wire::new().await;
    wire.run(&LIST).await;
    let [session] = &wire.sent(Operation::AssumeRoot)[..] else {
        panic!("one session")
    };
    assert_eq!(session.account.as_deref(), Some(MANAGEMENT));
    assert_eq!(session.parameters["TargetPrincipal"], MEMBER);
    assert_eq!(
        session.parameters["TaskPolicyArn.arn"],
        "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
    );
    let signature = session.signature.as_ref().unwrap();
    assert_eq!(signature.region, "eu-west-1");
    for operation in [Operation::ListAccessKeys, Operation::GetAccessKeyLastUsed] {
        for request in wire.sent(operation) {
            assert_eq!(request.account.as_deref(), Some(MEMBER));
            assert!(request.parameters.get("UserName").is_none());
        }
    }
    wire.assert_nothing_could_be_deleted();
}

#[tokio::test]
async fn a_delegated_administrator_for_iam_sees_them_too() {
    let wire = Wire::new().await;
    let operator = wire.put_account(Account::new("222233334444"));
    wire.put_organization(Organization {
        iam_administrators: vec!["222233334444".to_owned()],
        ..organization().with_member("222233334444", "security")
    });
    let wire = Wire { operator, ..wire };
    let ended = wire.run(&LIST).await;
    assert_eq!(ended.out.lines().count(), 4, "{ended:?}");
}

#[tokio::test]
async fn throttling_that_passes_is_retried_and_lasting_throttling_is_reported() {
    let wire = Wire::new().await;
    for (account, operation) in [
        (MANAGEMENT, Operation::DescribeAccount),
        (MANAGEMENT, Operation::ListOrganizationsFeatures),
        (MANAGEMENT, Operation::AssumeRoot),
        (MEMBER, Operation::ListAccessKeys),
        (MEMBER, Operation::GetAccessKeyLastUsed),
    ] {
        wire.fault(account, operation, Fault::Throttle);
    }
    assert_eq!(wire.run(&LIST).await.code, Some(0));

    wire.fault_always(MEMBER, Operation::ListAccessKeys, Fault::Throttle);
    let ended = wire.run(&LIST).await;
    ended.fails();
    ended.says(
        "cannot read the root access keys of account 111122223333: iam:ListAccessKeys as \
                 its root user: Throttling: Rate exceeded",
    );
}

#[tokio::test]
async fn a_missing_last_use_is_not_reported_as_no_use_on_record() {
    let wire = Wire::new().await;
    let silent = "<GetAccessKeyLastUsedResponse><GetAccessKeyLastUsedResult/>\
                  </GetAccessKeyLastUsedResponse>";
    wire.fault_always(MEMBER, Operation::GetAccessKeyLastUsed, Fault::xml(silent));
    for arguments in [&LIST[..], &DELETE] {
        let ended = wire.run(arguments).await;
        ended.fails();
    }
}

#[tokio::test]
async fn credentials_are_never_shown() {
    let wire = Wire::new().await;
    let ended = wire.run(&LIST).await;
    for secret in [
        "local-aws-root-session",
        "local-aws/root/of",
        &wire.operator.session_token,
    ] {
        assert!(!ended.out.contains(secret) && !ended.err.contains(secret));
    }
}
