//! An access key of a root user, as IAM describes it.

use std::fmt;

use root_access_key_rule::rule::credential_report::USE_RECORDED_SINCE;
use serde::{Deserialize, Serialize};

use crate::time::Time;

/// An access key of a root user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RootKey {
    /// For example `AKIAIOSFODNN7EXAMPLE`.
    pub access_key_id: String,
    /// `Active`, `Inactive` or `Expired`.
    pub status: String,
    /// IAM's `CreateDate`, which later changes of the key's status do not move.
    pub created: Option<Time>,
    /// `None` if IAM has no use on record; it records use since 2015-04-22.
    pub last_used: Option<LastUse>,
}

/// When and for what a key was used last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastUse {
    /// IAM keeps it to the quarter of an hour.
    pub at: Time,
    /// The service that was called, for example `s3`.
    pub service: String,
    /// The region of the call, for example `eu-west-1`.
    pub region: String,
}

impl fmt::Display for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, ", self.access_key_id, self.status)?;
        match self.created {
            Some(created) => write!(f, "created {created}, ")?,
            None => f.write_str("creation unknown, ")?,
        }
        match &self.last_used {
            Some(LastUse {
                at,
                service,
                region,
            }) => write!(f, "last used {at} ({service}, {region})"),
            // Not "never used": IAM has no older uses, and records new ones with delay.
            None => write!(f, "no use on record since {USE_RECORDED_SINCE}"),
        }
    }
}
