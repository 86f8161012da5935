//! The journal as a file beside the plan: locked, appended to, and on disk before the
//! next step.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::failure::Failure;
use crate::root_session::apply::writer::Log;

/// The file, locked for this process until it is dropped.
#[derive(Debug)]
pub struct JournalFile {
    file: File,
    /// Whether its last line has no end: a crash cut it short.
    torn: bool,
}

/// Reads a journal without locking it; it is empty if there is none.
///
/// # Errors
/// When there is one that cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(unusable(path, &error)),
    }
}

impl JournalFile {
    /// Opens the file or makes it, locks it, and returns what is in it.
    ///
    /// # Errors
    /// When it cannot be opened or read, or another process has locked it.
    pub fn open(path: &Path) -> Result<(Self, Vec<u8>), Failure> {
        let unusable = |error| unusable(path, &error);
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::new(format!(
                    "another `root-keys apply` has locked the journal {}; wait until it has ended",
                    path.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(unusable)?;
        persist_name(path).map_err(unusable)?;
        let torn = bytes.last().is_some_and(|last| *last != b'\n');
        Ok((Self { file, torn }, bytes))
    }
}

/// A new file is lost in a crash unless its folder is on disk, too.
fn persist_name(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!(
        "cannot use the journal {}: {error}; nothing was deleted; correct its permissions, or move \
         the plan to a folder that you may write to",
        path.display()
    ))
}

impl Log for JournalFile {
    fn append(&mut self, line: &str) -> io::Result<()> {
        // What was cut short keeps a line of its own.
        let line = if self.torn {
            format!("\n{line}")
        } else {
            line.to_owned()
        };
        // Until all of it is written, the last line may be cut short.
        self.torn = true;
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.torn = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{JournalFile, read};
    use crate::root_session::apply::writer::Log;

    /// A path in a folder of its own.
    fn path(test: &str) -> PathBuf {
        let name = format!("root-keys-journal-{test}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder.join("plan.json.journal")
    }

    #[test]
    fn lines_are_appended_and_a_torn_one_gets_its_own_line() {
        let path = path("append");
        assert_eq!(read(&path).unwrap(), b"");
        {
            let (mut file, bytes) = JournalFile::open(&path).unwrap();
            assert_eq!(bytes, b"");
            file.append("first\n").unwrap();
            file.append("second\n").unwrap();
        }
        std::fs::write(&path, b"first\nsec").unwrap();
        {
            let (mut file, bytes) = JournalFile::open(&path).unwrap();
            assert_eq!(bytes, b"first\nsec");
            file.append("third\n").unwrap();
            file.append("fourth\n").unwrap();
        }
        assert_eq!(read(&path).unwrap(), b"first\nsec\nthird\nfourth\n");
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn only_one_process_at_a_time_may_write() {
        let path = path("lock");
        let (first, _) = JournalFile::open(&path).unwrap();
        let error = JournalFile::open(&path).unwrap_err().to_string();
        assert!(
            error.starts_with("another `root-keys apply` has locked"),
            "{error}"
        );
        drop(first);
        assert!(JournalFile::open(&path).is_ok());
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let folder = std::env::temp_dir();
        for error in [
            JournalFile::open(&folder).unwrap_err(),
            read(&folder).unwrap_err(),
        ] {
            let error = error.to_string();
            assert!(error.starts_with("cannot use the journal /"), "{error}");
        }
    }
}
