//! Where the organization is looked at from: the management account or a
//! delegated administrator, and its region.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_cloudformation::types::CallAs;
use aws_sdk_organizations::types::OrganizationFeatureSet;
use root_access_key_rule::aws::failure::{CallFailure, FailureClass};

use crate::account_state;
use crate::administrators::Administrators;
use crate::failure::{Call, Failure, aws_answer, code, remedy};
use crate::operator::Operator;
use crate::status::facts::{Account, Source, Viewpoint};
use crate::status::pages::{self, WholeAnswer};
use crate::status::progress::Progress;
use crate::status::stack_set::PRINCIPAL;

/// The clients, and whom they speak for.
pub struct Centre {
    pub organizations: aws_sdk_organizations::Client,
    pub cloudformation: aws_sdk_cloudformation::Client,
    pub config: aws_sdk_config::Client,
    /// The account asked from: 12 digits.
    pub account: String,
    /// The user or role that asks.
    pub arn: String,
    pub region: String,
    /// The organization's id.
    pub organization: String,
    /// The organization's management account: 12 digits.
    pub management: String,
    /// All features, not consolidated billing alone.
    pub all_features: bool,
    /// Shows how far a listing is.
    pub progress: Progress,
}

impl Centre {
    /// Asks AWS Organizations which organization this is.
    ///
    /// # Errors
    /// When the account is in none, or it is not told.
    pub async fn of(operator: &Operator, progress: Progress) -> Result<Self, Failure> {
        let sdk = patient(&operator.sdk);
        let organizations = aws_sdk_organizations::Client::from_conf(
            aws_sdk_organizations::config::Builder::from(&sdk)
                .interceptor(WholeAnswer)
                .build(),
        );
        let call = "organizations:DescribeOrganization";
        let answer = organizations.describe_organization().send().await;
        let answer = answer.map_err(|error| match code(&error) {
            "AWSOrganizationsNotInUse" => Failure::new(format!(
                "account {} is in no organization; `root-keys check` evaluates it alone",
                operator.account
            )),
            _ => refused(
                call,
                &operator.arn,
                operator.account.as_str(),
                &aws_answer(&error),
            ),
        })?;
        let told = answer.organization.ok_or_else(|| nothing(call))?;
        Ok(Self {
            organizations,
            cloudformation: aws_sdk_cloudformation::Client::from_conf(
                aws_sdk_cloudformation::config::Builder::from(&sdk)
                    .interceptor(WholeAnswer)
                    .build(),
            ),
            config: aws_sdk_config::Client::from_conf(
                aws_sdk_config::config::Builder::from(&sdk)
                    .interceptor(WholeAnswer)
                    .build(),
            ),
            account: operator.account.to_string(),
            arn: operator.arn.clone(),
            region: operator.region().to_owned(),
            all_features: told.feature_set == Some(OrganizationFeatureSet::All),
            organization: told.id.ok_or_else(|| nothing(call))?,
            management: told.master_account_id.ok_or_else(|| nothing(call))?,
            progress,
        })
    }

    /// From where and as whom the organization is read, for those who judge.
    pub fn viewpoint(&self) -> Viewpoint {
        Viewpoint {
            account: self.account.clone(),
            arn: self.arn.clone(),
            region: self.region.clone(),
            organization: self.organization.clone(),
            management: self.management.clone(),
        }
    }

    /// Whether this is the management account itself.
    pub fn is_management(&self) -> bool {
        self.account == self.management
    }

    /// In whose name StackSets are read: the management account's own, or as
    /// its delegated administrator.
    pub fn call_as(&self) -> CallAs {
        if self.is_management() {
            CallAs::SelfValue
        } else {
            CallAs::DelegatedAdmin
        }
    }

