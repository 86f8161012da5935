//! AWS Organizations (JSON 1.1).
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html>

mod accounts;
mod policies;
mod trusted_access;

use serde_json::{Value, json};

use accounts::{account, administrators, described, shown};

use crate::{
    protocol::{
        error::AwsError,
        operation::Operation,
        paging::{page, page_of},
    },
    services::admitted_request::AdmittedRequest,
    state::{
        identifiers::{IAM, ID, ROOT},
        world::State,
    },
};

/// The most that AWS Organizations returns in a page.
const PAGE: usize = 20;

/// Answers one operation.
pub(crate) fn answer(state: &mut State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let size = PAGE.min(state.page);
    let (caller, request) = (admitted.caller(), &admitted.parameters);
    let organization = state.organization.as_mut();
    let organization = organization.filter(|it| it.has(caller)).ok_or_else(|| {
        let message = "Your account is not a member of an organization.";
        AwsError::bad_request("AWSOrganizationsNotInUseException", message)
    })?;
    let is_management = caller == organization.management_account;
    let (changes, may) = match admitted.operation {
        Operation::DescribeOrganization => (false, true),
        Operation::EnableAWSServiceAccess
        | Operation::DisableAWSServiceAccess
        | Operation::RegisterDelegatedAdministrator
        | Operation::DeregisterDelegatedAdministrator => (true, is_management),
        _ => (false, organization.lets_read(caller)),
    };
    if !may {
        let message = "You don't have permissions to access this resource.";
        return Err(AwsError::bad_request("AccessDeniedException", message));
    }
    if changes {
        return trusted_access::change(organization, admitted.operation, request);
    }
    match admitted.operation {
        Operation::DescribeOrganization => Ok(json!({ "Organization": described(organization) })),
        Operation::DescribeAccount => {
            let account = account(organization, admitted.text("AccountId")).ok_or_else(|| {
                let message = "You specified an account that doesn't exist.";
                AwsError::bad_request("AccountNotFoundException", message)
            })?;
            Ok(json!({ "Account": account }))
        }
        Operation::ListAccounts => {
            let members = organization.members.iter().map(Some);
            let all = [None].into_iter().chain(members).collect();
            page_of(all, size, request, "Accounts", |it| shown(organization, it))
        }
        Operation::ListRoots => {
            let management = &organization.management_account;
            Ok(json!({ "Roots": [{
                "Id": ROOT,
                "Arn": format!("arn:aws:organizations::{management}:root/{ID}/{ROOT}"),
                "Name": "Root",
                "PolicyTypes": policies::enabled_types(organization),
            }] }))
        }
        Operation::ListPolicies | Operation::DescribePolicy | Operation::ListTargetsForPolicy => {
            policies::answer(organization, size, admitted)
        }
        Operation::ListAWSServiceAccessForOrganization => {
            let iam = organization.trusted_access.then_some(&IAM);
            let services = organization.trusted_services.iter().chain(iam);
            let all = services
                .map(|it| json!({ "ServicePrincipal": it, "DateEnabled": 1_577_836_800.0 }))
                .collect();
            page(all, size, request, "EnabledServicePrincipals")
        }
        _ => {
            let all = administrators(organization, request["ServicePrincipal"].as_str());
            page(all, size, request, "DelegatedAdministrators")
        }
    }
}
