//! Limits how many accounts a message names. The report has all of them.

use std::collections::BTreeSet;

use root_access_key_rule::rule::account_id::AccountId;

use crate::digest::console::Place;
use crate::external::{external, failure};

/// The most accounts that a message names, apart from the account of the watch.
pub const MAX_NAMED: usize = 100;

/// The accounts that a message names. One that it names already can be named again.
#[derive(Debug)]
pub struct Named<'a> {
    place: Place<'a>,
    accounts: BTreeSet<String>,
}

impl<'a> Named<'a> {
    /// Begins a message, which may have the address of an object in the bucket. An account
    /// whose ID is in the name of the bucket is not counted: it is the account of the watch.
    #[must_use]
    pub fn new(place: Place<'a>) -> Self {
        Self {
            place,
            accounts: BTreeSet::new(),
        }
    }

    /// Says whether the message may name the account. If it may, it is counted.
    pub fn admits(&mut self, id: &str) -> bool {
        if self.accounts.contains(id) || self.place.bucket.contains(id) {
            return true;
        }
        let is_admitted = self.accounts.len() < MAX_NAMED;
        if is_admitted {
            self.accounts.insert(id.to_owned());
        }
        is_admitted
    }

    /// Makes external text safe, without the IDs of accounts that may not be named.
    pub fn external(&mut self, text: &str) -> String {
        self.admitted(&external(text))
    }

    /// Does the same with a failure, which ends with what to do about it.
    pub fn failure(&mut self, text: &str) -> String {
        self.admitted(&failure(text))
    }

    /// The text with an ellipsis instead of each ID that may not be named.
    fn admitted(&mut self, text: &str) -> String {
        let mut admitted = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
            let (before, from) = rest.split_at(start);
            let end = from.find(|c: char| !c.is_ascii_digit());
            let (number, after) = from.split_at(end.unwrap_or(from.len()));
            let is_account = AccountId::new(number).is_some();
            let shown = if is_account && !self.admits(number) {
                "…"
            } else {
                number
            };
            admitted.extend([before, shown]);
            rest = after;
        }
        admitted + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named() -> Named<'static> {
        Named::new(Place {
            bucket: "watch-888888888888",
            region: "us-east-1",
        })
    }

    fn id(number: usize) -> String {
        format!("{number:0>12}")
    }

    #[test]
    fn the_hundred_and_first_account_is_not_named() {
        let mut named = named();
        assert!((1..=MAX_NAMED).all(|number| named.admits(&id(number))));
        assert!(!named.admits(&id(MAX_NAMED + 1)));
        assert!(named.admits(&id(1)), "it is named already");
        assert!(
            named.admits("888888888888"),
            "it is in the address of the report"
        );
    }

    #[test]
    fn external_text_names_no_account_beyond_the_limit() {
        let mut named = named();
        assert!((1..MAX_NAMED).all(|number| named.admits(&id(number))));
        let text = "role 111122223333 of arn:aws:iam::444455556666:role/x, 1111222233334, 42, 000000000001";
        assert_eq!(
            named.external(text),
            "role 111122223333 of arn:aws:iam::…:role/x, 1111222233334, 42, 000000000001"
        );
        assert_eq!(named.external("444455556666"), "…");
    }
}
