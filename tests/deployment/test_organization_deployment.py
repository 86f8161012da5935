"""The life of a rollout to an organization. The tests are its steps: they run in this order."""

import base64
import hashlib
import json
import re
import zipfile
from collections import Counter

import pytest
from moto.cloudformation.exceptions import ValidationError

from strict_moto.cloudformation import acting_for
from environment import ACCOUNT, REGION, REPOSITORY
from organization import MANAGEMENT, NAME, Organization
from strict_moto.stack_sets import require_readable

ARTIFACT = "RootAccessKeyRuleOrganizationArtifact"
STACK_SET = "RootAccessKeyRuleOrganizationStackSet"
PACK = "RootAccessKeyRuleOrganizationPack"
DEPLOY = ("deploy", "--require-approval", "never")
OUTSIDER = "000000000000"
BUILD = re.compile(r"[0-9a-f]{64}\.zip")


@pytest.fixture(scope="module")
def organization(aws, cdk):
    simulated = Organization(aws.endpoint)
    bootstrap(aws, cdk)
    return simulated


@pytest.fixture(scope="module")
def members(organization) -> list[str]:
    """Ready accounts in a unit, and one in which AWS Config does not record."""
    unit = organization.unit("Workloads")
    return [*organization.join(11, unit), *organization.join(1, unit, recorder=False)]


@pytest.fixture(scope="module")
def settings(organization, members, tmp_path_factory):
    """What the command line is told for a mode; the units are where the members are."""
    unit = organization.unit_of(members[0])

    def of(mode: str, **other) -> tuple[str, ...]:
        file = tmp_path_factory.mktemp("settings") / "organization.json"
        file.write_text(json.dumps({
            "mode": mode,
            "organizationId": organization.id,
            "organizationalUnits": [unit if mode == "stack-set" else organization.root],
            "administrator": "delegated-administrator",
            "managementAccount": "exclude",
            **other,
        }))
        return ("-c", f"settings={file}")

    return of


def bootstrap(aws, cdk) -> None:
    """With the policies for whoever deploys one account and an organization."""
    arns = [
        aws.client("iam").create_policy(
            PolicyName=policy, PolicyDocument=(REPOSITORY / f"cdk/policies/{policy}.json").read_text()
        )["Policy"]["Arn"]
        for policy in ("deployment", "organization-deployment")
    ]
    cdk("bootstrap", "--cloudformation-execution-policies", ",".join(arns))


def test_with_the_id_of_another_organization_no_member_may_read_the_build(cdk, settings):
    with pytest.raises(AssertionError, match="12 of 12 stack instances failed: Your access has been denied by S3"):
        cdk(*DEPLOY, "--all", *settings("stack-set", organizationId="o-ffffffffff"))


def test_it_deploys_to_all_members_but_the_one_that_is_not_ready(organization, members, cdk, settings):
    cdk(*DEPLOY, "--all", *settings("stack-set"))
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


def test_the_stacks_stand_in_the_order_that_members_need(aws):
    made = {
        it["StackName"]: it["CreationTime"]
        for it in aws.client("cloudformation").describe_stacks()["Stacks"]
        if it["StackName"].startswith("RootAccessKeyRule")
    }
    assert sorted(made, key=made.get) == [ARTIFACT, STACK_SET]


def test_a_second_deployment_changes_nothing(cdk, settings):
    assert cdk(*DEPLOY, "--all", *settings("stack-set")).count("(no changes)") == 2


def test_an_account_that_joins_gets_everything_by_itself(organization, members):
    unit = organization.unit_of(members[0])
    [joined] = organization.join(1, unit)
    organization.deploy_to_new_accounts([unit])
    assert organization.instances()[joined].status == "CURRENT"
    assert len(organization.rules(joined)) == 1
    members.insert(0, joined)


def test_a_suspended_account_is_skipped(organization, members):
    unit = organization.unit_of(members[0])
    [suspended] = organization.join(1, unit)
    organization.suspend(suspended)
    organization.deploy_to_new_accounts([unit])
    assert organization.instances()[suspended].detailed_status == "SKIPPED_SUSPENDED_ACCOUNT"
    assert organization.function(suspended) is None


def test_a_new_build_reaches_the_members_and_the_old_one_stays(aws, organization, members, cdk, settings, newer):
    before = {account: organization.rules(account) for account in members}
    cdk(*DEPLOY, "--all", *settings("stack-set"), built=newer)
    assert {organization.function(it)["CodeSha256"] for it in members[:-1]} == {sha256(newer)}
    assert {account: organization.rules(account) for account in members} == before
    assert len(published(aws)[1]) == 2


