//! Reads a file of exemptions.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use root_keys::exemptions::{self, Exemptions};

/// Returns the exemptions of the file, and its bytes.
///
/// # Errors
/// When the file cannot be read or is not valid: which file, and why.
pub fn read(path: &Path, now: DateTime<Utc>) -> Result<(Exemptions, Vec<u8>), String> {
    let bytes =
        fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let exemptions = exemptions::parse(&bytes, now);
    let exemptions = exemptions.map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((exemptions, bytes))
}
