//! The only way to a session that can delete: `--execute`, and then `--yes` or
//! the account id typed once more.

use std::io::{self, BufRead, Write};

use crate::command_line::Deletion;
use crate::failure::Failure;

/// That somebody means it: this key of this account, now.
pub struct Confirmation(());

impl Confirmation {
    /// `None` without `--execute`.
    ///
    /// # Errors
    /// When something other than the account id is typed, or nothing.
    pub fn of(wanted: &Deletion) -> Result<Option<Self>, Failure> {
        if !wanted.execute {
            return Ok(None);
        }
        if !wanted.yes {
            typed(wanted)?;
        }
        Ok(Some(Self(())))
    }
}

fn typed(wanted: &Deletion) -> Result<(), Failure> {
    let account = &wanted.target.account;
    let mut ask = io::stderr();
    write!(
        ask,
        "Type the account id to delete {} for good: ",
        wanted.key
    )?;
    ask.flush()?;
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::new(format!("cannot read the confirmation: {error}")))?;
    match line.trim() {
        same if same == account.as_str() => Ok(()),
        other => Err(Failure::new(format!(
            "nothing was deleted: the account id typed is {other:?}, not {account}; \
             without a terminal give --yes"
        ))),
    }
}
