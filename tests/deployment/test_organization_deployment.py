"""A rollout to an organization from the bootstrap to its removal. The tests are steps and run in this order.

What happens to the event of a rule once its function is deployed is the same as in one account
(test_account_deployment), and with the event of another account's rule in tests/invalid_events and tests/simulation.
"""

import base64
import hashlib
import re
import zipfile

import pytest
from moto.cloudformation.exceptions import ValidationError

from environment import DEPLOY, REGION
from organization import MANAGEMENT, NAME, central, published, stacks
from strict_moto.published_code import require_readable

ALERTS = "RootAccessKeyRuleOrganizationAlerts"
ARTIFACT = "RootAccessKeyRuleOrganizationArtifact"
STACK_SET = "RootAccessKeyRuleOrganizationStackSet"
PACK = "RootAccessKeyRuleOrganizationPack"
WATCH = "RootAccessKeyRuleOrganizationWatch"
OUTSIDER = "000000000000"
BUILD = re.compile(r"[0-9a-f]{64}\.zip")
NOTIFICATIONS = {"alertEmail": "security@example.com", "unconfirmedAlertEmail": "accept", "dashboard": "true"}


@pytest.fixture(scope="module")
def members(organization) -> list[str]:
    """Ready accounts in a unit, and one in which AWS Config does not record."""
    unit = organization.unit("Workloads")
    return [*organization.join(11, unit), *organization.join(1, unit, recorder=False)]


@pytest.fixture(scope="module")
def rollout(organization, members, settings):
    """The CDK options for a rollout to the members' unit, or for a pack, which goes to the root."""
    unit = organization.unit_of(members[0])
    units = {"stack-set": unit, "organization-pack": organization.root}
    return lambda mode, **other: settings(units[mode], mode=mode, **NOTIFICATIONS, **other)


def test_with_the_id_of_another_organization_no_member_may_read_the_build(cdk, rollout):
    with pytest.raises(AssertionError, match="12 of 12 stack instances failed: Your access has been denied by S3"):
        cdk(*DEPLOY, "--all", *rollout("stack-set", organizationId="o-ffffffffff"))


def test_it_deploys_to_all_members_but_the_one_that_is_not_ready(organization, members, cdk, rollout):
    cdk(*DEPLOY, "--all", *rollout("stack-set"))
    instances = organization.instances()
    assert set(instances) == set(members)
    assert {it.status for account, it in instances.items() if account != members[-1]} == {"CURRENT"}
    assert "NoAvailableConfigurationRecorder" in instances[members[-1]].reason
    assert organization.function(members[-1]) is None


def test_each_member_has_the_build_and_a_rule_that_calls_its_own_function(organization, members, artifact):
    for account in members[:-1]:
        assert organization.function(account)["CodeSha256"] == sha256(artifact)
        [rule] = organization.rules(account)
        assert re.fullmatch(r"root-access-key-rule-conformance-pack-[0-9a-f]{9}", rule["ConfigRuleName"])
        assert rule["Source"]["SourceIdentifier"] == f"arn:aws:lambda:{REGION}:{account}:function:{NAME}"


def test_the_bucket_holds_the_build_by_its_hash_for_the_organization_alone(aws, organization, members, artifact):
    bucket, [key] = published(aws)
    assert BUILD.fullmatch(key)
    assert aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == artifact.read_bytes()
    require_readable(bucket, key, members[0])
    with pytest.raises(ValidationError, match="access has been denied"):
        require_readable(bucket, key, OUTSIDER)


def test_what_members_need_is_created_before_the_stack_set(aws):
    made = {
        it["StackName"]: it["CreationTime"]
        for it in aws.client("cloudformation").describe_stacks()["Stacks"]
        if it["StackName"].startswith("RootAccessKeyRule")
    }
    assert set(made) == {ARTIFACT, ALERTS, STACK_SET, WATCH}
    # The watch reports what was rolled out before it.
    assert sorted(made, key=made.get)[2:] == [STACK_SET, WATCH]


def test_a_second_deployment_changes_nothing(cdk, rollout):
    assert cdk(*DEPLOY, "--all", *rollout("stack-set")).count("(no changes)") == 4


def test_an_account_that_joins_receives_everything_and_nothing_central_grows(aws, organization, members):
    unit, before = organization.unit_of(members[0]), central(aws)
    [joined] = organization.join(1, unit)
    organization.deploy_to_new_accounts([unit])
    assert organization.instances()[joined].status == "CURRENT"
    assert organization.inventory(joined) == organization.inventory(members[0])
    assert central(aws) == before
    members.insert(0, joined)


