//! The only way of an application to the journal and to a session that can delete. In
//! a dry run it leads to neither.

use std::fmt;
use std::io;

use crate::failure::Failure;
use crate::root_session::apply::journal::Entry;
use crate::root_session::confirmation::Confirmation;

/// A file of records that is only ever appended to.
pub trait Log {
    /// Appends a line. When this returns `Ok`, the line survives a crash of the
    /// machine.
    ///
    /// # Errors
    /// When it is not certain that the line was written.
    fn append(&mut self, line: &str) -> io::Result<()>;
}

/// Where the records go, and whether keys may be deleted.
pub enum Writer<'a> {
    /// Writes nothing and deletes nothing.
    DryRun,
    /// Writes to the journal.
    Execute {
        /// Opens sessions that can delete.
        confirmation: Confirmation,
        /// The journal.
        log: &'a mut dyn Log,
    },
}

impl Writer<'_> {
    /// Returns what opens a session that can delete; `None` in a dry run.
    #[must_use]
    pub fn confirmation(&self) -> Option<&Confirmation> {
        match self {
            Self::DryRun => None,
            Self::Execute { confirmation, .. } => Some(confirmation),
        }
    }

    /// Writes a record before anything else is done.
    ///
    /// # Errors
    /// When the journal cannot be written: the record is in the message, so that it is
    /// not lost.
    pub fn write(&mut self, entry: &Entry) -> Result<(), Failure> {
        let Self::Execute { log, .. } = self else {
            return Ok(());
        };
        let line = entry.line();
        log.append(&line).map_err(|error| {
            Failure::new(format!(
                "cannot write the journal: {error}; nothing more is deleted; make room or correct \
                 the permissions of the file, then apply the plan again; not written: {}",
                line.trim_end()
            ))
        })
    }
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DryRun => "DryRun",
            Self::Execute { .. } => "Execute",
        })
    }
}
