//! Whether the rule is in every account of the organization, and what it found
//! there: evaluates the facts and renders the result. All of it is pure.
//!
//! | file | what is in it |
//! |---|---|
//! | `assessment` | what the facts mean for each account |
//! | `evaluation`, `account_problems` | parts of it: a rule's last result, and what is wrong |
//! | `account_status`, `account_exemption`, `problem`, `remedy` | its result, as plain data |
//! | `issues` | problems of many accounts, by kind |
//! | `report` | the result, and the JSON document |
//! | `verdict` | the verdict and the counts, in words |
//! | `text`, `exemption_lines` | renders the report for people |
//! | `csv` | renders one line for each account, for spreadsheets |
//! | `html`, `history` | renders a page for browsers; what the watch adds to it |
//! | `page`, `blocks` | how text is laid out, and the parts that two texts share |
//! | `preflight` | the same for what would make a rollout fail |

pub mod account_exemption;
mod account_problems;
pub mod account_status;
pub mod assessment;
mod blocks;
pub mod csv;
pub mod evaluation;
mod exemption_lines;
pub mod history;
pub mod html;
pub mod issues;
pub mod page;
pub mod preflight;
pub mod problem;
pub mod remedy;
pub mod report;
pub mod text;
pub mod verdict;
