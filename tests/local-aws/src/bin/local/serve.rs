//! Staying, so that the AWS CLI can read the results and start evaluations.

use std::{
    io::{self, Write},
    path::Path,
};

use local_aws::{Account, LocalAws, Organization, RULE_NAME};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::sandbox::Sandbox;

/// The account from which the organization of the fleet is managed.
const MANAGEMENT: &str = "123456789012";

/// Prints how to talk to the stand-in, and returns at Ctrl-C or SIGTERM.
pub async fn until_interrupted(
    aws: &LocalAws,
    sandboxes: &[Sandbox],
    out: &mut impl Write,
) -> io::Result<()> {
    let end = End::expected()?;
    organize(aws, sandboxes);
    explain(aws, sandboxes, out)?;
    end.wait(out).await
}

/// Ctrl-C or SIGTERM. Expected before anything is printed: whoever reads that
/// the stand-in stays may end it at once.
pub struct End {
    interrupted: Signal,
    terminated: Signal,
}

impl End {
    pub fn expected() -> io::Result<Self> {
        Ok(Self {
            interrupted: signal(SignalKind::interrupt())?,
            terminated: signal(SignalKind::terminate())?,
        })
    }

    /// Shows what was written so far, and returns when it has come.
    pub async fn wait(mut self, out: &mut impl Write) -> io::Result<()> {
        out.flush()?;
        tokio::select! {
            _ = self.interrupted.recv() => Ok(()),
            _ = self.terminated.recv() => Ok(()),
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

/// Where the services and the commands are, for the shell that will talk to them.
pub fn endpoints(aws: &LocalAws, out: &mut impl Write) -> io::Result<()> {
    let (iam, config) = (aws.iam_url(), aws.config_url());
    let (sts, organizations) = (aws.sts_url(), aws.organizations_url());
    let (cloudformation, others) = (aws.cloudformation_url(), aws.other_services_url());
    let commands = std::env::current_exe()?;
    let commands = commands.parent().unwrap_or(Path::new(".")).display();
    writeln!(
        out,
        "\nAWS stays here until Ctrl-C. In another terminal:\n\n\
         export AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1 AWS_PAGER=\n\
         export AWS_ENDPOINT_URL_IAM={iam}\n\
         export AWS_ENDPOINT_URL_CONFIG_SERVICE={config}\n\
         export AWS_ENDPOINT_URL_STS={sts}\n\
         export AWS_ENDPOINT_URL_ORGANIZATIONS={organizations}\n\
         export AWS_ENDPOINT_URL_CLOUDFORMATION={cloudformation}\n\
         export AWS_ENDPOINT_URL={others}\n\
         export PATH=\"{commands}:$PATH\"\n\n\
         Be one of the accounts:\n"
    )
}

fn explain(aws: &LocalAws, sandboxes: &[Sandbox], out: &mut impl Write) -> io::Result<()> {
    endpoints(aws, out)?;
    for sandbox in sandboxes {
        be(&sandbox.member.account, sandbox.member.what, out)?;
    }
    let management = Account::new(MANAGEMENT);
    be(&management, "the management account", out)?;
    for sandbox in sandboxes {
        let account = &sandbox.member.account;
        if account.root_keys[1].as_ref().is_some_and(|key| key.active) {
            be_root(account, 1, out)?;
        }
    }
    writeln!(
        out,
        "\nRead what AWS Config holds, and start an evaluation (once a minute):\n\n\
         aws configservice describe-config-rules\n\
         aws configservice describe-compliance-by-config-rule\n\
         aws configservice get-compliance-details-by-config-rule --config-rule-name {RULE_NAME}\n\
         aws configservice start-config-rules-evaluation --config-rule-names {RULE_NAME}\n\
         aws iam get-account-summary\n\n\
         From the finding to a deleted key, step by step: docs/remediation.md. As the management\n\
         account, for example:\n\n\
         root-keys list --account 333333333333"
    )
}

/// How to sign for an account, with a role of it.
pub fn be(account: &Account, what: &str, out: &mut impl Write) -> io::Result<()> {
    let keys = account.credentials();
    writeln!(
        out,
        "# {}: {what}\nexport AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={} AWS_SESSION_TOKEN={}",
        account.id, keys.access_key_id, keys.secret_access_key, keys.session_token
    )
}

/// How to sign for its root user, with the access key in that slot.
fn be_root(account: &Account, slot: usize, out: &mut impl Write) -> io::Result<()> {
    let key = account.root_key_id(slot);
    let secret = account.credentials().secret_access_key;
    writeln!(
        out,
        "# root user of {}, by its key {}\n\
         unset AWS_SESSION_TOKEN; export AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret}",
        account.id,
        slot + 1
    )
}
