//! The clients that read the organization from the management account or a
//! delegated administrator, and the words for their failures.

use aws_sdk_cloudformation::types::CallAs;
use aws_sdk_organizations::types::OrganizationFeatureSet;
use root_access_key_rule::aws::failure::{CallFailure, FailureClass};

use crate::aws::call::call_failure;
use crate::aws::caller::Caller;
use crate::aws::next_step::{Call, next_step};
use crate::failure::Failure;
use crate::organization::account::Account;
use crate::organization::accounts;
use crate::organization::administrators::Administrators;
use crate::organization::delegated_administrators;
use crate::organization::facts::{Source, Viewpoint};
use crate::organization::paging::Listings;
use crate::organization::policies;
use crate::organization::policy_content::RecognizedPolicy;
use crate::organization::principals::STACK_SETS;
use crate::progress::Progress;

/// Says what to do after a call that failed.
pub type Advice = fn(&CallFailure, &Call<'_>) -> String;

/// The clients, and from where they read the organization. They reject truncated
/// responses.
#[derive(Debug)]
pub struct OrganizationClients {
    /// AWS Organizations.
    pub organizations: aws_sdk_organizations::Client,
    /// AWS CloudFormation in the region of the viewpoint.
    pub cloudformation: aws_sdk_cloudformation::Client,
    /// AWS Config in the region of the viewpoint.
    pub config: aws_sdk_config::Client,
    /// From where and as whom the organization is read.
    pub viewpoint: Viewpoint,
    /// All features, not consolidated billing alone.
    pub all_features: bool,
    /// Reads listings, with the clock of the SDK's configuration.
    pub listings: Listings,
    advice: Advice,
}

impl OrganizationClients {
    /// Asks AWS Organizations which organization this is. `advice` ends the sentence
    /// about each call that fails: [`advice_of_status`] for whoever runs `root-keys`.
    ///
    /// # Errors
    /// When the account is in no organization, or AWS does not say in which.
    pub async fn new(caller: &Caller, progress: Progress, advice: Advice) -> Result<Self, Failure> {
        let caller = caller.clone().with_more_retries();
        let organizations = caller.organizations();
        let call = "organizations:DescribeOrganization";
        let response = organizations.describe_organization().send().await;
        let response = response.map_err(|error| {
            let failure = call_failure(&error);
            match error.as_service_error() {
                Some(it) if it.is_aws_organizations_not_in_use_exception() => {
                    Failure::new(format!(
                        "account {} is not in an organization; run `root-keys check` to evaluate this account",
                        caller.account
                    ))
                }
                _ => refused(call, &caller.arn, caller.account.as_str(), &failure, advice),
            }
        })?;
        let described = response.organization.ok_or_else(|| incomplete(call))?;
        Ok(Self {
            organizations,
            cloudformation: caller.cloudformation(),
            config: caller.config(),
            all_features: described.feature_set == Some(OrganizationFeatureSet::All),
            viewpoint: Viewpoint {
                account: caller.account.to_string(),
                region: caller.region().to_owned(),
                arn: caller.arn,
                organization: described.id.ok_or_else(|| incomplete(call))?,
                management: described
                    .master_account_id
                    .ok_or_else(|| incomplete(call))?,
            },
            listings: Listings::new(&caller.sdk, progress),
            advice,
        })
    }

    /// Returns in whose name StackSets are read: the management account's own, or as
    /// its delegated administrator.
    #[must_use]
    pub fn call_as(&self) -> CallAs {
        CallAs::from(self.viewpoint.call_as())
    }

    /// Lists all accounts of the organization, in the order of their IDs.
    ///
    /// # Errors
    /// When they cannot be listed, or the list lacks the calling account or the
    /// management account.
    pub async fn accounts(&self) -> Result<(Vec<Account>, Source), Failure> {
        let known = [&*self.viewpoint.management, &*self.viewpoint.account];
        accounts::list(
            &self.organizations,
            &self.listings,
            &known,
            async |failure| self.not_listed(&failure).await,
        )
        .await
    }

    /// Reads the service control policies that are recognized, and their targets.
    ///
    /// # Errors
    /// When one of the calls fails.
    pub async fn policies(&self) -> Result<(Vec<RecognizedPolicy>, Vec<Source>), Failure> {
        if !self.all_features {
            // Without all features an organization has no such policies.
            return Ok((Vec::new(), Vec::new()));
        }
        policies::read(
            &self.organizations,
            &self.listings,
            async |call, failure| self.refused(call, &failure),
        )
        .await
    }

    /// A permission alone does not help an account that may not list the accounts:
    /// only the management account and delegated administrators may.
    async fn not_listed(&self, failure: &CallFailure) -> Failure {
        let call = accounts::LIST;
        if failure.explicit_deny || failure.class != FailureClass::Denied {
            return self.refused(call, failure);
        }
        let Viewpoint {
            account,
            arn,
            management,
            ..
        } = &self.viewpoint;
        let administrators = self.administrators(STACK_SETS).await;
        if administrators.include(account) == Some(true) {
            return self.refused(call, failure);
        }
        let cause = &failure.cause;
        Failure::new(format!(
            "{call} as {arn}: {cause}; only the management account {management} and delegated \
             administrators may call it: {}",
            administrators.sign_in()
        ))
    }

    async fn administrators(&self, service: &'static str) -> Administrators {
        delegated_administrators::visible(&self.organizations, service).await
    }

    /// Says what to do where AWS says that this account does not administer the
    /// service: sign in where it is administered, or turn on its trusted access.
    pub async fn sign_in(&self, service: &'static str) -> String {
        if self.viewpoint.is_management() {
            // Only the trusted access can be missing then.
            let command = match service {
                STACK_SETS => "aws cloudformation activate-organizations-access".to_owned(),
                _ => format!(
                    "aws organizations enable-aws-service-access --service-principal {service}"
                ),
            };
            return format!("turn on trusted access for {service}: `{command}`");
        }
        self.administrators(service).await.sign_in()
    }

    /// Words the failure of a call, with its next step.
    #[must_use]
    pub fn refused(&self, call: &str, failure: &CallFailure) -> Failure {
        let Viewpoint { arn, account, .. } = &self.viewpoint;
        refused(call, arn, account, failure, self.advice)
    }
}

/// Says what whoever runs `root-keys status` does after a call that failed.
#[must_use]
pub fn advice_of_status(failure: &CallFailure, call: &Call<'_>) -> String {
    next_step(failure, call, || {
        "create a policy with the permissions that this command needs and attach it: `aws iam create-policy \
         --policy-name RootKeysStatus --policy-document file://root-keys/status-policy.json`"
            .to_owned()
    })
}

fn refused(call: &str, arn: &str, account: &str, failure: &CallFailure, advice: Advice) -> Failure {
    let attempted = Call {
        action: call,
        by: arn,
        account: Some(account),
        as_root: false,
    };
    let next_step = advice(failure, &attempted);
    Failure::new(format!("{call} as {arn}: {}; {next_step}", failure.cause))
}

/// Words a response that lacks something it must have.
pub(super) fn incomplete(call: &str) -> Failure {
    Failure::new(format!("{call}: the response is incomplete; try again"))
}
