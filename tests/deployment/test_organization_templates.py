"""The templates of an organization's rollout in front of a linter that is not ours. Needs no AWS."""

import pytest

from environment import REPOSITORY
from synthesis import synthesize
from test_templates import CHECKOV_ACKNOWLEDGED, cfn_lint, checkov

PACK = REPOSITORY / "cdk/conformance-pack/root-access-key-rule.yaml"


@pytest.fixture(scope="module")
def stack_set(tmp_path_factory):
    return rollout(tmp_path_factory.mktemp("stack-set"), mode="stack-set")


@pytest.fixture(scope="module")
def organization_pack(tmp_path_factory):
    return rollout(tmp_path_factory.mktemp("organization-pack"), mode="organization-pack")


def rollout(folder, mode):
    synthesize(
        folder,
        mode=mode,
        organizationId="o-a1b2c3d4e5",
        organizationalUnits="r-a1b2",
        administrator="management-account",
        managementAccount="exclude",
        alertEmail="security@example.com",
        dashboard="true",
    )
    return folder


def test_the_pack_is_a_template_by_itself():
    assert cfn_lint(PACK) == set()


def test_a_misspelt_pack_is_not(tmp_path):
    bad = tmp_path / "pack.yaml"
    bad.write_text(PACK.read_text().replace("!Ref RuleDescription", "!Ref Description"))
    assert "E1020" in cfn_lint(bad)


@pytest.mark.parametrize("name", ["Alerts", "Artifact", "StackSet"])
def test_the_stacks_are_valid(stack_set, name):
    assert cfn_lint(stack_set / f"RootAccessKeyRuleOrganization{name}.template.json") == set()


def test_the_stack_of_the_organization_pack_is_valid(organization_pack):
    assert cfn_lint(organization_pack / "RootAccessKeyRuleOrganizationPack.template.json") == set()


def test_the_template_of_the_members_is_valid_by_itself(stack_set, organization_pack):
    for folder in (stack_set, organization_pack):
        assert cfn_lint(folder / "members/Member.template.json") == set()


def test_checkov_finds_what_is_acknowledged_and_nothing_else(stack_set):
    found = checkov(stack_set / "members/Member.template.json")
    found |= checkov(stack_set / "RootAccessKeyRuleOrganizationAlerts.template.json")
    assert found == set(CHECKOV_ACKNOWLEDGED)
