//! Staying, so that the AWS CLI can read the results and start evaluations.

use std::io::{self, Write};

use local_aws::{LocalAws, RULE_NAME};
use tokio::signal::unix::{SignalKind, signal};

use crate::sandbox::Sandbox;

/// Prints how to talk to the stand-in, and returns at Ctrl-C or SIGTERM.
pub async fn until_interrupted(
    aws: &LocalAws,
    sandboxes: &[Sandbox],
    out: &mut impl Write,
) -> io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    aws.run_clock();
    explain(aws, sandboxes, out)?;
    out.flush()?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

fn explain(aws: &LocalAws, sandboxes: &[Sandbox], out: &mut impl Write) -> io::Result<()> {
    let (iam, config) = (aws.iam_url(), aws.config_url());
    writeln!(
        out,
        "\nAWS stays here until Ctrl-C. In another terminal:\n\n\
         export AWS_DEFAULT_REGION=us-east-1\n\
         export AWS_ENDPOINT_URL_IAM={iam}\n\
         export AWS_ENDPOINT_URL_CONFIG_SERVICE={config}\n\n\
         Be one of the accounts:\n"
    )?;
    for sandbox in sandboxes {
        let account = &sandbox.member.account;
        let keys = account.credentials();
        writeln!(
            out,
            "# {}: {}\nexport AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={} AWS_SESSION_TOKEN={}",
            account.id,
            sandbox.member.what,
            keys.access_key_id,
            keys.secret_access_key,
            keys.session_token
        )?;
    }
    writeln!(
        out,
        "\nRead what AWS Config holds, and start an evaluation (once a minute):\n\n\
         aws configservice describe-config-rules\n\
         aws configservice describe-compliance-by-config-rule\n\
         aws configservice get-compliance-details-by-config-rule --config-rule-name {RULE_NAME}\n\
         aws configservice start-config-rules-evaluation --config-rule-names {RULE_NAME}\n\
         aws iam get-account-summary"
    )
}
