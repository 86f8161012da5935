//! Asks for the account id before a deletion: `--execute`, and then `--yes` or the
//! account id typed once more.

use std::io::{self, BufRead, Write};

use root_keys::failure::Failure;
use root_keys::root_session::confirmation::Confirmation;

use crate::cli::arguments::DeleteArguments;

/// Returns the confirmation that was given or typed; `None` without `--execute`.
///
/// # Errors
/// When something other than the account id is typed, or nothing.
pub fn confirmation(arguments: &DeleteArguments) -> Result<Option<Confirmation>, Failure> {
    if !arguments.execute {
        return Ok(None);
    }
    let account = &arguments.account;
    let given = if arguments.yes {
        account.to_string()
    } else {
        typed(&arguments.key)
            .map_err(|error| Failure::new(format!("cannot read the confirmation: {error}")))?
    };
    match Confirmation::of(account, &given) {
        Some(confirmation) => Ok(Some(confirmation)),
        None => Err(Failure::new(format!(
            "nothing was deleted: the account id typed is {:?}, not {account}; without a terminal \
             give --yes",
            given.trim()
        ))),
    }
}

fn typed(key: &str) -> io::Result<String> {
    let mut prompt = io::stderr();
    write!(prompt, "Type the account id to delete {key} permanently: ")?;
    prompt.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line)
}
