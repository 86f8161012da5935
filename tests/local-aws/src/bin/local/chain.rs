//! One account from clean to clean: its root user creates a key, and deletes it.
//!
//! Each step is a new evaluation by the same process, as a re-evaluation starts it.

use std::io::{self, Write};

use chrono::{DateTime, Duration, Utc};
use local_aws::{Account, LocalAws, Report, RootKey};

use crate::{
    fleet::{Expected, Member, days_ago, words},
    function::Binary,
    sandbox::Sandbox,
    table::Table,
};

/// Whether every step has the expected result.
pub async fn run(aws: &LocalAws, binary: &Binary, out: &mut impl Write) -> io::Result<bool> {
    let [clean, with_key, clean_again] = steps(aws.now());
    let mut sandbox = Sandbox::start(aws, binary, clean).await?;
    let mut table = Table::new(out);
    table.head()?;
    table.row(&sandbox.evaluate(aws).await)?;
    table.log(&sandbox.log())?;
    for step in [with_key, clean_again] {
        aws.put_account(step.account.clone());
        sandbox.member = step;
        table.row(&sandbox.evaluate(aws).await)?;
        table.log(&sandbox.log())?;
    }
    table.sum("steps")
}

fn steps(now: DateTime<Utc>) -> [Member; 3] {
    let clean = Account::new("111111111111").with_report(Report::Complete {
        generated_at: now - Duration::hours(1),
    });
    let with_key = clean
        .clone()
        .with_root_keys(Some(RootKey::active(days_ago(now, 0))), None);
    let step = |what, account, expected| Member {
        what,
        account,
        faults: Vec::new(),
        function_account: None,
        expected,
    };
    let no_keys = || Expected::Evaluation("COMPLIANT", words(["no access keys."]));
    [
        step("a clean account", clean.clone(), no_keys()),
        step(
            "the root user creates a key",
            with_key,
            Expected::Evaluation("NON_COMPLIANT", words(["has access keys", "not show"])),
        ),
        step("the key is deleted", clean, no_keys()),
    ]
}