    /// All accounts of the organization, in the order of their ids.
    ///
    /// # Errors
    /// Also when an account is left out that is known to be there.
    pub async fn accounts(&self) -> Result<(Vec<Account>, Source), Failure> {
        let call = "organizations:ListAccounts";
        let (accounts, source) = pages::all(&self.progress, call, async |token| {
            let answer = self.organizations.list_accounts().set_next_token(token);
            let answer = answer.send().await;
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    return Err(self.not_listed(call, &aws_answer(&error)).await);
                }
            };
            Ok((answer.accounts.unwrap_or_default(), answer.next_token))
        })
        .await?;
        let accounts = accounts.into_iter().map(|account| {
            Ok(Account {
                // What is not known to be inactive has to be looked at.
                active: !account_state::of(&account).is_some_and(account_state::is_inactive),
                state: account_state::of(&account).unwrap_or("ACTIVE").to_owned(),
                id: account.id.ok_or_else(|| nothing(call))?,
                name: account.name.unwrap_or_else(|| "no name".to_owned()),
                path: account.paths.and_then(|paths| paths.into_iter().next()),
            })
        });
        let mut accounts = accounts.collect::<Result<Vec<_>, Failure>>()?;
        accounts.sort_by(|a, b| a.id.cmp(&b.id));
        accounts.dedup_by(|a, b| a.id == b.id);
        for known in [&self.management, &self.account] {
            if !accounts.iter().any(|account| account.id == *known) {
                return Err(Failure::new(format!(
                    "{call} left out account {known}, which is in the organization: the answer \
                     is not whole; try again"
                )));
            }
        }
        Ok((accounts, source))
    }

    /// An account that may not list the accounts gains nothing from a permission
    /// alone: the management account and delegated administrators may ask.
    async fn not_listed(&self, call: &str, failure: &CallFailure) -> Failure {
        let account = &self.account;
        if failure.explicit_deny || failure.class != FailureClass::Denied {
            return self.refused(call, failure);
        }
        let administrators = self.administrators(PRINCIPAL).await;
        if administrators.include(account) == Some(true) {
            return self.refused(call, failure);
        }
        let cause = &failure.cause;
        Failure::new(format!(
            "{call} as {}: {cause}; only the management account {} and delegated administrators \
             may ask: {}",
            self.arn,
            self.management,
            administrators.sign_in()
        ))
    }

    /// The accounts that may act for the organization in that service.
    pub async fn administrators(&self, service: &'static str) -> Administrators {
        Administrators::of(&self.organizations, service).await
    }

    /// What to do where AWS says that this account does not administer the
    /// service: sign in where it is administered, or let the service in.
    pub async fn sign_in(&self, service: &'static str) -> String {
        if self.is_management() {
            // It is the one to ask, so that what is missing is trusted access.
            let command = match service {
                PRINCIPAL => "aws cloudformation activate-organizations-access".to_owned(),
                _ => format!(
                    "aws organizations enable-aws-service-access --service-principal {service}"
                ),
            };
            return format!("turn on trusted access of {service}: `{command}`");
        }
        self.administrators(service).await.sign_in()
    }

    /// A call that did not go well, for whoever has to fix it.
    pub fn refused(&self, call: &str, failure: &CallFailure) -> Failure {
        refused(call, &self.arn, &self.account, failure)
    }
}

/// Asks more slowly, and longer, than the rule does: nobody waits for it with a
/// deadline, and a page can be large.
///
/// AWS publishes no rate for most of these calls, so none is guessed: pages come
/// one after the other, at most four accounts are asked about at a time, and
/// whoever is refused for the rate waits, each time up to twice as long. The
/// SDK's adaptive mode was tried: one refusal made it slower by minutes.
fn patient(sdk: &SdkConfig) -> SdkConfig {
    sdk.to_builder()
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(6)
                .with_initial_backoff(Duration::from_millis(300)),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .operation_attempt_timeout(Duration::from_secs(20))
                .operation_timeout(Duration::from_secs(90))
                .build(),
        )
        .build()
}

fn refused(call: &str, arn: &str, account: &str, failure: &CallFailure) -> Failure {
    let attempted = Call {
        action: call,
        by: arn,
        account: Some(account),
        as_root: false,
    };
    let remedy = remedy(failure, &attempted, || {
        "make a policy of what this command needs and attach it: `aws iam create-policy \
         --policy-name RootKeysStatus --policy-document file://root-keys/status-policy.json`"
            .to_owned()
    });
    Failure::new(format!("{call} as {arn}: {}; {remedy}", failure.cause))
}

fn nothing(call: &str) -> Failure {
    Failure::new(format!("{call}: the answer does not say; try again"))
}
