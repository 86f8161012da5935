"""Which events start a re-evaluation and which lead to a notification, as moto matches EventBridge patterns."""

import json
import re

import pytest
from moto.events.models import EventPattern
from moto.events.utils import EventTemplateParser

from environment import ACCOUNT, REGION, REPOSITORY
from events import CASES, SECRET, event_of
from synthesis import resources, synthesize

RULES = {
    "KeysChanged", "RootKeyCreated", "BecameNonCompliant", "BecameCompliant", "FinalFailure", "NeverRan",
    "ReEvaluationFailed",
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory) -> dict[str, dict]:
    template = synthesize(tmp_path_factory.mktemp("cdk.out"), alertEmail="security@example.com")
    found = resources(template, "AWS::Events::Rule")
    ids = json.loads(template.read_text())["Resources"]
    names = [name for name, it in ids.items() if it["Type"] == "AWS::Events::Rule"]
    return {id_of(name): properties for name, properties in zip(names, found, strict=True)}


def id_of(logical_id: str) -> str:
    [name] = [name for name in RULES if name in logical_id]
    return name


def message(rule: dict, event: dict) -> str:
    [target] = rule["Targets"]
    transformer = target["InputTransformer"]
    lines = transformer["InputTemplate"].splitlines()
    event = {**event, "ingestion-time": 0}
    return "\n".join(EventTemplateParser.parse(line, transformer["InputPathsMap"], event) for line in lines)


def matching(rules: dict[str, dict], event: dict) -> set[str]:
    patterns = {name: EventPattern.load(json.dumps(rule["EventPattern"])) for name, rule in rules.items()}
    return {name for name, pattern in patterns.items() if pattern.matches_event(event)}


def test_every_rule_of_the_template_has_events(rules):
    assert set(rules) == RULES
    assert set().union(*(case.rules for case in CASES)) == RULES


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_event_matches_the_rules_that_are_for_it(rules, case):
    assert matching(rules, case.event) == case.rules


@pytest.mark.parametrize(
    ("rule", "name", "words"),
    [
        ("RootKeyCreated", "root-creates-own-key", ["123456789012 created an access key", "198.51.100.7", "aws.iam"]),
        ("RootKeyCreated", "drill-of-an-operator", ["Reported by: root-access-key-rule.drill"]),
        ("BecameNonCompliant", "account-of-a-pack-became-non-compliant", [
            "123456789012 is NON_COMPLIANT", "The root user has access keys.", "2026-01-02T03:10:00.123Z",
            "conformance-pack-a1b2c3d4e", "/docs/remediation.md",
        ]),
        ("BecameCompliant", "account-became-compliant", ["123456789012 is COMPLIANT again", "has no access keys."]),
        ("ReEvaluationFailed", "re-evaluation-failed", [":execution:root-access-key-rule:0d0f6b5e", "FAILED"]),
        ("FinalFailure", "evidence-unavailable", [
            "EvidenceUnavailable: could not read the account summary", "attempts: 3",
        ]),
        ("NeverRan", "concurrency-is-zero", [
            "123456789012 (us-east-1)", "Why: ZeroReservedConcurrency: Lambda did not run",
        ]),
    ],
)
def test_a_message_contains_the_facts_and_no_secret(rules, rule, name, words):
    sent = message(rules[rule], event_of(name))
    assert [word for word in words if word not in sent] == []
    assert SECRET not in sent and "AKIA" not in sent and "<" not in sent


FAILURES = [case for case in CASES if case.rules & {"FinalFailure", "NeverRan"}]


@pytest.mark.parametrize("case", FAILURES, ids=str)
def test_a_failure_is_notified_without_a_claim_that_its_error_type_does_not_support(rules, case):
    """The keys may have been read (EvaluationRejected), and AWS Config may have the result (EvaluationNotDelivered)."""
    [rule] = case.rules
    sent = message(rules[rule], case.event)
    first, second, *_ = [line.strip('"') for line in sent.splitlines()]
    assert first == "root-access-key-rule: an evaluation of account 123456789012 (us-east-1) did not complete."
    assert second == "AWS Config may still show an earlier result."


def test_the_drill_of_the_documents_starts_a_re_evaluation_and_a_notification(rules):
    text = (REPOSITORY / "docs/operations.md").read_text()
    [entry] = json.loads(re.search(r"aws events put-events --entries '(.+)'", text).group(1))
    event = {
        "account": ACCOUNT, "region": REGION, "time": "2026-01-02T03:04:05Z", "source": entry["Source"],
        "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"]),
    }
    assert matching(rules, event) == {"KeysChanged", "RootKeyCreated"}
    assert "Reported by: root-access-key-rule.drill" in message(rules["RootKeyCreated"], event)
