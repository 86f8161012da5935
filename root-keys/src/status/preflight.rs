//! What would make a rollout fail, or nobody see it, as far as it can be seen before.

use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;

use crate::DOCS;
use crate::command_line::{Mode, Output};
use crate::failure::Failure;
use crate::root_key::Time;
use crate::status::aggregator;
use crate::status::centre::{Account, Centre};
use crate::status::pages::Source;
use crate::status::report::{Head, one_line};
use crate::status::stack_set::{Instance, StackSet};
use crate::status::{facts, organization_pack, stack_set, trust};

/// What no call of an administrator tells.
const OUT_OF_SIGHT: &str = "a recorder that was stopped after it had recorded; a region that a \
    landing zone does not govern or a service control policy denies; quotas of the accounts";

/// What was found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Preflight {
    #[serde(flatten)]
    head: Head,
    findings: Vec<Finding>,
    /// What did not answer, and why.
    unseen: Vec<String>,
    /// What cannot be seen from a centre at all.
    out_of_sight: &'static str,
    sources: Vec<Source>,
    exit_code: u8,
}

/// Something that would make the rollout fail, or nobody see it.
#[derive(Debug, Serialize)]
struct Finding {
    /// The account in which it fails; `null` if it fails as a whole.
    account: Option<String>,
    what: String,
    mend: String,
}

/// Prints it; exit code 0 nothing found, 3 something, 1 could not tell.
///
/// # Errors
/// When the accounts cannot be listed.
pub async fn run(
    centre: &Centre,
    mode: Mode,
    wanted: (Option<&str>, Output),
    now: Time,
    out: &mut impl Write,
) -> Result<ExitCode, Failure> {
    let (name, output) = wanted;
    let (accounts, source) = centre.accounts().await?;
    let mut found = Found {
        sources: vec![source],
        ..Found::default()
    };
    let services = needed(mode);
    found.organization(centre);
    found.trust(centre, services).await;
    found.registrations(centre, services).await;
    let stack_set = facts::kept(stack_set::read(centre).await, &mut found.sources);
    found
        .unseen
        .extend(stack_set.as_ref().err().map(Failure::to_string));
    let known = stack_set.as_ref().ok().and_then(Option::as_ref);
    let reached = |account: &&Account| {
        account.id != centre.management && !known.is_some_and(|it| it.leaves_out(account))
    };
    let members: Vec<_> = accounts.iter().filter(reached).collect();
    found.recorders(centre, name, &members).await;
    if let (Mode::OrganizationPack, Ok(stack_set)) = (mode, &stack_set) {
        found.functions(centre, stack_set.as_ref(), &accounts).await;
    }
    let command = match mode {
        Mode::StackSet => "root-keys status --preflight=stack-set",
        Mode::OrganizationPack => "root-keys status --preflight=organization-pack",
    };
    let exit_code = match (found.findings.is_empty(), found.unseen.is_empty()) {
        (false, _) => 3,
        (true, false) => 1,
        (true, true) => 0,
    };
    let preflight = Preflight {
        head: Head::new(centre, command, now),
        findings: found.findings,
        unseen: found.unseen,
        out_of_sight: OUT_OF_SIGHT,
        sources: found.sources,
        exit_code,
    };
    match output {
        // Text, numbers and lists under fixed names: there is nothing that could fail.
        Output::Json => writeln!(
            out,
            "{}",
            serde_json::to_string(&preflight).unwrap_or_default()
        )?,
        Output::Table => preflight.show(&accounts, out)?,
    }
    Ok(ExitCode::from(exit_code))
}

/// The services that have to be let into the organization: principal, and the
/// command that lets it in, less its beginning.
fn needed(mode: Mode) -> &'static [(&'static str, &'static str)] {
    const STACK_SETS: (&str, &str) = (
        stack_set::PRINCIPAL,
        "`aws cloudformation activate-organizations-access`",
    );
    const AGGREGATORS: (&str, &str) = (
        aggregator::PRINCIPAL,
        "`aws organizations enable-aws-service-access --service-principal config.amazonaws.com`",
    );
    const PACKS: (&str, &str) = (
        organization_pack::PRINCIPAL,
        "`aws organizations enable-aws-service-access --service-principal \
         config-multiaccountsetup.amazonaws.com`",
    );
    match mode {
        Mode::StackSet => &[STACK_SETS, AGGREGATORS],
        Mode::OrganizationPack => &[STACK_SETS, AGGREGATORS, PACKS],
    }
}

/// What goes on without that service.
fn only(service: &str) -> &'static str {
    if service == aggregator::PRINCIPAL {
        ", which stops the aggregator, not the rollout"
    } else {
        ""
    }
}

#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    unseen: Vec<String>,
    sources: Vec<Source>,
}

impl Found {
    fn add(&mut self, account: Option<&Account>, what: impl Into<String>, mend: impl Into<String>) {
        self.findings.push(Finding {
            account: account.map(|account| account.id.clone()),
            what: what.into(),
            mend: mend.into(),
        });
    }

    /// What was read, or a sentence why not.
    fn told<T>(&mut self, read: Result<(T, Source), Failure>) -> Option<T> {
        match read {
            Ok((told, source)) => {
                self.sources.push(source);
                Some(told)
            }
            Err(failure) => {
                self.unseen.push(failure.to_string());
                None
            }
        }
    }

    fn organization(&mut self, centre: &Centre) {
        if !centre.all_features {
            self.add(
                None,
                "the organization has consolidated billing only",
                "from the management account `aws organizations enable-all-features`",
            );
        }
    }

