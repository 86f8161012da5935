//! AWS Organizations, and what IAM keeps of it: the accounts that belong
//! together, and whether their root users can be managed from one of them.

use serde_json::{Value, json};

use crate::{
    query::{parent, response, text},
    reply::AwsError,
    request::Service,
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
}

const ID: &str = "o-localaws01";

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
            enabled_features: vec!["RootCredentialsManagement", "RootSessions"],
        }
    }

    /// The same with this active member.
    #[must_use]
    pub fn with_member(mut self, account: &str, name: &str) -> Self {
        self.members.push(Member {
            account: account.to_owned(),
            name: name.to_owned(),
            state: "ACTIVE",
        });
        self
    }

    fn is_administrator(&self, account: &str) -> bool {
        account == self.management_account
            || self.iam_administrators.iter().any(|known| known == account)
    }

    fn has(&self, account: &str) -> bool {
        account == self.management_account
            || self.members.iter().any(|member| member.account == account)
    }

    /// Whether `AssumeRoot` may lead from the one account into the other.
    pub(crate) fn lets_root_be_assumed(&self, caller: &str, target: &str) -> bool {
        let active = |member: &Member| member.account == target && member.state == "ACTIVE";
        self.is_administrator(caller)
            && self.trusted_access
            && self.all_features
            && self.enabled_features.len() == 2
            && self.members.iter().any(active)
    }
}

/// Answers IAM's `ListOrganizationsFeatures`.
pub(crate) fn features(
    organization: Option<&Organization>,
    caller: &str,
    request_id: &str,
) -> Result<String, AwsError> {
    let refused = |code, message| Err(AwsError::new(400, code, message));
    let Some(organization) = organization.filter(|organization| organization.has(caller)) else {
        return refused(
            "OrganizationNotFoundException",
            "The account is not a member of an organization.",
        );
    };
    if !organization.all_features {
        return refused(
            "OrganizationNotInAllFeaturesModeException",
            "The organization does not have All features enabled.",
        );
    }
    if !organization.is_administrator(caller) {
        return refused(
            "AccountNotManagementOrDelegatedAdministratorException",
            "The account is not the management account or delegated administrator.",
        );
    }
    if !organization.trusted_access {
        return refused(
            "ServiceAccessNotEnabledException",
            "Trusted access is not enabled for IAM in Organizations.",
        );
    }
    let operation = "ListOrganizationsFeatures";
    Ok(response(Service::Iam, operation, request_id, |result| {
        text(result, "OrganizationId", ID);
        parent(result, "EnabledFeatures", |features| {
            for feature in &organization.enabled_features {
                text(features, "member", feature);
            }
        });
    }))
}

/// Answers Organizations' `DescribeAccount`.
pub(crate) fn describe_account(
    organization: Option<&Organization>,
    caller: &str,
    parameters: &Value,
) -> Result<Value, AwsError> {
    let Some(organization) = organization.filter(|organization| organization.has(caller)) else {
        return Err(AwsError::new(
            400,
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
        ));
    };
    if !organization.is_administrator(caller) {
        return Err(AwsError::new(
            400,
            "AccessDeniedException",
            "You don't have permissions to access this resource.",
        ));
    }
    let id = parameters["AccountId"].as_str().unwrap_or_default();
    let (name, state) = if id == organization.management_account {
        ("management", "ACTIVE")
    } else if let Some(member) = organization
        .members
        .iter()
        .find(|member| member.account == id)
    {
        (member.name.as_str(), member.state)
    } else {
        return Err(AwsError::new(
            400,
            "AccountNotFoundException",
            "You specified an account that doesn't exist.",
        ));
    };
    let management = &organization.management_account;
    Ok(json!({ "Account": {
        "Id": id,
        "Arn": format!("arn:aws:organizations::{management}:account/{ID}/{id}"),
        "Email": format!("aws-{id}@example.com"),
        "Name": name,
        "State": state,
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": 1_577_836_800.0,
    }}))
}
