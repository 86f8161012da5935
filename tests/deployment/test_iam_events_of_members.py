"""IAM's events of members reach another home region and the administrator, each from the region in which they arrive."""

import pytest

from at_once import at_once
from environment import DEPLOY, REGION
from events import CASES, event_of
from strict_moto.cloudformation import acting_for, client_of
from synthesis import load, synthesize
from test_forwarding import ADMINISTRATOR, MEMBER, Place, delivery  # noqa: F401 (a fixture)

HOME = "eu-central-1"
BUS = f"arn:aws:events:{HOME}:{ADMINISTRATOR}:event-bus/root-access-key-rule-org"
IAM_EVENTS = "root-access-key-rule-org-iam-events"


@pytest.fixture(scope="module")
def places(aws, delivery, tmp_path_factory) -> dict[str, Place]:  # noqa: F811
    """The administrator and a member in their home region, and the member where the events of IAM arrive."""
    folder = tmp_path_factory.mktemp("cdk.out")
    synthesize(
        folder, mode="stack-set", organizationId="o-a1b2c3d4e5", organizationalUnits="r-a1b2", homeRegion=HOME,
        administrator="delegated-administrator", managementAccount="exclude", alertEmail="security@example.com",
    )
    alerts = load(folder / "RootAccessKeyRuleOrganizationAlerts.template.json")
    iam_events = load(folder / "members/MemberIamEvents.template.json")
    return {
        "administrator": Place(aws, ADMINISTRATOR, HOME).deploy(alerts),
        "home": Place(aws, MEMBER, HOME).deploy(
            at_once(load(folder / "members/Member.template.json")), "Forwarding|ReEvaluation", NoticeBus=BUS
        ),
        "iam": Place(aws, MEMBER).deploy(iam_events, NoticeBus=BUS),
    }


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_event_of_iam_starts_an_evaluation_at_home_and_notifies_the_administrator(places, case):
    before = len(places["home"].executions())
    places["iam"].happens(case.event)
    # No event of another account is on the member's bus. There the same event is about the member.
    other_account = case.name == "root-of-another-account-creates-own-key"
    assert len(places["home"].executions()) - before == ("KeysChanged" in case.rules or other_account)
    given = places["administrator"].notified()
    assert [it["notification"] for it in given] == ["RootKeyCreated"] * ("RootKeyCreated" in case.rules or other_account)
    assert all((it["account"], it["region"]) == (MEMBER, REGION) for it in given)


def test_any_other_notification_of_the_member_comes_from_its_home_region(places):
    places["home"].happens(event_of("account-became-non-compliant"))
    [given] = places["administrator"].notified()
    assert (given["notification"], given["account"], given["region"]) == ("BecameNonCompliant", MEMBER, HOME)


def test_a_second_stack_set_deploys_to_the_region_of_the_events(aws, cdk, organization, settings, monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setitem(aws.environment, name, HOME)
    unit = organization.unit("Workloads")
    members = organization.join(2, unit, recorder=False)
    for account in members:
        with acting_for(account):
            client_of("config", HOME, aws.endpoint).put_configuration_recorder(
                ConfigurationRecorder={"name": "default", "roleARN": f"arn:aws:iam::{account}:role/recorder"}
            )
    elsewhere = settings(unit, homeRegion=HOME)
    policies = ",".join(it["Arn"] for it in aws.client("iam").list_policies(Scope="Local")["Policies"])
    cdk("bootstrap", "--cloudformation-execution-policies", policies, *elsewhere)
    cdk(*DEPLOY, "--all", *elsewhere)
    stack_sets = aws.client("cloudformation", region_name=HOME)
    for name, region in (("root-access-key-rule-org", HOME), (IAM_EVENTS, REGION)):
        instances = stack_sets.list_stack_instances(StackSetName=name)["Summaries"]
        assert {(it["Account"], it["Region"], it["Status"]) for it in instances} == {
            (account, region, "CURRENT") for account in members
        }
    cdk("destroy", "--force", "--all", *elsewhere)
    with acting_for(members[0]):
        assert client_of("events", REGION, aws.endpoint).list_rules()["Rules"] == []
