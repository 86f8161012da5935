//! What was decided, and what became of it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use root_keys::organization::operation::{StartOperation, Started};
use serde::{Deserialize, Serialize};

use crate::repair::ledger::{Attempts, RepairLedger};
pub use crate::repair::why_not::{NotRepaired, Nothing};

/// What to do, and why not more. It is stored before anything is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// The operation to start.
    pub repair: Option<StartOperation>,
    /// Why none is started.
    pub nothing: Option<Nothing>,
    /// Why accounts that have no current stack stay as they are.
    pub not_repaired: BTreeMap<String, NotRepaired>,
    /// The accounts whose stack is current after these attempts.
    pub succeeded: BTreeMap<String, Attempts>,
    /// The attempts before the operation.
    pub ledger: RepairLedger,
    /// The UTC day of the run.
    pub day: NaiveDate,
}

/// What was decided, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepairOutcome {
    /// The operation, and what became of the request.
    pub repair: Option<(StartOperation, Started)>,
    /// Why none was started.
    pub nothing: Option<Nothing>,
    /// Why accounts that have no current stack stay as they are.
    pub not_repaired: BTreeMap<String, NotRepaired>,
    /// The accounts whose stack is current after these attempts.
    pub succeeded: BTreeMap<String, Attempts>,
    /// What the next report has to know.
    pub ledger: RepairLedger,
}

impl Decision {
    /// Starts with what the last report knew.
    pub(super) fn new(ledger: RepairLedger, day: NaiveDate) -> Self {
        Self {
            repair: None,
            nothing: None,
            not_repaired: BTreeMap::new(),
            succeeded: BTreeMap::new(),
            ledger,
            day,
        }
    }

    /// Closes the record of an account whose stack is current.
    pub(super) fn succeeded(&mut self, account: &str) {
        if let Some((account, attempts)) = self.ledger.accounts.remove_entry(account) {
            self.succeeded.insert(account, attempts);
        }
    }

    /// Says what became of it. `started` is `None` where there was nothing to start.
    ///
    /// An operation that AWS refused is no attempt; one that it may have accepted is.
    #[must_use]
    pub fn outcome(self, started: Option<Started>) -> RepairOutcome {
        let Self {
            repair,
            nothing,
            not_repaired,
            succeeded,
            mut ledger,
            day,
        } = self;
        let not_known = || Started::Unknown("it was not requested".to_owned());
        let repair = repair.map(|it| (it, started.unwrap_or_else(not_known)));
        if let Some((operation, started)) = &repair
            && !matches!(started, Started::Refused(_))
        {
            ledger.count(&operation.accounts, day, &operation.operation_id);
        }
        RepairOutcome {
            repair,
            nothing,
            not_repaired,
            succeeded,
            ledger,
        }
    }
}
