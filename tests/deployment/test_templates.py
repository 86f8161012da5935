"""The synthesized templates in front of linters that are not ours. Needs no built function and no AWS."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from synthesis import REGIONS, load, synthesize

# Of the plain template alone.
CFN_LINT_PARAMETERS_ACKNOWLEDGED = {
    "W1030": "a parameter that is empty by default is used only under the condition that it is not",
}

CHECKOV_ACKNOWLEDGED = {
    ("CKV_AWS_26", "AWS::SNS::Topic"): "the messages hold no secret; CloudWatch cannot publish under alias/aws/sns",
    ("CKV_AWS_115", "AWS::Lambda::Function"): "accounts with the small initial quota cannot reserve concurrency",
    ("CKV_AWS_116", "AWS::Lambda::Function"): "the on-failure destination says it; a queue would keep result tokens",
    ("CKV_AWS_117", "AWS::Lambda::Function"): "it calls two public AWS endpoints and holds no data",
    ("CKV_AWS_158", "AWS::Logs::LogGroup"): "CloudWatch Logs encrypts; the lines hold no secret",
    ("CKV_AWS_173", "AWS::Lambda::Function"): "the environment holds the version, and Lambda encrypts it",
}


@pytest.fixture(scope="module", params=["account", "template"])
def template(request, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    return synthesize(folder, mode=request.param, alertEmail="security@example.com", dashboard="true")


def test_cfn_lint_finds_what_is_acknowledged_and_nothing_else(template):
    acknowledged = CFN_LINT_PARAMETERS_ACKNOWLEDGED if "AlertEmail" in load(template)["Parameters"] else {}
    assert cfn_lint(template) == set(acknowledged)


def test_checkov_finds_what_is_acknowledged_and_nothing_else(template):
    assert checkov(template) == set(CHECKOV_ACKNOWLEDGED)


def test_the_stack_that_brings_iams_events_has_no_finding(tmp_path):
    synthesize(tmp_path, homeRegion="eu-central-1")
    template = tmp_path / "RootAccessKeyRule-IamEvents.template.json"
    assert (cfn_lint(template), checkov(template)) == (set(), set())


def test_each_linter_finds_what_is_wrong_with_a_bad_template(tmp_path):
    bad = tmp_path / "bad.template.json"
    bad.write_text(json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Displayname": "x"}}}}))
    assert "E3002" in cfn_lint(bad)
    assert ("CKV_AWS_26", "AWS::SNS::Topic") in checkov(bad)


def cfn_lint(template: Path) -> set[str]:
    done = run("cfn-lint", "--format", "json", "--regions", *REGIONS.values(), "--template", str(template))
    return {finding["Rule"]["Id"] for finding in json.loads(done.stdout)}


def checkov(template: Path) -> set[tuple[str, str]]:
    done = run(
        "checkov", "--framework", "cloudformation", "--file", str(template),
        "--output", "json", "--quiet", "--skip-download",
    )
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    return {(it["check_id"], it["resource"].split(".")[0]) for it in report["results"]["failed_checks"]}


def run(tool: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [Path(sys.executable).parent / tool, *arguments], text=True, capture_output=True, check=False, timeout=300
    )
