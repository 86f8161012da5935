//! Asks for a confirmation before a deletion: the account ID, or the number of keys of a
//! plan.

use std::io::{self, BufRead, IsTerminal, Write};

use root_keys::failure::Failure;
use root_keys::root_session::confirmation::Confirmation;

use crate::cli::arguments::DeleteArguments;

/// Returns the confirmation of one deletion, by `--yes` or the account ID typed once
/// more; `None` without `--execute`.
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
        let key = &arguments.key;
        typed(&format!(
            "Type the account ID to delete {key} permanently: "
        ))?
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

/// Returns the confirmation of the deletion of so many keys, by their number.
///
/// # Errors
/// When something other than the number is typed, or nothing.
pub fn number_of_keys(left: usize) -> Result<Confirmation, Failure> {
    let given = typed("Type the number of remaining keys to delete them permanently: ")?;
    Confirmation::of_number(left, &given).ok_or_else(|| {
        Failure::new(format!(
            "nothing was deleted: you typed {:?} instead of {left}, the number of remaining keys",
            given.trim()
        ))
    })
}

/// Asks at a terminal; what comes from a pipe or a file is taken as it is.
fn typed(question: &str) -> Result<String, Failure> {
    let ask = || -> io::Result<String> {
        if io::stdin().is_terminal() {
            let mut prompt = io::stderr();
            write!(prompt, "{question}")?;
            prompt.flush()?;
        }
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        Ok(line)
    };
    ask().map_err(|error| Failure::new(format!("cannot read the confirmation: {error}")))
}
