//! The root keys of many accounts, and the reason where they are not known.
//!
//! | file | what is in it |
//! |---|---|
//! | `scope` | which accounts are requested, from AWS Organizations |
//! | `read` | reads their keys, a few accounts at a time |
//! | `row`, `report` | the result of each account and of all (pure) |
//! | `table` | renders a report as a table or CSV (pure) |

pub mod read;
pub mod report;
pub mod row;
pub mod scope;
pub mod table;
