"""A linter of policies finds nothing without a reason in the policies that we publish and in those of every template."""

import json
import subprocess
from pathlib import Path

import pytest

from emulator import PROGRAM
from environment import REPOSITORY
from resolved_templates import policies

FOLDERS = ("cdk/policies", "root-keys", "landing-zone/control-tower/policies")
READS = "reads of things whose names are not known when the policy is written"
GENERATED = "AWS Config generates the IDs in these ARNs"
NEWER = "newer than parliament 1.6.4, of April 2025; AWS lists it for the handler of the resource"
KEY = "in the policy of a key, `*` is the key"
LOGS = "as in AWS's policy for CloudWatch Logs: .../AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"

# The findings that change nothing, by policy: the kind, what its text contains, and the reason.
ACKNOWLEDGED = {
    "cdk/policies/deployment.json": {
        ("RESOURCE_STAR", "config:PutConfigRule"): GENERATED,
        ("UNKNOWN_ACTION", "lambda:GetFunctionScalingConfig"): NEWER,
    },
    "cdk/policies/organization-deployment.json": {
        ("RESOURCE_STAR", "config:PutOrganizationConformancePack"): GENERATED,
        ("UNKNOWN_ACTION", "lambda:GetFunctionScalingConfig"): NEWER,
        ("UNKNOWN_ACTION", "s3:GetBucketAbac"): NEWER,
    },
    "cdk/policies/organization-notifications-deployment.json": {("RESOURCE_STAR", "cloudwatch:DescribeAlarms"): READS},
    "cdk/policies/organization-watch-deployment.json": {
        ("RESOURCE_STAR", "cloudwatch:DescribeAlarms"): READS,
        ("UNKNOWN_ACTION", "lambda:GetFunctionScalingConfig"): NEWER,
        ("UNKNOWN_ACTION", "s3:GetBucketAbac"): NEWER,
    },
    "cdk/policies/encryption-key.json": {
        ("RESOURCE_STAR", "kms:Decrypt"): KEY,
        ("MISMATCHED_TYPE", "ArnLike"): LOGS,
        ("UNKNOWN_CONDITION_FOR_ACTION", "kms:DescribeKey"): LOGS,
    },
    "root-keys/status-policy.json": {("RESOURCE_STAR", "cloudformation:DescribeStackSet"): READS},
    "root-keys/operator-policy.json": {
        ("RESOURCE_STAR", "organizations:DescribeAccount"): READS,
        ("MISMATCHED_TYPE", "ArnEquals"): "the key holds an ARN, although AWS lists it as a string",
    },
    "RootAccessKeyRuleOrganizationWatch: Role": {("RESOURCE_STAR", "cloudformation:DescribeStackSet"): READS},
    "AccountsOfTheOrganization": {
        ("INVALID_SID", ""): "the CDK puts `cdk-` before the ID, and EventBridge accepts hyphens in it",
    },
}


def published() -> dict[str, dict]:
    """The policies in files, by path."""
    files = [it for folder in FOLDERS for it in sorted((REPOSITORY / folder).glob("*.json"))]
    found = {str(it.relative_to(REPOSITORY)): json.loads(it.read_text()) for it in files}
    return {name: it for name, it in found.items() if "Statement" in it}


def lint(given: dict[str, dict]) -> dict[str, list[list[str]]]:
    """The kind and the text of each finding, by the name of the policy."""
    done = subprocess.run(
        [PROGRAM.with_name("python"), Path(__file__).with_name("lint_policies.py")], input=json.dumps(given), text=True,
        capture_output=True, check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def unexplained(found: dict[str, list[list[str]]]) -> set[tuple[str, ...]]:
    """The findings that are not acknowledged."""
    return {
        (name, kind, text)
        for name, findings in found.items()
        for kind, text in findings
        if not any(
            which in name and it[0] == kind and it[1] in text for which, reasons in ACKNOWLEDGED.items() for it in reasons
        )
    }


def test_nothing_without_a_reason_is_found_in_a_published_policy():
    given = published()
    assert {"cdk/policies/deployment.json", "root-keys/operator-policy.json"} <= set(given)
    found = lint(given)
    assert unexplained(found) == set()
    listed = {(name, *it) for name, reasons in ACKNOWLEDGED.items() for it in reasons if name in given}
    needed = {it for it in listed if any(it[1] == kind and it[2] in text for kind, text in found[it[0]])}
    assert listed - needed == set(), "no longer found"


def test_nothing_without_a_reason_is_found_in_a_template(templates):
    given = {f"{stack}: {place}": it for stack, template in templates.items() for place, it in policies(template)}
    assert any("AssumeRolePolicyDocument" in it for it in given) and any("AlertTopicPolicy" in it for it in given)
    assert unexplained(lint(given)) == set()


@pytest.mark.parametrize(
    "change, kind",
    [
        ({"Action": "sts:AssumeRoots"}, "UNKNOWN_ACTION"),
        ({"Resource": "arn:aws:s3:::bucket"}, "RESOURCE_MISMATCH"),
        ({"Condition": {"StringEquals": {"iam:PolicyArn": "x"}}}, "UNKNOWN_CONDITION_FOR_ACTION"),
        ({"Effect": "allow"}, "MALFORMED"),
    ],
    ids=lambda it: str(it)[:40],
)
def test_a_fault_is_found(change, kind):
    policy = published()["root-keys/operator-policy.json"]
    policy["Statement"][1] |= change
    assert kind in {it[1] for it in unexplained(lint({"root-keys/operator-policy.json": policy}))}
