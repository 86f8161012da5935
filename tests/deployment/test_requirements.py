"""Linters check, and moto deploys, a rollout with every requirement that an organization can have."""

import json
from pathlib import Path

import pytest

from environment import ACCOUNT, DEPLOY, REGION, REPOSITORY
from organization import Organization
from synthesis import synthesize
from test_cloudformation_validate import ACKNOWLEDGED, acknowledges, engine, findings_on  # noqa: F401 (a fixture)
from test_templates import CHECKOV_ACKNOWLEDGED, cfn_lint, checkov

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d"
REQUIREMENTS = {
    "kmsKeys": {"logGroup": KEY, "environment": KEY, "topic": KEY, "bucket": KEY},
    "rolePath": "/platform/",
    "roleNamePrefix": "platform-",
    "tags": {"team": "security"},
}
ROLLOUT = {
    "mode": "stack-set",
    "organizationId": "o-a1b2c3d4e5",
    "organizationalUnits": "r-a1b2",
    "administrator": "management-account",
    "managementAccount": "exclude",
    "alertEmail": "security@example.com",
    "securityHub": True,
}
# The encryption that checkov requires and the setting `kmsKeys` provides.
ENCRYPTED = {"CKV_AWS_26", "CKV_AWS_158", "CKV_AWS_173"}


@pytest.fixture(scope="module")
def templates(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("requirements")
    synthesize(folder, **ROLLOUT, **REQUIREMENTS)
    found = sorted(folder.rglob("*.template.json"))
    assert len(found) == 5
    return found


def test_cfn_lint_finds_nothing(templates):
    assert cfn_lint(*templates) == set()


def test_checkov_misses_no_encryption(templates):
    names = ("RootAccessKeyRuleOrganizationAlerts.template.json", "Member.template.json")
    found = checkov(*(it for it in templates if it.name in names))
    assert found == {entry for entry in CHECKOV_ACKNOWLEDGED if entry[0] not in ENCRYPTED}


def test_cloudformation_validate_finds_nothing_more(templates, engine):  # noqa: F811
    findings = [it for template in templates for it in findings_on(engine, template, "aws")]
    # They ask for a reference in place of an ARN: the keys are not resources of these templates.
    findings = [it for it in findings if it.rule_id not in ("W9002", "W9013")]
    assert findings
    assert [str(it) for it in findings if not any(acknowledges(entry, it) for entry in ACKNOWLEDGED)] == []


def test_the_key_policy_is_valid(tmp_path):
    template = tmp_path / "key.template.json"
    policy = json.loads((REPOSITORY / "cdk/policies/encryption-key.json").read_text())
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy, "EnableKeyRotation": True}}
    template.write_text(json.dumps({"Resources": {"Key": key}}))
    assert cfn_lint(template) == set()
    # Two statements are for every account, under the condition that it is of the organization.
    assert checkov(template) == {("CKV_AWS_33", "AWS::KMS::Key")}


def anything(aws) -> str:
    """The ARN of a policy that allows everything: the deployment policies do not allow these settings."""
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    return aws.client("iam").create_policy(PolicyName="Anything", PolicyDocument=json.dumps(policy))["Policy"]["Arn"]


def test_it_deploys_to_every_account(aws, cdk, artifact, tmp_path):
    organization = Organization(aws.endpoint)
    unit = organization.unit("Workloads")
    members = organization.join(3, unit)
    cdk("bootstrap", "--cloudformation-execution-policies", anything(aws))
    file = tmp_path / "organization.json"
    file.write_text(json.dumps({
        **ROLLOUT, **REQUIREMENTS, "organizationId": organization.id, "organizationalUnits": [unit],
        "administrator": "delegated-administrator", "unconfirmedAlertEmail": "accept", "watchArtifact": str(artifact),
    }))
    cdk(*DEPLOY, "--all", "-c", f"settings={file}")
    instances = organization.instances()
    assert {account: it.status for account, it in instances.items()} == {account: "CURRENT" for account in members}
