"""Which events start a re-evaluation and which lead to a notification. moto matches the patterns."""

import json
import re

import pytest
from moto.events.models import EventPattern

from environment import ACCOUNT, REGION, REPOSITORY
from events import CASES
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


def matching(rules: dict[str, dict], event: dict) -> set[str]:
    patterns = {name: EventPattern.load(json.dumps(rule["EventPattern"])) for name, rule in rules.items()}
    return {name for name, pattern in patterns.items() if pattern.matches_event(event)}


def test_every_rule_of_the_template_has_events(rules):
    assert set(rules) == RULES
    assert set().union(*(case.rules for case in CASES)) == RULES


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_event_matches_the_rules_that_are_for_it(rules, case):
    assert matching(rules, case.event) == case.rules


def test_the_drill_of_the_documents_matches_the_rules_of_a_new_key(rules):
    text = (REPOSITORY / "docs/operations.md").read_text()
    [entry] = json.loads(re.search(r"aws events put-events --entries '(.+)'", text).group(1))
    event = {
        "account": ACCOUNT, "region": REGION, "time": "2026-01-02T03:04:05Z", "source": entry["Source"],
        "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"]), "resources": [],
    }
    assert matching(rules, event) == {"KeysChanged", "RootKeyCreated"}
