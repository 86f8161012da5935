"""The synthesized templates, checked by linters. Needs no built function and no AWS."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from environment import REPOSITORY
from synthesis import REGIONS

PACK = REPOSITORY / "cdk/conformance-pack/root-access-key-rule.yaml"

# For the plain template alone.
CFN_LINT_PARAMETERS_ACKNOWLEDGED = {
    "W1030": "a parameter that is empty by default is used only under the condition that it is not",
}

CHECKOV_ACKNOWLEDGED = {
    ("CKV_AWS_26", "AWS::SNS::Topic"): "the messages hold no secret; CloudWatch cannot publish under alias/aws/sns",
    ("CKV_AWS_115", "AWS::Lambda::Function"): "accounts with the small initial quota cannot reserve concurrency",
    ("CKV_AWS_116", "AWS::Lambda::Function"): "the on-failure destination reports it; a queue would store result tokens",
    ("CKV_AWS_117", "AWS::Lambda::Function"): "it calls two public AWS endpoints and holds no data",
    ("CKV_AWS_158", "AWS::Logs::LogGroup"): "CloudWatch Logs encrypts; the lines hold no secret",
    ("CKV_AWS_173", "AWS::Lambda::Function"): "the environment holds the version, and Lambda encrypts it",
}

# For the watch of an organization alone.
CHECKOV_WATCH_ACKNOWLEDGED = {
    ("CKV_AWS_18", "AWS::S3::Bucket"): "only the watch writes to its bucket, and its log lines name every report",
}


@pytest.fixture(params=["account", "template", "member-template", "elsewhere", "stack-set", "organization-pack"])
def paths(request, templates) -> list[Path]:
    """The templates of a mode with everything switched on."""
    return templates[request.param, "aws"]


def test_cfn_lint_finds_only_what_is_acknowledged(paths):
    acknowledged = CFN_LINT_PARAMETERS_ACKNOWLEDGED if paths[0].parent.name == "template" else {}
    assert cfn_lint(*paths) == set(acknowledged)


def test_checkov_finds_only_what_is_acknowledged(paths):
    # The stacks that only publish the build, or only hold the StackSet or the pack, are for cfn-lint.
    checked = [it for it in paths if not re.search("Artifact|StackSet|Pack", it.name)]
    found = checkov(*checked)
    assert found - set(CHECKOV_ACKNOWLEDGED) - set(CHECKOV_WATCH_ACKNOWLEDGED) == set()
    # As does that of the watch, where there is one.
    assert set(CHECKOV_WATCH_ACKNOWLEDGED) <= found or not any("Watch" in it.name for it in paths)
    # Each acknowledged finding still exists in the template of one account.
    assert paths[0].parent.name != "account" or found == set(CHECKOV_ACKNOWLEDGED)


def test_the_conformance_pack_is_a_valid_template():
    assert cfn_lint(PACK) == set()


def test_a_misspelled_reference_in_the_conformance_pack_is_found(tmp_path):
    bad = tmp_path / "pack.yaml"
    bad.write_text(PACK.read_text().replace("!Ref RuleDescription", "!Ref Description"))
    assert "E1020" in cfn_lint(bad)


def test_each_linter_finds_the_fault_of_a_bad_template(tmp_path):
    bad = tmp_path / "bad.template.json"
    bad.write_text(json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Displayname": "x"}}}}))
    assert "E3002" in cfn_lint(bad)
    assert ("CKV_AWS_26", "AWS::SNS::Topic") in checkov(bad)


def cfn_lint(*templates: Path) -> set[str]:
    done = run("cfn-lint", "--format", "json", "--regions", *REGIONS.values(), "--template", *map(str, templates))
    return {finding["Rule"]["Id"] for finding in json.loads(done.stdout)}


def checkov(*templates: Path) -> set[tuple[str, str]]:
    done = run(
        "checkov", "--framework", "cloudformation", "--file", *map(str, templates),
        "--output", "json", "--quiet", "--skip-download",
    )
    report = json.loads(done.stdout)
    # Templates without a resource that checkov knows have no results.
    assert report.get("summary", report)["parsing_errors"] == 0
    failed = report.get("results", {}).get("failed_checks", [])
    return {(it["check_id"], it["resource"].split(".")[0]) for it in failed}


def run(tool: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [Path(sys.executable).parent / tool, *arguments], text=True, capture_output=True, check=False, timeout=300
    )
