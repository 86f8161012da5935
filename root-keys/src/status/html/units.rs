//! Accounts by organizational unit.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::status::html::external;
use crate::text::counted;

/// Groups items by the path of their organizational unit; those without one come last.
pub fn group<'a, T>(
    items: impl IntoIterator<Item = T>,
    unit: impl Fn(&T) -> Option<&'a str>,
) -> Vec<(Option<&'a str>, Vec<T>)> {
    let mut units: BTreeMap<(bool, Option<&str>), Vec<T>> = BTreeMap::new();
    for item in items {
        let unit = unit(&item);
        units.entry((unit.is_none(), unit)).or_default().push(item);
    }
    let each = units.into_iter();
    each.map(|((_, unit), items)| (unit, items)).collect()
}

/// The path of a unit, and how many accounts are in it.
pub fn title(unit: Option<&str>, accounts: usize) -> Markup {
    html! {
        (path(unit)) " " span.number { (counted(accounts, "account")) }
    }
}

/// The path of a unit, with a place to break the line after each part.
pub fn path(unit: Option<&str>) -> Markup {
    html! {
        @match unit {
            Some(unit) => span.unit {
                @for (number, part) in external::text(unit).split('/').enumerate() {
                    @if number > 0 { "/" wbr; }
                    (part)
                }
            },
            None => "Organizational unit not known",
        }
    }
}
