//! f. The generated histories cover the interesting cases: counts of their outcomes.

use std::collections::BTreeMap;

use root_access_key_rule::error::RuleError;
use root_access_key_rule::handler::Evaluated;

/// Outcomes that must occur among a few hundred histories. `InvalidEnvironment`
/// fails the start, `InternalError` is a defect: both are in tests/process/start.rs and events.rs.
const MUST_OCCUR: [&str; 11] = [
    "COMPLIANT",
    "NON_COMPLIANT",
    "InvalidEvent",
    "WrongAccount",
    "InvalidRuleParameters",
    "EvidenceUnavailable",
    "EvaluationRejected",
    "EvaluationNotDelivered",
    "deadline in GetAccountSummary",
    "deadline in the report",
    "deadline in PutEvaluations",
];

/// Counts of histories, and of the outcomes of their invocations.
#[derive(Default)]
pub struct Tally {
    histories: usize,
    with_verdict: usize,
    outcomes: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// Counts one invocation.
    pub fn invocation(&mut self, outcome: &Result<Evaluated, RuleError>) {
        let mut count = |what| *self.outcomes.entry(what).or_default() += 1;
        match outcome {
            Ok(evaluated) if evaluated.compliance_type == "COMPLIANT" => count("COMPLIANT"),
            Ok(evaluated) => {
                count("NON_COMPLIANT");
                let text = &evaluated.annotation;
                if text.contains("no time was left") || text.contains("in the time left for it") {
                    count("deadline in the report");
                }
            }
            Err(error) => {
                count(error.error_type());
                let text = error.message();
                if text.contains("no response before the deadline of the run") {
                    count(if text.contains("GetAccountSummary") {
                        "deadline in GetAccountSummary"
                    } else {
                        "deadline in PutEvaluations"
                    });
                }
            }
        }
    }

    /// Counts one history in which so many invocations ended in a verdict.
    pub fn history(&mut self, verdicts: usize) {
        self.histories += 1;
        self.with_verdict += usize::from(verdicts > 0);
    }

    /// Fails if the histories left out an interesting case.
    pub fn covers_the_interesting_cases(&self) {
        println!(
            "{} histories, {} with a verdict: {:?}",
            self.histories, self.with_verdict, self.outcomes
        );
        assert!(
            self.with_verdict * 2 >= self.histories,
            "fewer than half of the histories end in a verdict"
        );
        for outcome in MUST_OCCUR {
            assert!(
                self.outcomes.contains_key(outcome),
                "{outcome} never occurred: {:?}",
                self.outcomes
            );
        }
    }
}