def test_the_build_before_can_be_deployed_again(aws, organization, members, cdk, settings, artifact):
    cdk(*DEPLOY, "--all", *settings("stack-set"))
    assert {organization.function(it)["CodeSha256"] for it in members[:-1]} == {sha256(artifact)}
    assert len(published(aws)[1]) == 2


def test_another_frequency_reaches_the_members_rules(organization, members, cdk, settings):
    cdk(*DEPLOY, "--all", *settings("stack-set", frequency="One_Hour"))
    for account in members[:-1]:
        [rule] = organization.rules(account)
        assert rule["Source"]["SourceDetails"][0]["MaximumExecutionFrequency"] == "One_Hour"


def test_destroyed_it_leaves_the_builds_and_nothing_in_the_members(aws, organization, members, cdk, settings):
    cdk("destroy", "--force", "--all", *settings("stack-set"))
    for account in members:
        assert (organization.function(account), organization.rules(account)) == (None, [])
    assert len(published(aws)[1]) == 2


class TestOrganizationPack:
    """The other mode, on the same accounts."""

    def test_the_pack_is_never_deployed_together_with_the_functions(self, aws, cdk, settings):
        before = stacks(aws)
        with pytest.raises(AssertionError, match="refusing to deploy the organization conformance pack together"):
            cdk(*DEPLOY, "--all", *settings("organization-pack", managementAccountId=MANAGEMENT))
        assert stacks(aws) == before

    def test_a_pack_that_fails_takes_neither_bucket_nor_functions_with_it(
        self, aws, organization, members, cdk, settings
    ):
        excluded = {"managementAccountId": MANAGEMENT}
        cdk(*DEPLOY, STACK_SET, *settings("organization-pack", **excluded))
        assert PACK not in stacks(aws)
        with pytest.raises(AssertionError, match=f"failed in account {members[-1]}: NoAvailableConfigurationRecorder"):
            cdk(*DEPLOY, "--exclusively", PACK, *settings("organization-pack", **excluded))
        assert {organization.function(it) is None for it in members} == {False}
        assert all(organization.rules(it) == [] for it in members)
        assert len(published(aws)[1]) == 1

    def test_with_that_account_left_out_each_member_has_the_rule(self, organization, members, cdk, settings):
        excluded = {"managementAccountId": MANAGEMENT, "excludedAccounts": members[-1:]}
        cdk(*DEPLOY, "--exclusively", PACK, *settings("organization-pack", **excluded))
        for account in members[:-1]:
            [rule] = organization.rules(account)
            assert rule["Source"]["SourceIdentifier"] == f"arn:aws:lambda:{REGION}:{account}:function:{NAME}"
        for account in (members[-1], MANAGEMENT):
            assert organization.rules(account) == []

    def test_the_pack_can_be_removed_alone(self, organization, members, cdk, settings):
        cdk("destroy", "--force", PACK, *settings("organization-pack", managementAccountId=MANAGEMENT))
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


def stacks(aws) -> list[str]:
    return sorted(it["StackName"] for it in aws.client("cloudformation").describe_stacks()["Stacks"])


def published(aws) -> tuple[str, list[str]]:
    """The newest of the buckets that a rollout has made, and the builds in it."""
    buckets = [it for it in aws.client("s3").list_buckets()["Buckets"] if it["Name"].startswith("rootaccesskeyrule")]
    bucket = max(buckets, key=lambda it: it["CreationDate"])["Name"]
    return bucket, [it["Key"] for it in aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


def central(aws) -> dict:
    """What the account that deploys has for all members: resources by type, and the sizes of what lists somebody."""
    cloudformation, s3 = aws.client("cloudformation"), aws.client("s3")
    stacks = [it["StackName"] for it in cloudformation.describe_stacks()["Stacks"]]
    ours = [it for it in stacks if it.startswith("RootAccessKeyRuleOrganization")]
    found = [it for stack in ours for it in cloudformation.list_stack_resources(StackName=stack)["StackResourceSummaries"]]
    buses = aws.client("events").list_event_buses()["EventBuses"]
    return {
        "resources": Counter(it["ResourceType"] for it in found),
        "templates": {it: len(json.dumps(cloudformation.get_template(StackName=it)["TemplateBody"])) for it in ours},
        "policy of the bucket": len(s3.get_bucket_policy(Bucket=published(aws)[0])["Policy"]),
        "policies of the buses": {it["Name"]: len(it.get("Policy", "")) for it in buses},
    }


def sha256(path) -> str:
    return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
