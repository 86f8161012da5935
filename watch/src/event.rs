//! The payload of an invocation: one step of a run.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use crate::error::{ErrorKind, WatchError};

/// One step of a run, as the state machine sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The run that the step belongs to.
    pub run: Run,
    /// What to do.
    pub step: Step,
}

/// One execution of the state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The name of the execution: 1–80 of `A–Z a–z 0–9 - _`. Part of the checkpoint's key.
    pub name: String,
    /// When the execution started. Its UTC day is the day of the report.
    pub started: DateTime<Utc>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Continues to read the organization; the last such step decides.
    Work {
        /// The switches; `None` if the state machine could not read them.
        switches: Option<Switches>,
    },
    /// Records the run in `latest.json`.
    Record {
        /// Whether the digest was published.
        published: bool,
    },
}

/// What an operator turns on and off without a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// Whether the watch may start StackSet operations.
    pub repair: bool,
    /// Whether the digest is published.
    pub digest: bool,
}

#[derive(Deserialize)]
#[serde(tag = "step", rename_all = "lowercase", deny_unknown_fields)]
enum Payload {
    Work {
        run: String,
        started: String,
        switches: Option<RawSwitches>,
    },
    Record {
        run: String,
        started: String,
        published: bool,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSwitches {
    repair: Switch,
    digest: Switch,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Switch {
    On,
    Off,
}

impl Event {
    /// Reads the payload of an invocation.
    ///
    /// # Errors
    /// `InvalidEvent` says what is wrong with it.
    pub fn from_payload(payload: &str) -> Result<Self, WatchError> {
        let payload = serde_json::from_str(payload).map_err(|error| invalid(&error.to_string()))?;
        let (run, started, step) = match payload {
            Payload::Work {
                run,
                started,
                switches,
            } => (
                run,
                started,
                Step::Work {
                    switches: switches.map(Into::into),
                },
            ),
            Payload::Record {
                run,
                started,
                published,
            } => (run, started, Step::Record { published }),
        };
        Ok(Self {
            run: Run::new(run, &started)?,
            step,
        })
    }
}

impl Run {
    /// Returns the UTC day of the report.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        self.started.date_naive()
    }

    fn new(name: String, started: &str) -> Result<Self, WatchError> {
        let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if !(1..=80).contains(&name.len()) || !name.bytes().all(inside) {
            return Err(invalid(
                "`run` is not the name of an execution: 1 to 80 letters, digits, hyphens and underscores",
            ));
        }
        let started = DateTime::parse_from_rfc3339(started)
            .map_err(|_| invalid("`started` is not a time such as 2026-11-27T05:00:00Z"))?
            .with_timezone(&Utc);
        Ok(Self { name, started })
    }
}

impl From<RawSwitches> for Switches {
    fn from(raw: RawSwitches) -> Self {
        Self {
            repair: raw.repair == Switch::On,
            digest: raw.digest == Switch::On,
        }
    }
}

fn invalid(why: &str) -> WatchError {
    WatchError::new(
        ErrorKind::InvalidEvent,
        format!(
            "cannot read the event: {why}; start the state machine root-access-key-rule-org-watch instead of \
             invoking this function"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(payload: &str) -> String {
        let error = Event::from_payload(payload).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidEvent);
        error.message
    }

    #[test]
    fn a_step_has_the_run_its_start_and_the_switches() {
        let payload = r#"{"step":"work","run":"a-1_B","started":"2026-11-27T05:00:00.5Z","switches":{"repair":"on","digest":"off"}}"#;
        let event = Event::from_payload(payload).unwrap();
        assert_eq!(event.run.name, "a-1_B");
        assert_eq!(
            event.run.started.to_rfc3339(),
            "2026-11-27T05:00:00.500+00:00"
        );
        let switches = Some(Switches {
            repair: true,
            digest: false,
        });
        assert_eq!(event.step, Step::Work { switches });
    }

    #[test]
    fn switches_that_could_not_be_read_are_null() {
        let payload =
            r#"{"step":"work","run":"a","started":"2026-11-27T05:00:00Z","switches":null}"#;
        let event = Event::from_payload(payload).unwrap();
        assert_eq!(event.step, Step::Work { switches: None });
    }

    #[test]
    fn the_last_step_says_whether_the_digest_was_published() {
        for published in [true, false] {
            let payload = format!(
                r#"{{"step":"record","run":"a","started":"2026-11-27T05:00:00Z","published":{published}}}"#
            );
            let event = Event::from_payload(&payload).unwrap();
            assert_eq!(event.step, Step::Record { published });
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_way_to_start_a_run() {
        for payload in [
            "",
            "null",
            "{}",
            r#"{"step":"other","run":"a","started":"2026-11-27T05:00:00Z"}"#,
            r#"{"step":"record","run":"a","started":"2026-11-27T05:00:00Z"}"#,
            r#"{"step":"record","run":"a","started":"2026-11-27T05:00:00Z","published":"true"}"#,
            r#"{"step":"record","run":"a","started":"2026-11-27","published":true}"#,
            r#"{"step":"record","run":"../a","started":"2026-11-27T05:00:00Z","published":true}"#,
            r#"{"step":"record","run":"","started":"2026-11-27T05:00:00Z","published":true}"#,
            r#"{"step":"work","run":"a","started":"2026-11-27T05:00:00Z","switches":{"repair":"yes","digest":"on"}}"#,
            r#"{"step":"work","run":"a","started":"2026-11-27T05:00:00Z","switches":{"repair":"on"}}"#,
        ] {
            let message = refused(payload);
            assert!(
                message.contains("root-access-key-rule-org-watch"),
                "{message}"
            );
        }
        let long = "x".repeat(81);
        refused(&format!(
            r#"{{"step":"record","run":"{long}","started":"2026-11-27T05:00:00Z","published":true}}"#
        ));
    }
}
