//! Credentials, profile, region or endpoint that are not there or do not work:
//! one sentence with the next step, the same from every subcommand.

use std::process::Command;

use crate::wire::{self, DELETE, Ended, LIST, MANAGEMENT, Setup, Wire, denied, end, shows};
use local_aws::{Fault, Operation};

pub const COMMANDS: [&[&str]; 4] = [&["check"], &LIST, &DELETE, &["status"]];
const KEYS: [&str; 3] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// What is different in the environment of the command.
type Change<'a> = &'a dyn Fn(&mut Command);

/// Every subcommand ends in the same way, with one line: the screen has the name of the
/// case.
async fn each_shows(wire: &Wire, cases: &[(&str, Change<'_>)]) {
    for (case, change) in cases {
        for arguments in COMMANDS {
            let mut command = wire.command(arguments);
            change(&mut command);
            let ended = end(command.spawn().unwrap()).await;
            says(&ended, &[]);
            ended.is_screen(&format!("credentials/{case}"));
        }
    }
}

/// Every subcommand says all of these words in one line, exits with 1 and
/// prints nothing else.
pub async fn each_says(wire: &Wire, change: impl Fn(&mut Command), words: &[&str]) {
    for arguments in COMMANDS {
        let mut command = wire.command(arguments);
        change(&mut command);
        says(&end(command.spawn().unwrap()).await, words);
    }
}

pub fn says(ended: &Ended, words: &[&str]) {
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
async fn without_credentials_a_profile_or_a_region_no_call_is_made() {
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
    let broken = ConfigFile::new("broken", "[profile audit\nregion = eu-west-1\n");
    let with_profile = |command: &mut Command, name: &str| {
        without_keys(command);
        command
            .env("AWS_CONFIG_FILE", &file.0)
            .env("AWS_PROFILE", name);
        command.env("PATH", std::env::var_os("PATH").unwrap());
    };
    let set = |command: &mut Command, name: &str, value: &str| {
        command.env(name, value);
    };
    let cases: &[(&str, Change<'_>)] = &[
        ("no credentials", &without_keys),
        ("a profile that does not exist", &|it| {
            set(it, "AWS_PROFILE", "audti");
        }),
        // Whether or not there are other credentials.
        ("a profile that does not exist", &|it| {
            without_keys(it);
            it.env_remove("AWS_REGION").env("AWS_PROFILE", "audti");
        }),
        // The AWS CLI prefers this variable.
        ("a default profile that does not exist", &|it| {
            it.env("AWS_DEFAULT_PROFILE", "audti")
                .env("AWS_PROFILE", "default");
        }),
        ("a process that fails", &|it| with_profile(it, "audit")),
        ("a profile without credentials", &|it| {
            with_profile(it, "empty");
        }),
        ("a profile without its source", &|it| {
            with_profile(it, "lost");
        }),
        ("a profile that has to sign in", &|it| {
            with_profile(it, "center");
        }),
        ("a configuration file that cannot be read", &|it| {
            it.env("AWS_CONFIG_FILE", &broken.0)
                .env("AWS_PROFILE", "audit");
        }),
        ("an empty endpoint", &|it| set(it, "AWS_ENDPOINT_URL", "")),
        ("an empty endpoint of a service", &|it| {
            set(it, "AWS_ENDPOINT_URL_IAM", "");
        }),
        ("no region", &|it| {
            it.env_remove("AWS_REGION");
        }),
        ("a region in capitals", &|it| {
            set(it, "AWS_REGION", "US-EAST-1");
        }),
        ("a global region", &|it| set(it, "AWS_REGION", "aws-global")),
    ];
    each_shows(&wire, cases).await;
    assert_eq!(wire.operations(), []);
}

#[tokio::test]
async fn credentials_that_sts_refuses_are_named_and_nothing_else_is_asked() {
    let wire = Wire::new().await;
    let identity = Operation::GetCallerIdentity;
    for (case, fault) in [
        ("expired", expired()),
        // Without an account, no command has one.
        ("the identity is denied", denied("with an explicit deny")),
    ] {
        wire.clear_faults(MANAGEMENT);
        wire.fault_always(MANAGEMENT, identity, fault);
        each_shows(&wire, &[(case, &|_| ())]).await;
    }
    assert_eq!(wire.operations(), [identity; 2 * COMMANDS.len()]);
    let mut operator = wire.operator.clone();
    operator.session_token.push('x');
    let wire = Wire { operator, ..wire };
    // So does an opt-in region that is not enabled.
    each_shows(&wire, &[("unknown to STS", &|_| ())]).await;
}

fn expired() -> Fault {
    let message = "The security token included in the request is expired";
    Fault::aws_error(403, "ExpiredToken", message)
}

#[tokio::test]
async fn check_names_the_policy_that_does_not_allow_it() {
    fn is_denied(wire: &Wire, why: &str) {
        wire.fault_always(MANAGEMENT, Operation::GetAccountSummary, denied(why));
    }
    let cases: &[(&str, &[&str], Setup)] = &[
        ("check is denied", &["check"], |it| is_denied(it, "")),
        (
            "check is denied by a service control policy",
            &["check"],
            |it| {
                is_denied(it, "with an explicit deny in a service control policy");
            },
        ),
        (
            "check is denied by a permissions boundary",
            &["check"],
            |it| {
                is_denied(it, "with an explicit deny in a permissions boundary");
            },
        ),
        ("no session policy allows check", &["check"], |it| {
            is_denied(it, "because no session policy allows the a:B action");
        }),
        ("no identity-based policy allows check", &["check"], |it| {
            is_denied(it, "because no identity-based policy allows the a:B action");
        }),
        ("no service control policy allows check", &["check"], |it| {
            is_denied(
                it,
                "because no service control policy allows the a:B action",
            );
        }),
    ];
    shows("credentials", cases).await;
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
async fn credentials_that_expire_later_are_reported_with_the_way_to_new_ones() {
    let wire = Wire::new().await;
    for operation in [
        Operation::GetAccountSummary,
        Operation::ListOrganizationsFeatures,
        Operation::DescribeOrganization,
    ] {
        wire.fault_always(MANAGEMENT, operation, expired());
    }
    let words = ["ExpiredToken", "export new values of AWS_ACCESS_KEY_ID"];
    each_says(&wire, |_| (), &words).await;
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
        let denied = denied("with an explicit deny in a service control policy");
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
