//! An organization: its accounts, who may manage them, and what is rolled out to them.

use crate::state::{
    identifiers::{IAM, ROOT, ROOT_CREDENTIALS_MANAGEMENT, STACK_SETS},
    policy::ServiceControlPolicy,
    rollout::{Aggregator, OrganizationPack, StackSet},
    signer::Signer,
};

/// An organization of accounts.
#[derive(Clone, Debug, Default)]
pub struct Organization {
    /// The management account's 12 digits.
    pub management_account: String,
    /// The member accounts.
    pub members: Vec<Member>,
    /// The members registered as delegated administrators for `iam.amazonaws.com`.
    pub iam_administrators: Vec<String>,
    /// Trusted access of `iam.amazonaws.com`.
    pub trusted_access: bool,
    /// All features are enabled, not only consolidated billing.
    pub all_features: bool,
    /// The organization's features of IAM: `RootCredentialsManagement`, `RootSessions`.
    pub enabled_features: Vec<&'static str>,
    /// The principals of the services with trusted access, except IAM.
    pub trusted_services: Vec<&'static str>,
    /// The delegated administrators of services other than IAM: the service's principal and the
    /// account.
    pub delegated: Vec<(&'static str, String)>,
    /// The nested organizational units: each unit and its parent.
    pub nested_units: Vec<(String, String)>,
    /// The service control policies except `FullAWSAccess`. The root has the policy type enabled
    /// if there is one.
    pub policies: Vec<ServiceControlPolicy>,
    /// The service-managed StackSets.
    pub stack_sets: Vec<StackSet>,
    /// The organization conformance packs.
    pub packs: Vec<OrganizationPack>,
    /// The aggregators of its accounts.
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

impl Organization {
    /// An organization with centralized root access enabled.
    #[must_use]
    pub fn new(management_account: &str) -> Self {
        Self {
            management_account: management_account.to_owned(),
            trusted_access: true,
            all_features: true,
            enabled_features: vec![ROOT_CREDENTIALS_MANAGEMENT],
            ..Self::default()
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

    /// The same where the management account can roll out the rule and read its results:
    /// trusted access is on, and it has an aggregator of the organization.
    #[must_use]
    pub fn with_rollout(mut self) -> Self {
        self.trusted_services = vec![STACK_SETS, "config.amazonaws.com"];
        let aggregator = Aggregator::of_organization("organization", &self.management_account);
        self.aggregators.push(aggregator);
        self
    }

    /// Whether the account may manage root access.
    pub(crate) fn is_administrator(&self, account: &str) -> bool {
        account == self.management_account || self.has_delegated(IAM, account)
    }

    /// The delegated administrators: the service's principal and the account.
    pub(crate) fn administrators(&self) -> impl Iterator<Item = (&str, &str)> {
        let of_iam = self.iam_administrators.iter().map(|it| (IAM, it.as_str()));
        let of_others = self.delegated.iter();
        of_iam.chain(of_others.map(|(service, it)| (*service, it.as_str())))
    }

    /// Whether the account is a delegated administrator for that service.
    pub(crate) fn has_delegated(&self, service: &str, account: &str) -> bool {
        self.administrators().any(|it| it == (service, account))
    }

    /// Registers the account as a delegated administrator for that service, or deregisters it.
    pub(crate) fn delegate(&mut self, service: &'static str, account: &str, on: bool) {
        let is_other = |it: &str, known: &str| it != service || known != account;
        self.iam_administrators.retain(|known| is_other(IAM, known));
        self.delegated.retain(|(it, known)| is_other(it, known));
        match service {
            _ if !on => {}
            IAM => self.iam_administrators.push(account.to_owned()),
            _ => self.delegated.push((service, account.to_owned())),
        }
    }

    /// Enables or disables trusted access of the service.
    pub(crate) fn trust(&mut self, service: &'static str, on: bool) {
        if service == IAM {
            self.trusted_access = on;
            return;
        }
        self.trusted_services.retain(|it| *it != service);
        self.trusted_services.extend(on.then_some(service));
    }

    pub(crate) fn trusts(&self, service: &str) -> bool {
        match service {
            IAM => self.trusted_access,
            _ => self.trusted_services.contains(&service),
        }
    }

    /// Whether the account may read what belongs to the organization.
    pub(crate) fn lets_read(&self, account: &str) -> bool {
        account == self.management_account || self.administrators().any(|(_, it)| it == account)
    }

    pub(crate) fn member(&self, account: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.account == account)
    }

    /// The IDs of all accounts, the management account first.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &str> {
        let members = self.members.iter().map(|it| it.account.as_str());
        [self.management_account.as_str()]
            .into_iter()
            .chain(members)
    }

    pub(crate) fn has(&self, account: &str) -> bool {
        account == self.management_account || self.member(account).is_some()
    }

    /// Whether the account is an active member.
    pub(crate) fn is_active(&self, account: &str) -> bool {
        self.member(account).is_some_and(|it| it.state == "ACTIVE")
    }

    /// The organizational unit or root that the account is in.
    pub(crate) fn unit_of(&self, account: &str) -> String {
        let unit = self.member(account).and_then(|it| it.unit.clone());
        unit.unwrap_or_else(|| ROOT.to_owned())
    }

    /// The parents of the account, from its own unit to the root.
    pub(crate) fn units_around(&self, account: &str) -> Vec<String> {
        let mut units = vec![self.unit_of(account)];
        while let Some(unit) = units.last().filter(|unit| *unit != ROOT) {
            let mut nested = self.nested_units.iter();
            let outer = nested.find(|(inner, _)| inner == unit);
            units.push(outer.map_or_else(|| ROOT.to_owned(), |(_, outer)| outer.clone()));
        }
        units
    }

    /// Whether a service control policy denies the action. No policy applies to the management account.
    pub(crate) fn denies(&self, signer: &Signer, action: &str) -> bool {
        let account = &signer.account;
        if *account == self.management_account || !self.has(account) {
            return false;
        }
        let mut around = self.units_around(account);
        around.push(account.clone());
        let attached = |policy: &&ServiceControlPolicy| {
            policy.targets.iter().any(|target| around.contains(target))
        };
        let mut policies = self.policies.iter().filter(attached);
        policies.any(|policy| policy.denies(signer, action))
    }

    /// Whether the first account may call `AssumeRoot` for the second. Sessions that audit or
    /// delete keys need only the feature `RootCredentialsManagement`.
    pub(crate) fn lets_root_be_assumed(&self, caller: &str, target: &str) -> bool {
        let on = self.trusted_access
            && self.all_features
            && self.enabled_features.contains(&ROOT_CREDENTIALS_MANAGEMENT);
        on && self.is_administrator(caller) && self.is_active(target)
    }
}
