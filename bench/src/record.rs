//! The numbers that later runs are compared with.

use std::env::consts::ARCH;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::rows::{INSTRUCTIONS, Row};
use crate::statistics::median;

/// How many times the recorded instructions a cold evaluation may execute.
const MAX_GROWTH: f64 = 1.10;

/// The committed file `bench/record.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The architecture as Rust names it (`x86_64`, `aarch64`).
    pub architecture: String,
    /// Instructions of a cold evaluation in user space, as valgrind counts them.
    pub cold_instructions: u64,
}

impl Record {
    /// The results of our function, the first subject.
    ///
    /// # Errors
    /// It was not measured.
    pub fn of(rows: &[Row]) -> Result<Self, String> {
        let row = rows.iter().find(|row| row.label == INSTRUCTIONS);
        let counts = row.and_then(|row| median(row.values.first()?));
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was counted in whole numbers"
        )]
        let cold_instructions = counts.ok_or("no instructions were counted")? as u64;
        Ok(Self {
            architecture: ARCH.to_owned(),
            cold_instructions,
        })
    }

    /// Reads the record.
    ///
    /// # Errors
    /// The file is missing or malformed.
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(file).map_err(|error| error.to_string());
        text.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()))
            .map_err(|error| format!("cannot read {}: {error}", file.display()))
    }

    /// Replaces the record.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, file: &Path) -> Result<(), Box<dyn std::error::Error>> {
        Ok(fs::write(file, serde_json::to_string_pretty(self)? + "\n")?)
    }

    /// Fails if a cold evaluation executes over 10% more instructions than `record` says.
    /// A record of another architecture is not compared.
    ///
    /// # Errors
    /// Both numbers, and what to do.
    pub fn compare_with(&self, record: &Self) -> Result<(), String> {
        if self.architecture != record.architecture {
            println!(
                "measured on {}, the record on {}: not compared",
                self.architecture, record.architecture
            );
            return Ok(());
        }
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
        let growth = self.cold_instructions as f64 / record.cold_instructions as f64;
        let both = format!(
            "a cold evaluation executes {} instructions, {growth:.2} times the recorded {}",
            self.cold_instructions, record.cold_instructions
        );
        if growth > MAX_GROWTH {
            return Err(format!(
                "{both}; the limit is {MAX_GROWTH} times; reduce the instructions, or explain the growth in the commit and run `make bench ARGS=--record`"
            ));
        }
        println!("{both}: within the limit of {MAX_GROWTH} times");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(cold_instructions: u64) -> Record {
        Record {
            architecture: ARCH.to_owned(),
            cold_instructions,
        }
    }

    #[test]
    fn a_tenth_more_is_fine_and_a_little_over_is_not() {
        assert_eq!(record(1_100).compare_with(&record(1_000)), Ok(()));
        let error = record(1_101).compare_with(&record(1_000)).unwrap_err();
        assert!(error.contains("1101") && error.contains("1000"), "{error}");
    }

    #[test]
    fn another_architecture_is_not_compared() {
        let other = Record {
            architecture: "a different one".to_owned(),
            ..record(1)
        };
        assert_eq!(record(2).compare_with(&other), Ok(()));
    }
}