def test_a_suspended_account_is_skipped(organization, members):
    unit = organization.unit_of(members[0])
    [suspended] = organization.join(1, unit)
    organization.suspend(suspended)
    organization.deploy_to_new_accounts([unit])
    assert organization.instances()[suspended].detailed_status == "SKIPPED_SUSPENDED_ACCOUNT"
    assert organization.function(suspended) is None


def test_a_new_build_reaches_the_members_and_the_old_one_stays(aws, organization, members, cdk, rollout, newer):
    before = {account: organization.rules(account) for account in members}
    cdk(*DEPLOY, "--all", *rollout("stack-set"), built=newer)
    assert {organization.function(it)["CodeSha256"] for it in members[:-1]} == {sha256(newer)}
    assert {account: organization.rules(account) for account in members} == before
    assert len(published(aws)[1]) == 2


def test_the_build_before_can_be_deployed_again(aws, organization, members, cdk, rollout, artifact):
    cdk(*DEPLOY, "--all", *rollout("stack-set"))
    assert {organization.function(it)["CodeSha256"] for it in members[:-1]} == {sha256(artifact)}
    assert len(published(aws)[1]) == 2


def test_another_frequency_reaches_the_members_rules(organization, members, cdk, rollout):
    cdk(*DEPLOY, "--all", *rollout("stack-set", frequency="One_Hour"))
    for account in members[:-1]:
        [rule] = organization.rules(account)
        assert rule["Source"]["SourceDetails"][0]["MaximumExecutionFrequency"] == "One_Hour"


def test_removal_leaves_the_builds_and_nothing_in_the_members(aws, organization, members, cdk, rollout):
    cdk("destroy", "--force", "--all", *rollout("stack-set"))
    assert [it for it in members if organization.function(it) or organization.rules(it)] == []
    assert len(published(aws)[1]) == 2


class TestOrganizationPack:
    """The other mode, on the same accounts."""

    def test_the_pack_is_never_deployed_together_with_the_functions(self, aws, cdk, rollout):
        before = stacks(aws)
        with pytest.raises(AssertionError, match="refusing to deploy the organization conformance pack together"):
            cdk(*DEPLOY, "--all", *rollout("organization-pack", managementAccountId=MANAGEMENT))
        assert stacks(aws) == before

    def test_a_pack_that_fails_takes_neither_bucket_nor_functions_with_it(
        self, aws, organization, members, cdk, rollout
    ):
        excluded = {"managementAccountId": MANAGEMENT}
        cdk(*DEPLOY, STACK_SET, *rollout("organization-pack", **excluded))
        assert PACK not in stacks(aws)
        with pytest.raises(AssertionError, match=f"failed in account {members[-1]}: NoAvailableConfigurationRecorder"):
            cdk(*DEPLOY, "--exclusively", PACK, *rollout("organization-pack", **excluded))
        assert {organization.function(it) is None for it in members} == {False}
        assert all(organization.rules(it) == [] for it in members)
        assert len(published(aws)[1]) == 1

    def test_with_that_account_left_out_each_member_has_the_rule(self, organization, members, cdk, rollout):
        excluded = {"managementAccountId": MANAGEMENT, "excludedAccounts": members[-1:]}
        cdk(*DEPLOY, "--exclusively", PACK, *rollout("organization-pack", **excluded))
        for account in members[:-1]:
            [rule] = organization.rules(account)
            assert rule["Source"]["SourceIdentifier"] == f"arn:aws:lambda:{REGION}:{account}:function:{NAME}"
        for account in (members[-1], MANAGEMENT):
            assert organization.rules(account) == []

    def test_the_pack_can_be_removed_alone(self, organization, members, cdk, rollout):
        cdk("destroy", "--force", PACK, *rollout("organization-pack", managementAccountId=MANAGEMENT))
        assert all(organization.rules(it) == [] for it in members)
        assert organization.function(members[0])


@pytest.fixture(scope="module")
def newer(artifact, tmp_path_factory):
    """The same function as another build."""
    path = tmp_path_factory.mktemp("newer") / "bootstrap.zip"
    path.write_bytes(artifact.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"a newer build"
    return path


def sha256(path) -> str:
    return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
