//! Why nothing is done, with words for the report.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Why no operation is started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nothing {
    /// The deployment does not permit it.
    NotDeployed,
    /// The operator switched it off.
    SwitchedOff,
    /// The operator's switch could not be read.
    SwitchNotRead,
    /// There is no last report, and so no record of attempts.
    FirstReport,
    /// The last report, and with it the record of attempts, could not be read.
    LastReportNotReadable,
    /// The StackSet or its stacks could not be read.
    StackSetNotVisible,
    /// No StackSet that brings the rule is administered from here.
    NoStackSet,
    /// No account needs an operation that the watch may start.
    NothingToRepair,
    /// The present template was not deployed to any account yet.
    NotSucceededElsewhere,
    /// Every account that needs one is in its pause, or given up.
    NoneDue,
    /// The operations on the StackSet could not be listed: why.
    OperationsNotVisible(String),
    /// This operation on the StackSet has not ended.
    OperationInProgress(String),
    /// This operation on the StackSet ended after the StackSet was read.
    OperationSince(String),
    /// This operation of the watch is not in the last report.
    AttemptNotRecorded(String),
    /// Several operations of the watch are not in the last report; this is the newest.
    AttemptsNotRecorded(String),
    /// The last update of the StackSet was stopped, or stopped at its failure tolerance.
    UpdateStopped(String),
}

/// Why an account that has no current stack stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotRepaired {
    /// The account is not active, or its state is not known.
    NotActive,
    /// AWS Organizations does not say in which organizational unit it is.
    UnitNotKnown,
    /// It is in no organizational unit that is configured.
    OutsideUnits,
    /// The StackSet's present template was not rolled out to this unit.
    UnitNotUpdated(String),
    /// Its stack has an older template, and no operation failed.
    NotUpdated,
    /// The operation in it was canceled.
    Cancelled,
    /// Its stack is inoperable.
    Inoperable,
    /// An operation in it has not ended.
    InProgress,
    /// Its stack failed for a reason that another attempt does not fix.
    OtherReason,
    /// Its stack has this detailed status.
    OtherStatus(String),
    /// Its stack is in another region.
    InOtherRegion,
    /// The results of the rule could not be read, so another deployment may evaluate it.
    ResultsNotVisible,
    /// The last attempt was not long ago.
    #[serde(rename_all = "camelCase")]
    Pause {
        /// How many attempts there were.
        attempts: u32,
        /// The UTC day of the next one, at the earliest.
        not_before: NaiveDate,
    },
    /// There were too many attempts.
    GivenUp {
        /// How many there were.
        attempts: u32,
    },
    /// Another day: nothing is started today, or others come first.
    Later,
}

impl Nothing {
    /// Says it in a sentence without its period.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::NotDeployed => "The watch is deployed without repair".to_owned(),
            Self::SwitchedOff => {
                "Repair is switched off: parameter /root-access-key-rule/watch/repair".to_owned()
            }
            Self::SwitchNotRead => "No repair, because its switch could not be read: parameter \
                                    /root-access-key-rule/watch/repair"
                .to_owned(),
            Self::FirstReport => {
                "No repair with the first report: there is no record of attempts yet".to_owned()
            }
            Self::LastReportNotReadable => "No repair, because the record of attempts in the last \
                                            report could not be read"
                .to_owned(),
            Self::StackSetNotVisible => {
                "No repair, because the StackSet could not be read".to_owned()
            }
            Self::NoStackSet => {
                "No repair, because no StackSet that brings the rule is administered from here"
                    .to_owned()
            }
            Self::NothingToRepair => "No account needs a repair".to_owned(),
            Self::NotSucceededElsewhere => "No repair, because no account has the StackSet's \
                                            present template yet"
                .to_owned(),
            Self::NoneDue => "No repair is due today".to_owned(),
            Self::OperationsNotVisible(why) => format!(
                "No repair, because the operations on the StackSet could not be listed: {why}"
            ),
            Self::OperationInProgress(id) => {
                format!("No repair, because operation {id} on the StackSet has not ended")
            }
            Self::OperationSince(id) => format!(
                "No repair, because operation {id} on the StackSet ended while the organization \
                 was read"
            ),
            Self::AttemptNotRecorded(id) => format!(
                "No repair, because the last report does not have operation {id} of the watch; it \
                 now counts as an attempt"
            ),
            Self::AttemptsNotRecorded(id) => format!(
                "No repair, because the last report does not have several operations of the watch, \
                 the last of them {id}; every account that one of them may have been for now has \
                 the longest pause"
            ),
            Self::UpdateStopped(id) => format!(
                "No repair, because the last update of the StackSet stopped before it had reached \
                 all accounts (operation {id}): fix its cause, then update the StackSet again"
            ),
        }
    }
}

impl NotRepaired {
    /// Says it in a clause that follows "not repaired:".
    #[must_use]
    pub fn clause(&self) -> String {
        match self {
            Self::NotActive => "the account is not active".to_owned(),
            Self::UnitNotKnown => "its organizational unit is not known".to_owned(),
            Self::OutsideUnits => {
                "it is outside the organizational units of the StackSet".to_owned()
            }
            Self::UnitNotUpdated(unit) => {
                format!("{unit} has not been updated to the StackSet's present template")
            }
            Self::NotUpdated => "its stack has an older template, which only you update".to_owned(),
            Self::Cancelled => "the operation was canceled".to_owned(),
            Self::Inoperable => "its stack is inoperable and must be replaced".to_owned(),
            Self::InProgress => "an operation has not ended".to_owned(),
            Self::OtherReason => "another attempt does not fix the cause".to_owned(),
            Self::OtherStatus(status) => format!("its stack is {status}"),
            Self::InOtherRegion => "its stack is in another region".to_owned(),
            Self::ResultsNotVisible => {
                "the results are not visible, so another rule may evaluate it".to_owned()
            }
            Self::Pause {
                attempts,
                not_before,
            } => format!("attempt {} on {not_before} or later", attempts + 1),
            Self::GivenUp { attempts } => format!("given up after {attempts} attempts"),
            Self::Later => "not today".to_owned(),
        }
    }
}
