//! Keeps the emulator running, so that the AWS CLI can read the results and start evaluations.

use std::{
    io::{self, Write},
    path::Path,
    time::Duration,
};

use local_aws::{Account, LocalAws, Organization, RULE_NAME};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::sandbox::Sandbox;

/// The account from which the organization of the fleet is managed.
const MANAGEMENT: &str = "123456789012";

/// Prints how to reach the emulator, and returns at Ctrl-C or SIGTERM.
pub async fn until_interrupted(
    aws: &LocalAws,
    sandboxes: &[Sandbox],
    out: &mut impl Write,
) -> io::Result<()> {
    let shutdown = Shutdown::listen()?;
    organize(aws, sandboxes);
    explain(aws, sandboxes, out)?;
    let log = || sandboxes.iter().map(Sandbox::log).collect();
    shutdown.wait(out, log).await
}

/// Ctrl-C or SIGTERM. The signals are registered before anything is printed, because a reader may
/// stop the emulator immediately.
pub struct Shutdown {
    interrupted: Signal,
    terminated: Signal,
}

impl Shutdown {
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupted: signal(SignalKind::interrupt())?,
            terminated: signal(SignalKind::terminate())?,
        })
    }

    /// Writes what was printed so far and then what the functions log, until the signal arrives.
    pub async fn wait(mut self, out: &mut impl Write, log: impl Fn() -> String) -> io::Result<()> {
        loop {
            out.write_all(log().as_bytes())?;
            out.flush()?;
            tokio::select! {
                _ = self.interrupted.recv() => return Ok(()),
                _ = self.terminated.recv() => return Ok(()),
                () = tokio::time::sleep(Duration::from_millis(200)) => {}
            }
        }
    }
}

/// Makes the fleet one organization, so that its root users can be reached.
fn organize(aws: &LocalAws, sandboxes: &[Sandbox]) {
    let ids = sandboxes.iter().map(|sandbox| &sandbox.member.account.id);
    let organization = ids.fold(Organization::new(MANAGEMENT), |organization, id| {
        organization.with_member(id, &format!("sandbox-{}", &id[..1]))
    });
    aws.put_account(Account::new(MANAGEMENT));
    aws.put_organization(organization);
}

/// The commands with which another terminal reaches the emulator as any account.
///
/// The credentials follow from the account's ID, so one shell function is enough for all accounts.
pub fn endpoints(aws: &LocalAws, out: &mut impl Write) -> io::Result<()> {
    let endpoints = aws
        .endpoints()
        .map(|(name, url)| format!("export {name}={url}\n"));
    let endpoints = endpoints.concat();
    let commands = std::env::current_exe()?;
    let commands = commands.parent().unwrap_or(Path::new(".")).display();
    let account = Account::new(MANAGEMENT);
    let of_any = |text: &str| text.replace(MANAGEMENT, "$1");
    let keys = account.credentials();
    writeln!(
        out,
        "\nThe emulator keeps running until Ctrl-C. In another terminal:\n\n\
         export AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1 AWS_PAGER=\n\
         {endpoints}\
         export PATH=\"{commands}:$PATH\"\n\
         sign_in() {{\n  \
           export AWS_ACCESS_KEY_ID={}\n  \
           export AWS_SECRET_ACCESS_KEY={}\n  \
           export AWS_SESSION_TOKEN={}\n\
         }}\n\
         sign_in_as_root() {{\n  \
           sign_in $1; unset AWS_SESSION_TOKEN; export AWS_ACCESS_KEY_ID={}\n\
         }}\n\n\
         Choose an account:\n\n\
         sign_in {MANAGEMENT}                  # the management account",
        of_any(&keys.access_key_id),
        of_any(&keys.secret_access_key),
        of_any(&keys.session_token),
        of_any(&account.root_key_id(0)).replace("KEY1", "KEY$2"),
    )
}

fn explain(aws: &LocalAws, sandboxes: &[Sandbox], out: &mut impl Write) -> io::Result<()> {
    endpoints(aws, out)?;
    writeln!(
        out,
        "sign_in 333333333333                  # or any account of the table"
    )?;
    let accounts = sandboxes.iter().map(|sandbox| &sandbox.member.account);
    for account in accounts.filter(|it| it.root_keys[1].as_ref().is_some_and(|key| key.active)) {
        let id = &account.id;
        writeln!(
            out,
            "sign_in_as_root {id} 2        # its root user, by key 2"
        )?;
    }
    writeln!(
        out,
        "\nRead the results in AWS Config, and start an evaluation (once a minute):\n\n\
         aws configservice describe-config-rules\n\
         aws configservice describe-compliance-by-config-rule\n\
         aws configservice get-compliance-details-by-config-rule \\\n  \
           --config-rule-name {RULE_NAME}\n\
         aws configservice start-config-rules-evaluation \\\n  \
           --config-rule-names {RULE_NAME}\n\
         aws iam get-account-summary\n\n\
         From the finding to a deleted key: docs/remediation.md. As the management\n\
         account, for example:\n\n\
         root-keys list --account 333333333333"
    )
}