    /// Trusted access of each service.
    async fn trust(&mut self, centre: &Centre, services: &[(&'static str, &str)]) {
        let trusted = trust::trusted(centre).await;
        let Some(trusted) = self.told(trusted) else {
            return;
        };
        for (service, command) in services {
            if !trusted.contains(*service) {
                self.add(
                    None,
                    format!("trusted access of {service} is off{}", only(service)),
                    format!("from the management account {command}"),
                );
            }
        }
        // Organizations may trust StackSets and StackSets not know it yet.
        if trusted.contains(stack_set::PRINCIPAL) && centre.is_management() {
            let access = trust::stack_sets_access(centre).await;
            if self.told(access) == Some(false) {
                self.add(
                    None,
                    "CloudFormation says that StackSets may not deploy to the organization",
                    "`aws cloudformation activate-organizations-access`",
                );
            }
        }
    }

    /// A delegated administrator is registered with each service by itself.
    async fn registrations(&mut self, centre: &Centre, services: &[(&'static str, &str)]) {
        if centre.is_management() {
            return;
        }
        let account = &centre.account;
        for (service, _) in services {
            let registered = trust::administrators(centre, service).await;
            let Some(registered) = self.told(registered) else {
                return;
            };
            if !registered.contains(account) {
                self.add(
                    None,
                    format!(
                        "account {account} is not registered as delegated administrator for \
                         {service}{}",
                        only(service)
                    ),
                    format!(
                        "{}; who becomes one is decided there: {DOCS}/organization.md#before-you-start",
                        centre.sign_in(service).await
                    ),
                );
            }
        }
    }

    /// Accounts in which AWS Config records nothing, or that are not active.
    async fn recorders(&mut self, centre: &Centre, name: Option<&str>, accounts: &[&Account]) {
        let aggregator = aggregator::find(centre, name).await;
        let Some(aggregator) = self.told(aggregator) else {
            return;
        };
        let recorded = aggregator.recorded(centre).await;
        let Some(recorded) = self.told(recorded) else {
            return;
        };
        let failing = aggregator.failing(centre).await;
        let Some(failing) = self.told(failing) else {
            return;
        };
        self.unseen.extend(failing.organization);
        let region = &centre.region;
        for &account in accounts.iter().filter(|account| !account.is_inactive()) {
            let id = &account.id;
            let left_out = aggregator.leaves_out(id);
            if recorded.contains(id) {
                continue;
            }
            if let Some(why) = failing.accounts.get(id).cloned().or(left_out) {
                let name = &account.name;
                self.unseen.push(format!(
                    "whether account {id} ({name}) has a recorder cannot be seen: {why}; \
                     {DOCS}/organization.md#an-aggregator"
                ));
                continue;
            }
            self.add(
                Some(account),
                format!("AWS Config has recorded nothing in {region}: no recorder, or none yet"),
                "whoever runs the landing zone switches it on; there \
                 `aws configservice describe-configuration-recorder-status`",
            );
        }
    }

    /// An organization's pack fails where the function is not.
    async fn functions(
        &mut self,
        centre: &Centre,
        stack_set: Option<&StackSet>,
        accounts: &[Account],
    ) {
        let Some(stack_set) = stack_set else {
            let what = format!(
                "no StackSet {} is there, which brings the functions",
                stack_set::NAME
            );
            return self.add(None, what, format!("{DOCS}/organization.md#deploy"));
        };
        let excluded = match organization_pack::read(centre).await {
            Ok(Some((pack, sources))) => {
                self.sources.extend(sources);
                pack.excluded_accounts
            }
            Ok(None) => Vec::new(),
            Err(failure) => return self.unseen.push(failure.to_string()),
        };
        let left_out = |id: &String| *id == centre.management || excluded.contains(id);
        for account in accounts.iter().filter(|account| !left_out(&account.id)) {
            if stack_set
                .instances
                .get(&account.id)
                .is_some_and(Instance::is_current)
            {
                continue;
            }
            let what = if account.is_inactive() {
                let state = &account.state;
                format!("the account is {state}, and the pack would fail for it")
            } else {
                "the function is not there, and the pack would fail for it".to_owned()
            };
            self.add(
                Some(account),
                what,
                "`root-keys status` says why; or put it into `excludedAccounts`",
            );
        }
    }
}

impl Preflight {
    fn show(&self, accounts: &[Account], out: &mut impl Write) -> Result<(), Failure> {
        self.head.show(accounts.len(), out)?;
        for Finding {
            account,
            what,
            mend,
        } in &self.findings
        {
            let known = accounts.iter().find(|it| Some(&it.id) == account.as_ref());
            match known {
                Some(Account { id, name, .. }) => {
                    writeln!(out, "- {id} ({}): {what}\n  {mend}", one_line(name))?;
                }
                None => {
                    writeln!(out, "- {what}\n  {mend}")?;
                }
            }
        }
        for unseen in &self.unseen {
            writeln!(out, "- {}", one_line(unseen))?;
        }
        let idle: Vec<_> = accounts.iter().filter(|it| it.is_inactive()).collect();
        for Account {
            id, name, state, ..
        } in idle
        {
            let name = one_line(name);
            writeln!(out, "- {id} ({name}) is {state}: StackSets skip it")?;
        }
        let sum = match (self.findings.len(), self.unseen.len()) {
            (0, 0) => "Nothing found to mend before the rollout.".to_owned(),
            (found, 0) => format!("{found} found to mend before the rollout."),
            (found, unseen) => {
                format!("{found} found to mend before the rollout, {unseen} could not be seen.")
            }
        };
        writeln!(
            out,
            "\n{sum}\nCannot be seen from here: {}.",
            self.out_of_sight
        )?;
        Ok(())
    }
}
