//! AWS Organizations, and what IAM keeps of it: the accounts that belong
//! together, and whether their root users can be managed from one of them.

use serde_json::{Value, json};

use crate::{
    config::page,
    operation::Operation,
    reply::AwsError,
    rollout::{Aggregator, OrganizationPack, StackSet},
    root_access,
    state::State,
    trust,
};

/// An organization of accounts.
#[derive(Clone, Debug)]
pub struct Organization {
    /// The management account's 12 digits.
    pub management_account: String,
    /// The member accounts.
    pub members: Vec<Member>,
    /// The members registered as delegated administrators for `iam.amazonaws.com`.
    pub iam_administrators: Vec<String>,
    /// Trusted access of `iam.amazonaws.com`.
    pub trusted_access: bool,
    /// All features, not consolidated billing alone.
    pub all_features: bool,
    /// The organization's features of IAM: `RootCredentialsManagement`, `RootSessions`.
    pub enabled_features: Vec<&'static str>,
    /// The services with trusted access beside IAM, by their principals.
    pub trusted_services: Vec<&'static str>,
    /// The members registered as delegated administrators of other services
    /// than IAM: the service's principal and the account.
    pub delegated: Vec<(&'static str, String)>,
    /// The service-managed StackSets.
    pub stack_sets: Vec<StackSet>,
    /// The organization conformance packs.
    pub packs: Vec<OrganizationPack>,
    /// The aggregators that some of its accounts have.
    pub aggregators: Vec<Aggregator>,
}

/// A member account.
#[derive(Clone, Debug)]
pub struct Member {
    /// 12 digits.
    pub account: String,
    /// The friendly name.
    pub name: String,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE` …
    pub state: &'static str,
    /// The organizational unit it is in (`ou-…`); `None` for the root itself.
    pub unit: Option<String>,
}

/// The organization's id.
pub(crate) const ID: &str = "o-localaws01";
/// The organization's root.
pub(crate) const ROOT: &str = "r-loca";
/// The principal of service-managed StackSets.
pub(crate) const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";
/// The principal of organization conformance packs.
pub(crate) const PACKS: &str = "config-multiaccountsetup.amazonaws.com";
/// The most that AWS Organizations gives in a page.
const PAGE: usize = 20;

impl Organization {
    /// An organization with centralized root access switched on.
    #[must_use]
    pub fn new(management_account: &str) -> Self {
        Self {
            management_account: management_account.to_owned(),
            members: Vec::new(),
            iam_administrators: Vec::new(),
            trusted_access: true,
            all_features: true,
            enabled_features: vec!["RootCredentialsManagement"],
            trusted_services: Vec::new(),
            delegated: Vec::new(),
            stack_sets: Vec::new(),
            packs: Vec::new(),
            aggregators: Vec::new(),
        }
    }

    /// The same with this active member.
    #[must_use]
    pub fn with_member(mut self, account: &str, name: &str) -> Self {
        self.members.push(Member {
            account: account.to_owned(),
            name: name.to_owned(),
            state: "ACTIVE",
            unit: None,
        });
        self
    }

    pub(crate) fn is_administrator(&self, account: &str) -> bool {
        account == self.management_account
            || self.iam_administrators.iter().any(|known| known == account)
    }

    /// Whether the account is a delegated administrator for that service.
    pub(crate) fn has_delegated(&self, service: &str, account: &str) -> bool {
        let mut delegated = self.delegated.iter();
        delegated.any(|(principal, known)| *principal == service && known == account)
    }

    /// Whether the account may read what is the organization's.
    fn lets_read(&self, account: &str) -> bool {
        self.is_administrator(account) || self.delegated.iter().any(|(_, known)| known == account)
    }

    pub(crate) fn has(&self, account: &str) -> bool {
        account == self.management_account
            || self.members.iter().any(|member| member.account == account)
    }

    /// Whether AWS runs anything in that member.
    pub(crate) fn is_active(&self, account: &str) -> bool {
        let mut members = self.members.iter();
        members.any(|member| member.account == account && member.state == "ACTIVE")
    }

    /// The organizational unit or root that the account is in.
    pub(crate) fn unit_of(&self, account: &str) -> String {
        let mut members = self.members.iter();
        let member = members.find(|member| member.account == account);
        let unit = member.and_then(|member| member.unit.clone());
        unit.unwrap_or_else(|| ROOT.to_owned())
    }

    /// Whether `AssumeRoot` may lead from the one account into the other.
    pub(crate) fn lets_root_be_assumed(&self, caller: &str, target: &str) -> bool {
        self.is_administrator(caller) && root_access::is_on(self) && self.is_active(target)
    }
}

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
        return trust::change(organization, operation, request);
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

fn described(organization: &Organization) -> Value {
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

fn account(organization: &Organization, id: &str) -> Option<Value> {
    let mut members = organization.members.iter();
    match members.find(|member| member.account == id) {
        None if id == organization.management_account => Some(shown(organization, None)),
        None => None,
        member => Some(shown(organization, member)),
    }
}

/// The member, or the management account.
fn shown(organization: &Organization, member: Option<&Member>) -> Value {
    let management = &organization.management_account;
    let (id, name, state, unit) = match member {
        None => (management, "management", "ACTIVE", None),
        Some(it) => (&it.account, it.name.as_str(), it.state, it.unit.as_deref()),
    };
    let unit = unit.map(|unit| format!("/{unit}")).unwrap_or_default();
    json!({
        "Id": id,
        "Arn": format!("arn:aws:organizations::{management}:account/{ID}/{id}"),
        "Email": format!("aws-{id}@example.com"),
        "Name": name,
        "State": state,
        "Paths": [format!("{ID}/{ROOT}{unit}/{id}/")],
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": 1_577_836_800.0,
    })
}

/// The delegated administrators of that service, or of any.
fn administrators(organization: &Organization, service: Option<&str>) -> Vec<Value> {
    let of_iam = organization.iam_administrators.iter();
    let mut ids: Vec<&String> = of_iam
        .map(|account| ("iam.amazonaws.com", account))
        .chain(
            organization
                .delegated
                .iter()
                .map(|(it, account)| (*it, account)),
        )
        .filter(|(principal, _)| service.is_none_or(|service| service == *principal))
        .map(|(_, account)| account)
        .collect();
    ids.sort();
    ids.dedup();
    let shown = ids.into_iter().filter_map(|id| account(organization, id));
    shown
        .map(|mut administrator| {
            administrator["DelegationEnabledDate"] = 1_577_836_800.0.into();
            if let Some(object) = administrator.as_object_mut() {
                object.remove("Paths");
            }
            administrator
        })
        .collect()
}
