//! Credentials, profile, region or endpoint that are not there or do not work:
//! one sentence with the next step, the same from every subcommand.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::wire::{self, DELETE, Ended, LIST, MANAGEMENT, Wire, end};
use local_aws::{Fault, Operation};

const COMMANDS: [&[&str]; 4] = [&["check"], &LIST, &DELETE, &["status"]];
const KEYS: [&str; 3] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// Every subcommand says all of these words in one line, exits with 1 and
/// prints nothing else.
async fn each_says(wire: &Wire, change: impl Fn(&mut Command), words: &[&str]) {
    for arguments in COMMANDS {
        let mut command = wire.command(arguments);
        change(&mut command);
        says(&end(command.spawn().unwrap()).await, words);
    }
}

fn says(ended: &Ended, words: &[&str]) {
    ended.fails();
    for words in words {
        assert!(ended.err.contains(words), "{words}: {ended:?}");
    }
    assert_eq!(ended.err.lines().count(), 1, "{ended:?}");
    for words in ["Lambda", "function", "caused by", "dispatch failure"] {
        assert!(!ended.err.contains(words), "{words}: {ended:?}");
    }
}

/// A file for `AWS_CONFIG_FILE`, gone when it is dropped.
struct ConfigFile(std::path::PathBuf);

impl ConfigFile {
    fn new(name: &str, text: &str) -> Self {
        let file = format!("root-keys-{}-{name}.ini", std::process::id());
        let path = std::env::temp_dir().join(file);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for ConfigFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn without_keys(command: &mut Command) {
    for name in KEYS {
        command.env_remove(name);
    }
}

#[tokio::test]
async fn no_credentials() {
    let wire = Wire::new().await;
    let words = [
        "root-keys: no credentials were found; sign in, for example with `aws configure` or",
        "`aws sts get-caller-identity`",
    ];
    each_says(&wire, without_keys, &words).await;
    assert_eq!(wire.operations(), []);
}

#[tokio::test]
async fn a_profile_that_does_not_exist_is_named_whether_or_not_there_are_other_credentials() {
    let wire = Wire::new().await;
    let words = [
        "AWS_PROFILE names profile \"audti\"",
        "`aws configure list-profiles`",
    ];
    let change = |command: &mut Command| {
        command.env("AWS_PROFILE", "audti");
    };
    each_says(&wire, change, &words).await;
    let change = |command: &mut Command| {
        change(command);
        without_keys(command);
        command.env_remove("AWS_REGION");
    };
    each_says(&wire, change, &words).await;
    // The AWS CLI prefers this variable.
    let change = |command: &mut Command| {
        command.env("AWS_DEFAULT_PROFILE", "audti");
        command.env("AWS_PROFILE", "default");
    };
    let words = ["AWS_DEFAULT_PROFILE names profile \"audti\""];
    each_says(&wire, change, &words).await;
    assert_eq!(wire.operations(), []);
}

#[tokio::test]
async fn the_profile_that_the_aws_cli_prefers_signs() {
    let wire = Wire::new().await;
    let keys = wire.operator.clone();
    let file = ConfigFile::new(
        "preferred",
        &format!(
            "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = x\n\
             [profile other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = x\n\
             [profile prod]\naws_access_key_id = {}\naws_secret_access_key = {}\n\
             aws_session_token = {}\n",
            keys.access_key_id, keys.secret_access_key, keys.session_token
        ),
    );
    for profile in ["", "other"] {
        let mut command = wire.command(&["list", "--account", wire::MEMBER]);
        without_keys(&mut command);
        command.env("AWS_CONFIG_FILE", &file.0);
        command.env("AWS_DEFAULT_PROFILE", "prod");
        command.env("AWS_PROFILE", profile);
        let ended = end(command.spawn().unwrap()).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
}

#[tokio::test]
async fn an_empty_endpoint_is_named() {
    let wire = Wire::new().await;
    for variable in [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_IAM",
        "AWS_ENDPOINT_URL_STS",
    ] {
        let change = |command: &mut Command| {
            command.env(variable, "");
        };
        let words = [&*format!("{variable} is set but empty"), "`unset "];
        each_says(&wire, change, &words).await;
    }
    assert_eq!(wire.operations(), []);
}

#[tokio::test]
async fn a_profile_whose_credentials_cannot_be_had_is_named() {
    let wire = Wire::new().await;
    let file = ConfigFile::new(
        "failing",
        "[profile audit]\nregion = eu-west-1\ncredential_process = false\n\
         [profile empty]\nregion = eu-west-1\n\
         [profile lost]\nregion = eu-west-1\nrole_arn = arn:aws:iam::111122223333:role/x\n\
         source_profile = none\n\
         [profile center]\nregion = eu-west-1\nsso_start_url = https://x.invalid/start\n\
         sso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = x\n",
    );
    for profile in ["audit", "empty", "lost", "center"] {
        let change = |command: &mut Command| {
            without_keys(command);
            command.env("AWS_CONFIG_FILE", &file.0);
            command.env("AWS_PROFILE", profile);
            command.env("PATH", std::env::var_os("PATH").unwrap());
        };
        let named = format!("for profile \"{profile}\"");
        let next = match profile {
            "center" => "sign in again: `aws sso login --profile center`".to_owned(),
            _ => format!("correct the profile (`aws configure list --profile {profile}`)"),
        };
        each_says(&wire, change, &[&named, &next]).await;
    }
    assert_eq!(wire.operations(), []);
}

#[tokio::test]
async fn a_configuration_file_that_cannot_be_read() {
    let wire = Wire::new().await;
    let file = ConfigFile::new("broken", "[profile audit\nregion = eu-west-1\n");
    let change = |command: &mut Command| {
        command.env("AWS_CONFIG_FILE", &file.0);
        command.env("AWS_PROFILE", "audit");
    };
    let words = ["the AWS configuration files cannot be read"];
    each_says(&wire, change, &words).await;
}

#[tokio::test]
async fn expired_credentials() {
    let wire = Wire::new().await;
    let message = "The security token included in the request is expired";
    let fault = Fault::aws_error(403, "ExpiredToken", message);
    wire.fault_always(MANAGEMENT, Operation::GetCallerIdentity, fault);
    let words = [
        "the credentials have expired",
        "ExpiredToken",
        "export new values of AWS_ACCESS_KEY_ID",
    ];
    each_says(&wire, |_| (), &words).await;
    assert_eq!(wire.operations().len(), COMMANDS.len());
}

#[tokio::test]
async fn credentials_that_expire_on_the_way() {
    let wire = Wire::new().await;
    let message = "The security token included in the request is expired";
    for operation in [
        Operation::GetAccountSummary,
        Operation::ListOrganizationsFeatures,
        Operation::DescribeOrganization,
    ] {
        let fault = Fault::aws_error(403, "ExpiredToken", message);
        wire.fault_always(MANAGEMENT, operation, fault);
    }
    let words = ["ExpiredToken", "export new values of AWS_ACCESS_KEY_ID"];
    each_says(&wire, |_| (), &words).await;
}

#[tokio::test]
async fn credentials_that_aws_does_not_accept_here() {
    let wire = Wire::new().await;
    let mut operator = wire.operator.clone();
    operator.session_token.push('x');
    let wire = Wire { operator, ..wire };
    // So does an opt-in region that is not enabled.
    let words = [
        "AWS does not accept the credentials",
        "InvalidClientTokenId",
        "check that the account has region eu-west-1 enabled",
        "clock",
    ];
    each_says(&wire, |_| (), &words).await;
}

#[tokio::test]
async fn a_region_that_is_none() {
    let wire = Wire::new().await;
    for region in [
        "US-EAST-1",
        "us_east_1",
        "us-east",
        "us-east-1a",
        "aws-global",
    ] {
        let change = |command: &mut Command| {
            command.env("AWS_REGION", region);
        };
        let named = format!("{region:?} is not the name of an AWS region");
        each_says(&wire, change, &[&named, "`export AWS_REGION=us-east-1`"]).await;
    }
    assert_eq!(wire.operations(), []);
}

/// The variable that sends the first call of the subcommand elsewhere after
/// STS, and its call.
const SECOND: [(&str, &str, Operation); 4] = [
    (
        "AWS_ENDPOINT_URL_IAM",
        "iam:GetAccountSummary",
        Operation::GetAccountSummary,
    ),
    (
        "AWS_ENDPOINT_URL_IAM",
        "iam:ListOrganizationsFeatures",
        Operation::ListOrganizationsFeatures,
    ),
    (
        "AWS_ENDPOINT_URL_IAM",
        "iam:ListOrganizationsFeatures",
        Operation::ListOrganizationsFeatures,
    ),
    (
        "AWS_ENDPOINT_URL_ORGANIZATIONS",
        "organizations:DescribeOrganization",
        Operation::DescribeOrganization,
    ),
];

#[tokio::test]
async fn an_endpoint_that_refuses_the_connection() {
    let wire = Wire::new().await;
    let closed = "http://127.0.0.1:1";
    let change = |command: &mut Command| {
        command.env("AWS_ENDPOINT_URL_STS", closed);
    };
    let words = [
        "sts:GetCallerIdentity in eu-west-1: the endpoint refused the connection",
        "check the network and AWS_ENDPOINT_URL_STS, then run the command again\n",
    ];
    each_says(&wire, change, &words).await;
    for (arguments, (variable, call, _)) in COMMANDS.into_iter().zip(SECOND) {
        let mut command = wire.command(arguments);
        command.env(variable, closed);
        let ended = end(command.spawn().unwrap()).await;
        says(
            &ended,
            &[call, "the endpoint refused the connection", variable],
        );
    }
}

#[tokio::test]
async fn an_endpoint_that_is_none() {
    let wire = Wire::new().await;
    for url in [
        "nonsense",
        "ftp://127.0.0.1",
        "https://no-such-host.invalid",
    ] {
        let change = |command: &mut Command| {
            command.env("AWS_ENDPOINT_URL_STS", url);
        };
        let next = match url {
            "nonsense" => "correct AWS_ENDPOINT_URL_STS, then run the command again\n",
            _ => "check the network and AWS_ENDPOINT_URL_STS, then run the command again\n",
        };
        let words = ["sts:GetCallerIdentity in eu-west-1: ", next];
        each_says(&wire, change, &words).await;
    }
}

#[tokio::test]
async fn an_endpoint_that_does_not_respond_ends_within_the_budget_of_a_call() {
    let wire = Wire::new().await;
    for (arguments, (_, call, operation)) in COMMANDS.into_iter().zip(SECOND).take(2) {
        wire.fault_always(MANAGEMENT, operation, Fault::Hang);
        let started = Instant::now();
        let ended = wire.run(arguments).await;
        says(
            &ended,
            &[call, "no response within the time limit of the call"],
        );
        assert!(started.elapsed() < Duration::from_secs(15));
    }
}

#[tokio::test]
async fn the_sdk_s_own_causes_are_shown_with_verbose_only() {
    let wire = Wire::new().await;
    for (arguments, (variable, ..)) in COMMANDS.into_iter().zip(SECOND) {
        for variable in [variable, "AWS_ENDPOINT_URL_STS"] {
            let mut command = wire.command(&[arguments, &["--verbose"]].concat());
            command.env(variable, "http://127.0.0.1:1");
            let ended = end(command.spawn().unwrap()).await;
            ended.fails();
            let causes = ended
                .err
                .lines()
                .filter(|line| line.contains("caused by: "));
            assert!(causes.count() >= 2, "{ended:?}");
            ended.says("Connection refused");
            assert!(
                !ended.err.contains(&wire.operator.session_token),
                "{ended:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_permission_that_check_lacks() {
    let wire = Wire::new().await;
    let operation = Operation::GetAccountSummary;
    wire.fault_always(MANAGEMENT, operation, Fault::Denied);
    let words = [
        "iam:GetAccountSummary as arn:aws:sts::999999999999:assumed-role/",
        "AccessDenied",
        "allow iam:GetAccountSummary to arn:aws:sts::999999999999:assumed-role/",
    ];
    says(&wire.run(&["check"]).await, &words);
    let message = "User: x is not authorized to perform: iam:GetAccountSummary on resource: * \
                   with an explicit deny in a service control policy";
    let denied = Fault::aws_error(403, "AccessDenied", message);
    wire.fault_always(MANAGEMENT, operation, denied);
    let words = [
        "--target-id 999999999999",
        "; exempt arn:aws:sts::999999999999:assumed-role/",
    ];
    let ended = wire.run(&["check"]).await;
    says(&ended, &words);
    assert!(
        !ended.err.contains("AWS-GR_RESTRICT_ROOT_USER"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn check_names_the_policy_that_does_not_allow_it() {
    for (blamed, remedy) in [
        (
            "because no session policy allows the iam:GetAccountSummary action",
            "/root-access-key-rule in the session policy\n",
        ),
        (
            "because no identity-based policy allows the iam:GetAccountSummary action",
            "/root-access-key-rule in an identity-based policy\n",
        ),
        (
            "because no service control policy allows the iam:GetAccountSummary action",
            "/root-access-key-rule in the service control policies of 999999999999\n",
        ),
        (
            "with an explicit deny in a permissions boundary",
            "from that permissions boundary\n",
        ),
    ] {
        let wire = Wire::new().await;
        let message = format!("User: x is not authorized to perform: a:B on resource: * {blamed}");
        let denied = Fault::aws_error(403, "AccessDenied", &message);
        wire.fault_always(MANAGEMENT, Operation::GetAccountSummary, denied);
        says(&wire.run(&["check"]).await, &[remedy]);
    }
}

#[tokio::test]
async fn a_denied_caller_that_has_no_account_yet_is_given_no_command_with_one() {
    let wire = Wire::new().await;
    let message = "User: x is not authorized to perform: a:B with an explicit deny";
    let denied = Fault::aws_error(403, "AccessDenied", message);
    wire.fault_always(MANAGEMENT, Operation::GetCallerIdentity, denied);
    let ended = wire.run(&["check"]).await;
    says(
        &ended,
        &[
            "a policy denies this explicitly",
            "exempt these credentials",
        ],
    );
    assert!(!ended.err.contains("--target-id"), "{ended:?}");
}

/// The calls of `status` in an organization without the rule.
const OF_STATUS: [Operation; 7] = [
    Operation::DescribeOrganization,
    Operation::ListAccounts,
    Operation::DescribeStackSet,
    Operation::DescribeOrganizationConformancePacks,
    Operation::DescribeConfigurationAggregators,
    Operation::ListAWSServiceAccessForOrganization,
    Operation::DescribeOrganizationsAccess,
];

#[tokio::test]
async fn a_policy_that_denies_a_call_of_status_is_named_with_its_remedy() {
    for operation in OF_STATUS {
        let wire = Wire::new().await;
        let mut organization = wire::organization();
        organization.trusted_services = vec![
            "member.org.stacksets.cloudformation.amazonaws.com",
            "config.amazonaws.com",
        ];
        wire.put_organization(organization);
        let message = "User: x is not authorized to perform: a:B on resource: * with an explicit \
                       deny in a service control policy";
        let denied = Fault::aws_error(403, "AccessDeniedException", message);
        wire.fault_always(MANAGEMENT, operation, denied);
        let mut said = String::new();
        for arguments in [&["status"][..], &["status", "--preflight"]] {
            let ended = wire.run(arguments).await;
            assert_ne!(ended.code, Some(0), "{operation}: {ended:?}");
            said = said + &ended.out + &ended.err;
        }
        assert!(!wire.sent(operation).is_empty(), "{operation}");
        // A table may break its lines anywhere.
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let exempt = "exempt arn:aws:sts::999999999999:assumed-role/";
        for words in ["a service control policy denies this", exempt] {
            assert!(said.contains(words), "{operation}: {words}: {said}");
        }
        assert!(!said.contains("AssumedRoot"), "{operation}: {said}");
    }
}
