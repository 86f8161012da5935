//! All that could be found out, and what could not.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::failure::Failure;
use crate::status::aggregator;
use crate::status::centre::{Account, Centre};
use crate::status::evaluation::{self, Asked};
use crate::status::organization_pack::{self, OrganizationPack};
use crate::status::pages::Source;
use crate::status::stack_set::{self, StackSet};

/// What AWS told.
pub struct Facts {
    pub accounts: Vec<Account>,
    pub stack_set: Seen<Option<StackSet>>,
    /// `None` also where the StackSet brings the rule: then nobody asks.
    pub pack: Seen<Option<OrganizationPack>>,
    pub compliance: Seen<Compliance>,
    pub sources: Vec<Source>,
    /// The time that ages are reckoned to.
    pub now: DateTime<Utc>,
}

/// A source that may not have answered.
pub type Seen<T> = Result<T, Failure>;

/// What the aggregator told.
pub struct Compliance {
    pub aggregator: String,
    /// The rules with a result, by account.
    pub asked: BTreeMap<String, Vec<Asked>>,
    /// The accounts that it has nothing of, and why.
    pub unseen: BTreeMap<String, String>,
    /// Why it gets nothing new from the organization as a whole, if so.
    pub organization: Option<String>,
}

impl Facts {
    /// Asks every source; without the list of accounts the others mean nothing.
    ///
    /// # Errors
    /// When the accounts cannot be listed.
    pub async fn gather(
        centre: &Centre,
        aggregator: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let (accounts, source) = centre.accounts().await?;
        let mut sources = vec![source];
        let stack_set = kept(stack_set::read(centre).await, &mut sources);
        let pack = match &stack_set {
            Ok(Some(stack_set)) if stack_set.brings_the_rule => Ok(None),
            _ => kept(organization_pack::read(centre).await, &mut sources),
        };
        let of_stack_set = stack_set.as_ref().ok().and_then(Option::as_ref);
        let of_pack = pack.as_ref().ok().and_then(Option::as_ref);
        let period = of_pack
            .and_then(|pack| pack.frequency.as_deref())
            .or_else(|| of_stack_set.and_then(|it| it.frequency.as_deref()));
        let compliance = compliance(centre, &accounts, aggregator, period, now);
        let compliance = Box::pin(compliance).await;
        let compliance = compliance.map(|(compliance, more)| {
            sources.extend(more);
            compliance
        });
        Ok(Self {
            accounts,
            stack_set,
            pack,
            compliance,
            sources,
            now,
        })
    }

    /// The sources that did not answer, or not for all, each in a sentence.
    pub fn unseen(&self) -> Vec<String> {
        let failures = [
            self.stack_set.as_ref().err(),
            self.pack.as_ref().err(),
            self.compliance.as_ref().err(),
        ];
        let organization = self.compliance.as_ref().ok();
        let organization = organization.and_then(|it| it.organization.clone());
        let failures = failures.into_iter().flatten().map(Failure::to_string);
        failures.chain(organization).collect()
    }
}

/// Its sources among the others.
pub fn kept<T>(
    read: Result<Option<(T, Vec<Source>)>, Failure>,
    sources: &mut Vec<Source>,
) -> Seen<Option<T>> {
    read.map(|found| {
        found.map(|(it, more)| {
            sources.extend(more);
            it
        })
    })
}

async fn compliance(
    centre: &Centre,
    accounts: &[Account],
    name: Option<&str>,
    period: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(Compliance, Vec<Source>), Failure> {
    let (aggregator, found) = aggregator::find(centre, name).await?;
    let (failing, failed) = aggregator.failing(centre).await?;
    let (results, listed) = aggregator.results(centre).await?;
    let asking = evaluation::read(centre, &aggregator, results, period, now);
    let (asked, answered) = Box::pin(asking).await;
    let mut by_account: BTreeMap<String, Vec<Asked>> = BTreeMap::new();
    for (result, answer) in asked {
        let account = result.account.clone();
        by_account
            .entry(account)
            .or_default()
            .push((result, answer));
    }
    for asked in by_account.values_mut() {
        asked.sort_by(|(a, _), (b, _)| a.rule.cmp(&b.rule));
    }
    let left_out = accounts
        .iter()
        .filter_map(|account| Some((account.id.clone(), aggregator.leaves_out(&account.id)?)));
    let compliance = Compliance {
        aggregator: aggregator.name.clone(),
        asked: by_account,
        unseen: failing.accounts.into_iter().chain(left_out).collect(),
        organization: failing.organization,
    };
    Ok((compliance, vec![found, failed, listed, answered]))
}
