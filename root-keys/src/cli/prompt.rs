//! Asks for the account ID before a deletion: `--execute`, and then `--yes` or the
//! account ID typed once more.

use std::io::{self, BufRead, Write};

use root_keys::failure::Failure;
use root_keys::root_session::confirmation::Confirmation;

use crate::cli::arguments::DeleteArguments;

/// Returns the confirmation that was given or typed; `None` without `--execute`.
///
/// # Errors
/// When something other than the account ID is typed, or nothing.
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
            "nothing was deleted: you typed {:?} instead of the account ID {account}; to skip the \
             prompt, use --yes",
            given.trim()
        ))),
    }
}

fn typed(key: &str) -> io::Result<String> {
    let mut prompt = io::stderr();
    write!(prompt, "Type the account ID to delete {key} permanently: ")?;
    prompt.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line)
}
