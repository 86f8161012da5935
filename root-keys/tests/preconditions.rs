//! What is missing before a root user can be reached is said in a sentence, with
//! the command that mends it, and nothing more is tried.

mod wire;

use local_aws::{Account, Fault, Operation, Organization};
use wire::{DELETE, Ended, LIST, MANAGEMENT, MEMBER, Wire, organization};

/// `list` and `delete` fail alike before a session is opened; the words.
async fn refused(change: impl FnOnce(&mut Organization)) -> String {
    let wire = Wire::new().await;
    let mut organization = organization();
    change(&mut organization);
    wire.aws.put_organization(organization);
    refused_by(&wire, MEMBER).await
}

async fn refused_by(wire: &Wire, account: &str) -> String {
    let list = wire.run(&["list", "--account", account]).await;
    let mut delete = DELETE;
    delete[2] = account;
    let delete = wire
        .run(&[&delete[..], &["--execute", "--yes"]].concat())
        .await;
    for Ended { code, out, .. } in [&list, &delete] {
        assert_eq!((*code, out.as_str()), (Some(1), ""));
    }
    assert_eq!(list.err, delete.err);
    assert_eq!(wire.sent(Operation::AssumeRoot).len(), 0);
    list.err
}

fn says(err: &str, words: &[&str]) {
    for words in words {
        assert!(err.contains(words), "{words}: {err}");
    }
    assert_eq!(err.lines().count(), 1, "{err}");
}

#[tokio::test]
async fn no_trusted_access() {
    let err = refused(|org| org.trusted_access = false).await;
    says(
        &err,
        &[
            "trusted access of IAM is off",
            "`aws organizations enable-aws-service-access --service-principal iam.amazonaws.com`",
        ],
    );
}

#[tokio::test]
async fn not_all_features() {
    let err = refused(|org| org.all_features = false).await;
    says(&err, &["`aws organizations enable-all-features`"]);
}

#[tokio::test]
async fn no_root_credentials_management() {
    let err = refused(|org| org.enabled_features = vec!["RootSessions"]).await;
    says(
        &err,
        &[
            "RootCredentialsManagement is off",
            "`aws iam enable-organizations-root-credentials-management`",
        ],
    );
}

#[tokio::test]
async fn no_root_sessions() {
    let err = refused(|org| org.enabled_features = vec!["RootCredentialsManagement"]).await;
    says(
        &err,
        &[
            "RootSessions is off",
            "`aws iam enable-organizations-root-sessions`",
        ],
    );
}

#[tokio::test]
async fn two_missing_features_are_two_sentences() {
    let err = refused(|org| org.enabled_features.clear()).await;
    let lines: Vec<&str> = err.lines().collect();
    assert!(lines[0].starts_with("root-keys: RootCredentialsManagement is off"));
    assert!(lines[1].starts_with("root-keys: RootSessions is off"));
    assert_eq!(lines.len(), 2);
}

#[tokio::test]
async fn not_registered_as_delegated_administrator() {
    let wire = Wire::new().await;
    let operator = wire.aws.put_account(Account::new("222233334444"));
    wire.aws
        .put_organization(organization().with_member("222233334444", "security"));
    let wire = Wire { operator, ..wire };
    says(
        &refused_by(&wire, MEMBER).await,
        &[
            "account 222233334444 is neither the organization's management account nor",
            "`aws organizations register-delegated-administrator --account-id 222233334444 \
             --service-principal iam.amazonaws.com`",
        ],
    );
}

#[tokio::test]
async fn in_no_organization() {
    let err = refused(|org| org.management_account = "222233334444".to_owned()).await;
    says(
        &err,
        &[
            "account 999999999999 is in no organization",
            "remediation.md#your-own-account",
        ],
    );
}

#[tokio::test]
async fn the_management_account_is_out_of_reach() {
    let wire = Wire::new().await;
    says(
        &refused_by(&wire, MANAGEMENT).await,
        &[
            "account 999999999999 is the management account",
            "remediation.md#the-management-account",
        ],
    );
}

#[tokio::test]
async fn an_account_of_somebody_else() {
    let wire = Wire::new().await;
    says(
        &refused_by(&wire, "222233334444").await,
        &[
            "account 222233334444 is not in this organization",
            "`aws organizations list-accounts`",
        ],
    );
}

#[tokio::test]
async fn a_suspended_account() {
    let err = refused(|org| org.members[0].state = "SUSPENDED").await;
    says(&err, &["account 111122223333 is SUSPENDED"]);
}

#[tokio::test]
async fn a_permission_is_missing() {
    for (operation, action) in [
        (
            Operation::ListOrganizationsFeatures,
            "iam:ListOrganizationsFeatures",
        ),
        (Operation::DescribeAccount, "organizations:DescribeAccount"),
    ] {
        let wire = Wire::new().await;
        wire.aws.fault_always(MANAGEMENT, operation, Fault::Denied);
        says(
            &refused_by(&wire, MEMBER).await,
            &[
                action,
                "AccessDenied",
                "arn:aws:sts::999999999999:assumed-role/",
                "file://root-keys/operator-policy.json",
            ],
        );
    }
}

#[tokio::test]
async fn the_task_policy_is_not_allowed() {
    let wire = Wire::new().await;
    wire.aws
        .fault_always(MANAGEMENT, Operation::AssumeRoot, Fault::Denied);
    let ended = wire.run(&LIST).await;
    assert_eq!(ended.code, Some(1));
    says(
        &ended.err,
        &[
            "cannot open a root session in account 111122223333",
            "IAMAuditRootUserCredentials",
            "AccessDenied",
            "file://root-keys/operator-policy.json",
            "aws:AssumedRoot",
        ],
    );
}

#[tokio::test]
async fn sts_is_not_active_in_the_region() {
    let wire = Wire::new().await;
    let disabled = "STS is not activated in this region for account:999999999999.";
    wire.aws.fault_always(
        MANAGEMENT,
        Operation::AssumeRoot,
        Fault::aws_error(403, "RegionDisabledException", disabled),
    );
    let ended = wire.run(&LIST).await;
    assert_eq!(ended.code, Some(1));
    says(
        &ended.err,
        &[
            "STS is not active in eu-west-1",
            "`export AWS_REGION=us-east-1`",
        ],
    );
}

#[tokio::test]
async fn credentials_that_sts_does_not_know() {
    let wire = Wire::new().await;
    let mut operator = wire.operator.clone();
    operator.session_token.push('x');
    let wire = Wire { operator, ..wire };
    let ended = wire.run(&LIST).await;
    assert_eq!(ended.code, Some(1));
    says(
        &ended.err,
        &["InvalidClientTokenId", "`aws sts get-caller-identity`"],
    );
}
