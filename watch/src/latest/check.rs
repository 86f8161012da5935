//! Whether a document that was read can be what the watch wrote.

use root_access_key_rule::rule::account_id::AccountId;

use crate::latest::document::{Files, Latest, MAX_CLOSED, MAX_TREND, OpenAccount};

impl Latest {
    /// Checks what other parts of the watch rely on.
    pub(super) fn check(&self) -> Result<(), String> {
        let after = |what: &str| Err(format!("{what} is later than its day, {}", self.day));
        if self.trend.len() > MAX_TREND {
            return Err(format!("its trend has more than {MAX_TREND} reports"));
        }
        if self.closed.len() > MAX_CLOSED {
            return Err(format!("it has more than {MAX_CLOSED} closed problems"));
        }
        if !self.trend.is_sorted_by_key(|it| it.day) {
            return Err("its trend is not in the order of days".to_owned());
        }
        if self.trend.last().is_some_and(|it| it.day > self.day) {
            return after("its trend");
        }
        let digests = [self.all_compliant, self.last_digest];
        if digests.into_iter().flatten().any(|day| day > self.day) {
            return after("its last digest");
        }
        if let Some(files) = &self.files {
            files.check()?;
        }
        let repairs = self.repairs.accounts.keys();
        let accounts = self
            .open
            .keys()
            .chain(self.exemptions.keys())
            .chain(repairs);
        for id in accounts.chain(self.closed.iter().map(|it| &it.account)) {
            if AccountId::new(id).is_none() {
                return Err(format!("{id:?} is no account ID"));
            }
        }
        for (id, account) in &self.open {
            if account.is_later_than(self) {
                return after(&format!("what is open in account {id}"));
            }
        }
        Ok(())
    }
}

impl OpenAccount {
    fn is_later_than(&self, latest: &Latest) -> bool {
        let mut problems = self.problems.values();
        problems.any(|it| it.since > it.seen || it.seen > latest.day)
    }
}

impl Files {
    fn check(&self) -> Result<(), String> {
        let day = self.json.strip_suffix("/status.json").unwrap_or_default();
        let day = chrono::NaiveDate::parse_from_str(day, "%Y/%m/%d");
        if day.is_ok_and(|day| Self::of(day) == *self) {
            return Ok(());
        }
        Err(format!("{:?} is not the key of a report", self.json))
    }
}
