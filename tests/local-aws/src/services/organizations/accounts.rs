//! The accounts of an organization as AWS Organizations shows them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::state::{
    identifiers::ID,
    organization::{Member, Organization},
};

pub(crate) fn described(organization: &Organization) -> Value {
    let management = &organization.management_account;
    json!({
        "Id": ID,
        "Arn": format!("arn:aws:organizations::{management}:organization/{ID}"),
        "FeatureSet": if organization.all_features { "ALL" } else { "CONSOLIDATED_BILLING" },
        "MasterAccountArn": format!("arn:aws:organizations::{management}:account/{ID}/{management}"),
        "MasterAccountId": management,
        "MasterAccountEmail": format!("aws-{management}@example.com"),
    })
}

/// The account of that id, if the organization has it.
pub(crate) fn account(organization: &Organization, id: &str) -> Option<Value> {
    let member = organization.member(id);
    organization.has(id).then(|| shown(organization, member))
}

/// The member, or the management account.
pub(crate) fn shown(organization: &Organization, member: Option<&Member>) -> Value {
    let management = &organization.management_account;
    let (id, name, state) = match member {
        None => (management, "management", "ACTIVE"),
        Some(it) => (&it.account, it.name.as_str(), it.state),
    };
    let mut units = organization.units_around(id);
    units.reverse();
    let units = units.join("/");
    json!({
        "Id": id,
        "Arn": format!("arn:aws:organizations::{management}:account/{ID}/{id}"),
        "Email": format!("aws-{id}@example.com"),
        "Name": name,
        "State": state,
        "Paths": [format!("{ID}/{units}/{id}/")],
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": 1_577_836_800.0,
    })
}

/// The delegated administrators of that service, or of all services. AWS shows them without their paths.
pub(crate) fn administrators(organization: &Organization, service: Option<&str>) -> Vec<Value> {
    let registered = organization.administrators();
    let registered = registered.filter(|(it, _)| service.is_none_or(|service| service == *it));
    let ids: BTreeSet<&str> = registered.map(|(_, account)| account).collect();
    let shown = ids.into_iter().filter_map(|id| account(organization, id));
    let without_paths = shown.map(|mut administrator| {
        administrator["DelegationEnabledDate"] = 1_577_836_800.0.into();
        administrator["Paths"] = Value::Null;
        administrator
    });
    without_paths.collect()
}
