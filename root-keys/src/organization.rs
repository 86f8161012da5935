//! Facts about the organization: reads them from AWS and does not evaluate them.
//!
//! | file | what is in it |
//! |---|---|
//! | `facts`, `rollout_facts`, `account` | what was read, as plain data (pure) |
//! | `organizational_unit` | the IDs of organizational units and of roots (pure) |
//! | `reading`, `read_rollout` | read every source of `status` (in slices, if necessary) and of its preflight |
//! | `clients` | the clients of the three services, and from where they read |
//! | `accounts` | lists the accounts |
//! | `stack_set`, `organization_pack` | where the rule is deployed |
//! | `operation`, `stack_set_operations` | operations on the StackSet: lists them, and starts one |
//! | `aggregator`, `aggregated_results`, `newest_results` | what the rule reported to AWS Config |
//! | `other_regions` | whether the StackSet is in another region |
//! | `trusted_access`, `administrators`, `delegated_administrators`, `principals` | which services the organization trusts, and which accounts administer them |
//! | `policies`, `policy_content`, `prevention` | which service control policies prevent new root access keys, and where |
//! | `root_access`, `reachability` | what must be in place before a root user can be reached |
//! | `paging`, `sources` | all pages of a listing, and what was read to its end |

pub mod account;
mod accounts;
pub mod administrators;
mod aggregated_results;
mod aggregator;
pub mod clients;
mod delegated_administrators;
pub mod facts;
mod newest_results;
pub mod operation;
mod organization_pack;
pub mod organizational_unit;
mod other_regions;
mod paging;
mod policies;
pub mod policy_content;
pub mod prevention;
pub mod principals;
pub mod reachability;
pub mod read_rollout;
pub mod reading;
pub mod rollout_facts;
pub mod root_access;
mod sources;
mod stack_set;
pub mod stack_set_operations;
mod trusted_access;
