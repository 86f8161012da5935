//! The days of a watch: each makes the next document from the last, and the digest.

use chrono::NaiveDate;
use root_access_key_watch::answer::Digest;
use root_access_key_watch::digest::console::Place;
use root_access_key_watch::digest::content::Content;
use root_access_key_watch::digest::word;
use root_access_key_watch::event::Switches;
use root_access_key_watch::latest::{Latest, Previous};
use root_access_key_watch::next::next;
use root_access_key_watch::next::sources::Sources;
use root_access_key_watch::next::view::{Today, View};
use root_access_key_watch::repair::outcome::RepairOutcome;
use root_keys::status::report::Report;

use crate::organization::Organization;

pub const ON: Switches = Switches {
    repair: true,
    digest: true,
};

/// A watch over many days.
#[derive(Debug, Clone)]
pub struct Watch {
    pub previous: Previous,
    pub switches: Option<Switches>,
    pub repairs: Option<RepairOutcome>,
    /// Whether Amazon SNS takes what is published.
    pub publishes: bool,
}

/// What a day came to.
#[derive(Debug)]
pub struct Day {
    pub report: Option<Report>,
    /// Before it is known whether the digest was published.
    pub latest: Latest,
    pub digest: Option<Digest>,
}

impl Watch {
    pub fn new() -> Self {
        Self {
            previous: Previous::First,
            switches: Some(ON),
            repairs: None,
            publishes: true,
        }
    }

    /// A run on that day; `Err` says why the accounts could not be listed.
    pub fn run(&mut self, day: NaiveDate, organization: Result<&Organization, &str>) -> Day {
        let seen = organization.map(|it| {
            let facts = it.facts(day);
            let seen = Sources::of(&facts, it.exemptions.is_ok());
            (it.report(&facts), seen)
        });
        let view = match &seen {
            Ok((report, seen)) => View::Report {
                report,
                seen: *seen,
            },
            Err(why) => View::Blind { why },
        };
        let today = Today {
            day,
            run: "run-1",
            view,
            switches: self.switches,
        };
        let latest = next(&self.previous, &today);
        let digest = word(&Content {
            previous: &self.previous,
            today,
            latest: &latest,
            repairs: self.repairs.as_ref(),
            place: Place {
                bucket: "root-access-key-rule-org-watch-888888888888",
                region: "us-east-1",
            },
        });
        let published = digest.is_some() && self.publishes;
        let recorded = latest.clone().after_publishing(published);
        // As the next run reads it.
        let read = Latest::parse(recorded.json().as_bytes()).unwrap();
        assert_eq!(read, recorded);
        self.previous = Previous::Known(Box::new(read));
        Day {
            report: seen.ok().map(|(report, _)| report),
            latest,
            digest,
        }
    }
}
