//! The attempts so far, which `latest.json` keeps, and the pauses between them.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::repair::why_not::NotRepaired;

/// After so many attempts in a row an account is given up.
pub const MAX_ATTEMPTS: u32 = 8;
/// The longest pause, in days.
const LONGEST_PAUSE: u32 = 16;
/// After so many attempts the pause is the longest.
const ATTEMPTS_TO_LONGEST_PAUSE: u32 = 5;

/// The attempts of the watch, as far as they were recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepairLedger {
    /// The ID of the last operation that the watch requested or found.
    pub last_operation: Option<String>,
    /// The accounts whose stack has not been current since.
    pub accounts: BTreeMap<String, Attempts>,
}

/// The attempts in one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempts {
    /// How many there were since its stack was last current; at least five, if it is not
    /// known anymore.
    pub attempts: u32,
    /// The UTC day of the last one.
    pub last: NaiveDate,
    /// The UTC day of the next one, at the earliest.
    pub not_before: NaiveDate,
    /// The ID of the operation of the last one.
    pub operation_id: String,
}

impl RepairLedger {
    /// Counts an attempt in each of these accounts.
    pub fn count<'a>(
        &mut self,
        accounts: impl IntoIterator<Item = &'a String>,
        day: NaiveDate,
        operation_id: &str,
    ) {
        self.last_operation = Some(operation_id.to_owned());
        for account in accounts {
            let attempts = self.attempts(account).saturating_add(1);
            self.insert(account, attempts, day, operation_id);
        }
    }

    /// Counts so many attempts in each of these accounts that the longest pause follows. It is
    /// not known how many there were until the operation of that day.
    pub(super) fn assume_longest_pause<'a>(
        &mut self,
        accounts: impl IntoIterator<Item = &'a String>,
        day: NaiveDate,
        operation_id: &str,
    ) {
        self.last_operation = Some(operation_id.to_owned());
        for account in accounts {
            let attempts = self.attempts(account).max(ATTEMPTS_TO_LONGEST_PAUSE);
            self.insert(account, attempts, day, operation_id);
        }
    }

    fn attempts(&self, account: &str) -> u32 {
        self.accounts.get(account).map_or(0, |it| it.attempts)
    }

    fn insert(&mut self, account: &str, attempts: u32, day: NaiveDate, operation_id: &str) {
        let attempts = Attempts {
            attempts,
            last: day,
            not_before: day + pause(attempts),
            operation_id: operation_id.to_owned(),
        };
        self.accounts.insert(account.to_owned(), attempts);
    }

    /// Says why nothing is tried in the account on that day; `None` if something may be.
    pub(super) fn waits(&self, account: &str, day: NaiveDate) -> Option<NotRepaired> {
        let known = self.accounts.get(account)?;
        if known.attempts >= MAX_ATTEMPTS {
            return Some(NotRepaired::GivenUp {
                attempts: known.attempts,
            });
        }
        (day < known.not_before).then_some(NotRepaired::Pause {
            attempts: known.attempts,
            not_before: known.not_before,
        })
    }

    /// Orders accounts: the one with the fewest attempts first.
    pub(super) fn rank(&self, account: &str) -> (u32, Option<NaiveDate>) {
        let known = self.accounts.get(account);
        known.map_or((0, None), |it| (it.attempts, Some(it.last)))
    }
}

/// The pause after so many attempts: 1, 2, 4, 8, and then always 16 days.
fn pause(attempts: u32) -> Days {
    let doublings = attempts.saturating_sub(1);
    let days = 1_u32.checked_shl(doublings).unwrap_or(LONGEST_PAUSE);
    let days = if days == 0 { LONGEST_PAUSE } else { days };
    Days::new(days.min(LONGEST_PAUSE).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_sixteen_days_and_then_the_account_is_given_up() {
        let mut day = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        let account = "111122223333".to_owned();
        let mut ledger = RepairLedger::default();
        let mut pauses = Vec::new();
        while ledger.waits(&account, day).is_none() {
            ledger.count([&account], day, "id");
            let next = ledger.accounts[&account].not_before;
            pauses.push((next - day).num_days());
            if next > day && pauses.len() < MAX_ATTEMPTS as usize {
                let eve = next.pred_opt().unwrap();
                assert!(matches!(
                    ledger.waits(&account, eve),
                    Some(NotRepaired::Pause { .. })
                ));
            }
            day = next;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 16, 16, 16]);
        assert_eq!(pauses[ATTEMPTS_TO_LONGEST_PAUSE as usize - 1], 16);
        let far = day + Days::new(10_000);
        let given_up = NotRepaired::GivenUp { attempts: 8 };
        assert_eq!(ledger.waits(&account, far), Some(given_up));
    }

    #[test]
    fn any_number_of_attempts_has_a_pause() {
        for attempts in [9, 31, 32, 33, 64, u32::MAX] {
            assert_eq!(pause(attempts), Days::new(16), "{attempts}");
        }
    }
}
