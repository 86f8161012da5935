//! AWS Organizations: JSON 1.1.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html>

mod accounts;
mod trusted_access;

use serde_json::{Value, json};

use accounts::{account, administrators, described, shown};

use crate::{
    protocol::{error::AwsError, operation::Operation, paging::page},
    state::{
        identifiers::{ID, ROOT},
        world::State,
    },
};

/// The most that AWS Organizations gives in a page.
const PAGE: usize = 20;

/// Answers one operation of AWS Organizations.
pub(crate) fn answer(
    state: &mut State,
    caller: &str,
    operation: Operation,
    request: &Value,
) -> Result<Value, AwsError> {
    let size = PAGE.min(state.page);
    let organization = state.organization.as_mut();
    let organization = organization.filter(|it| it.has(caller)).ok_or_else(|| {
        let message = "Your account is not a member of an organization.";
        AwsError::new(400, "AWSOrganizationsNotInUseException", message)
    })?;
    if operation == Operation::DescribeOrganization {
        return Ok(json!({ "Organization": described(organization) }));
    }
    let changes = matches!(
        operation,
        Operation::EnableAWSServiceAccess
            | Operation::DisableAWSServiceAccess
            | Operation::RegisterDelegatedAdministrator
            | Operation::DeregisterDelegatedAdministrator
    );
    let may = if changes {
        caller == organization.management_account
    } else {
        organization.lets_read(caller)
    };
    if !may {
        let message = "You don't have permissions to access this resource.";
        return Err(AwsError::new(400, "AccessDeniedException", message));
    }
    if changes {
        return trusted_access::change(organization, operation, request);
    }
    match operation {
        Operation::DescribeAccount => {
            let id = request["AccountId"].as_str().unwrap_or_default();
            let account = account(organization, id).ok_or_else(|| {
                let message = "You specified an account that doesn't exist.";
                AwsError::new(400, "AccountNotFoundException", message)
            })?;
            Ok(json!({ "Account": account }))
        }
        Operation::ListAccounts => {
            let members = organization.members.iter().map(Some);
            let all: Vec<_> = std::iter::once(None).chain(members).collect();
            page(&all, size, request, "Accounts", |it| {
                shown(organization, *it)
            })
        }
        Operation::ListRoots => {
            let management = &organization.management_account;
            Ok(json!({ "Roots": [{
                "Id": ROOT,
                "Arn": format!("arn:aws:organizations::{management}:root/{ID}/{ROOT}"),
                "Name": "Root",
                "PolicyTypes": [],
            }] }))
        }
        Operation::ListAWSServiceAccessForOrganization => {
            let mut services = organization.trusted_services.clone();
            if organization.trusted_access {
                services.push("iam.amazonaws.com");
            }
            page(
                &services,
                size,
                request,
                "EnabledServicePrincipals",
                |it| json!({ "ServicePrincipal": it, "DateEnabled": 1_577_836_800.0 }),
            )
        }
        _ => {
            let all = administrators(organization, request["ServicePrincipal"].as_str());
            page(&all, size, request, "DelegatedAdministrators", Value::clone)
        }
    }
}
