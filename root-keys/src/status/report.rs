//! The whole answer: a table for people, or one JSON document as evidence.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use crate::failure::Failure;
use crate::root_key::Time;
use crate::status::centre::Centre;
use crate::status::evaluation::Evaluation;
use crate::status::facts::Facts;
use crate::status::judgement::{Judged, Standing};
use crate::status::mend::age;
use crate::status::pages::Source;

/// Raised when a field changes its meaning or goes; new fields may come.
pub const SCHEMA: u32 = 1;

/// What was asked, where, and everything that came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    #[serde(flatten)]
    head: Head,
    /// The aggregator that was read.
    aggregator: Option<String>,
    /// What did not answer, and why.
    unseen: Vec<String>,
    /// How many accounts there are of each compliance.
    summary: BTreeMap<&'static str, usize>,
    accounts: Vec<Judged>,
    /// What was read to its end, and when.
    sources: Vec<Source>,
    exit_code: u8,
}

/// The first fields of every document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    schema: u32,
    command: String,
    version: &'static str,
    at: Time,
    by: String,
    organization: String,
    management_account: String,
    region: String,
}

impl Head {
    /// Of an answer to this command, at that time.
    pub fn new(centre: &Centre, command: &str, at: Time) -> Self {
        Self {
            schema: SCHEMA,
            command: command.to_owned(),
            version: env!("CARGO_PKG_VERSION"),
            at,
            by: centre.arn.clone(),
            organization: centre.organization.clone(),
            management_account: centre.management.clone(),
            region: centre.region.clone(),
        }
    }

    /// The first line for people.
    pub fn show(&self, accounts: usize, out: &mut impl Write) -> Result<(), Failure> {
        let Self {
            organization,
            region,
            at,
            by,
            ..
        } = self;
        writeln!(
            out,
            "Organization {organization}, {accounts} accounts, in {region} at {at}, as {by}\n"
        )?;
        Ok(())
    }
}

impl Report {
    /// Puts together what was found out and what it means.
    pub fn new(centre: &Centre, facts: &Facts, accounts: Vec<Judged>) -> Self {
        let mut summary = BTreeMap::new();
        for judged in &accounts {
            *summary.entry(judged.compliance.word()).or_default() += 1;
        }
        let unseen = facts.unseen();
        Self {
            head: Head::new(centre, "root-keys status", Time(facts.now)),
            aggregator: facts
                .compliance
                .as_ref()
                .ok()
                .map(|it| it.aggregator.clone()),
            exit_code: exit_code(&accounts, &unseen),
            unseen,
            summary,
            accounts,
            sources: facts.sources.clone(),
        }
    }

    /// 0 everything there, fresh and COMPLIANT; 2 a finding; 1 could not tell; 3 something missing.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }

    /// The document in one line.
    pub fn json(&self) -> String {
        // Text, numbers and lists under fixed names: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// One line for each account, then what is wrong, then the sum.
    pub fn show(&self, facts: &Facts, details: bool, out: &mut impl Write) -> Result<(), Failure> {
        self.head.show(self.accounts.len(), out)?;
        let head = ["ACCOUNT", "NAME", "FUNCTION", "RULE", "COMPLIANCE"].map(str::to_owned);
        let rows: Vec<_> = self.accounts.iter().map(cells).collect();
        let mut widths = [0; 5];
        for row in rows.iter().chain([&head]) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        line(&head, widths, out)?;
        for (row, judged) in rows.iter().zip(&self.accounts) {
            line(row, widths, out)?;
            for evaluation in judged.evaluations.iter().filter(|_| details) {
                writeln!(out, "  {}", detail(facts, evaluation))?;
            }
        }
        self.show_problems(out)?;
        let counts = self
            .summary
            .iter()
            .map(|(word, count)| format!("{count} {word}"));
        writeln!(out, "\n{}", counts.collect::<Vec<_>>().join(", "))?;
        Ok(())
    }

    fn show_problems(&self, out: &mut impl Write) -> Result<(), Failure> {
        let wrong = self
            .accounts
            .iter()
            .any(|judged| !judged.problems.is_empty());
        if wrong || !self.unseen.is_empty() {
            writeln!(out, "\nTo mend:")?;
        }
        for unseen in &self.unseen {
            writeln!(out, "- {}", one_line(unseen))?;
        }
        for Judged {
            account,
            name,
            problems,
            ..
        } in &self.accounts
        {
            for problem in problems {
                let (name, what) = (one_line(name), one_line(&problem.what));
                writeln!(
                    out,
                    "- {account} ({name}): {what}\n  {}",
                    one_line(&problem.mend)
                )?;
            }
        }
        Ok(())
    }
}

/// Nothing is well that is not known to be: 0 is what is left.
fn exit_code(accounts: &[Judged], unseen: &[String]) -> u8 {
    let any = |standing| accounts.iter().any(|it| it.compliance == standing);
    let well = |it: &Judged| {
        let settled = [Standing::Compliant, Standing::NotActive].contains(&it.compliance);
        settled && it.problems.is_empty()
    };
    if any(Standing::NonCompliant) {
        2
    } else if any(Standing::NotSeen) || !unseen.is_empty() {
        1
    } else if !accounts.iter().all(well) {
        3
    } else {
        0
    }
}

fn cells(judged: &Judged) -> [String; 5] {
    let mut compliance = judged.compliance.word().to_owned();
    if judged.compliance == Standing::NotActive {
        compliance = format!("{compliance}: {}", judged.state);
    }
    [
        judged.account.clone(),
        one_line(&judged.name),
        judged.function.clone(),
        judged.rule.clone(),
        compliance,
    ]
}

/// Names and reasons are other people's text, and must not pass for a line of ours.
pub fn one_line(name: &str) -> String {
    name.replace(char::is_control, " ")
}

fn line(cells: &[String; 5], widths: [usize; 5], out: &mut impl Write) -> Result<(), Failure> {
    let padded = cells.iter().zip(widths);
    let line: Vec<_> = padded
        .map(|(cell, width)| format!("{cell:width$}"))
        .collect();
    writeln!(out, "{}", line.join("  ").trim_end())?;
    Ok(())
}

fn detail(facts: &Facts, evaluation: &Evaluation) -> String {
    let Evaluation {
        rule,
        compliance_type,
        ..
    } = evaluation;
    let when = match evaluation.recorded {
        Some(at) => format!("{at}, {} ago", age(facts, at.0)),
        None => "at an unknown time".to_owned(),
    };
    let stale = if evaluation.stale { ", stale" } else { "" };
    let annotation = evaluation.annotation.as_deref().unwrap_or("no annotation");
    format!(
        "{rule}: {compliance_type} ({when}{stale}): {}",
        one_line(annotation)
    )
}
