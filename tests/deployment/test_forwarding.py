"""Events about members reach the administrator, and those of IAM reach another home region.

The tests follow an event on a default bus to what the state machine of the notifications is started with, across accounts
and regions, which the second emulator does not do. What the notification then says is tested there: moto does not evaluate
the language of that state machine. Rules, roles, policies and state machines are deployed from the synthesized templates.
"""

import json
import re
import time

import pytest

from at_once import at_once
from environment import ACCOUNT, REGION
from events import CASES, SECRET, event_of
from strict_moto.event_delivery import Delivery
from strict_moto.cloudformation import client_of
from synthesis import load, synthesize

# moto's interpreter calls as its default account.
MEMBER, ADMINISTRATOR = ACCOUNT, "999999999999"
BUS = f"arn:aws:events:{REGION}:{ADMINISTRATOR}:event-bus/root-access-key-rule-org"


@pytest.fixture(scope="module")
def templates(tmp_path_factory) -> dict[str, dict]:
    folder = tmp_path_factory.mktemp("cdk.out")
    synthesize(
        folder, mode="stack-set", organizationId="o-a1b2c3d4e5", organizationalUnits="r-a1b2",
        administrator="delegated-administrator", managementAccount="exclude", alertEmail="security@example.com",
    )
    return {
        "alerts": load(folder / "RootAccessKeyRuleOrganizationAlerts.template.json"),
        "member": load(folder / "members/Member.template.json"),
    }


@pytest.fixture(scope="module")
def delivery(aws, state_machines):
    """EventBridge delivers."""
    with pytest.MonkeyPatch.context() as patch:
        yield Delivery(patch, lambda service, account, region: Place(aws, account, region).client(service))


class Place:
    """An account in a region, and the events and executions there."""

    def __init__(self, aws, account: str, region: str = REGION):
        self.endpoint, self.account, self.region = aws.endpoint, account, region
        self._known: list[str] = []

    def client(self, service: str):
        return client_of(service, self.region, self.endpoint, self.account)

    def deploy(self, template: dict, names: str = "", **parameters: str) -> "Place":
        """Deploys the resources of a template whose names match; other tests cover the others."""
        ours = {name: it for name, it in template["Resources"].items() if re.match(names, name)}
        known = {name: template["Parameters"][name] for name in parameters}
        self.client("cloudformation").create_stack(
            StackName="forwarding", TemplateBody=json.dumps({"Parameters": known, "Resources": ours}),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )
        return self

    def happens(self, event: dict) -> list[dict]:
        """Puts the event on the default bus. Returns the executions that it started here, once they have ended."""
        before = {it["executionArn"] for it in self.executions()}
        self.put(event)
        return [it for it in self.ended() if it["executionArn"] not in before]

    def put(self, event: dict) -> None:
        """Puts the event on the default bus."""
        entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
        self.client("events").put_events(Entries=[entry | {"Resources": event["resources"]}])

    def executions(self) -> list[dict]:
        """All executions, which may be running."""
        states = self.client("stepfunctions")
        machines = [it["stateMachineArn"] for it in states.list_state_machines()["stateMachines"]]
        return [it for arn in machines for it in states.list_executions(stateMachineArn=arn)["executions"]]

    def ended(self) -> list[dict]:
        """All executions, once they have ended."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = self.executions()
            if "RUNNING" not in [it["status"] for it in found]:
                return found
            time.sleep(0.1)
        raise AssertionError(f"still running: {found}")

    def notified(self) -> list[dict]:
        """What the state machine of the notifications was started with since the last call. It may still try to find the
        name of the account, which moto does not know."""
        states = self.client("stepfunctions")
        found = [it["executionArn"] for it in self.executions() if it["stateMachineArn"].endswith("-notifications")]
        new = [it for it in found if it not in self._known]
        self._known.extend(new)
        return [json.loads(states.describe_execution(executionArn=it)["input"]) for it in new]


@pytest.fixture(scope="module")
def administrator(aws, templates) -> Place:
    return Place(aws, ADMINISTRATOR).deploy(templates["alerts"])


@pytest.fixture(scope="module")
def member(aws, delivery, templates, administrator) -> Place:
    return Place(aws, MEMBER).deploy(templates["member"], "Forwarding", NoticeBus=BUS)


def notified(case) -> set[str]:
    """The notifications of an event on a default bus, where no event is of another account."""
    if case.name == "root-of-another-account-creates-own-key":
        return {"RootKeyCreated"}
    return set(case.rules - {"KeysChanged"})


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_event_of_a_member_starts_the_administrators_notification_or_none(member, administrator, case):
    forwarded = member.happens(case.event)
    assert [it["status"] for it in forwarded] == ["SUCCEEDED"] * len(forwarded)
    given = administrator.notified()
    assert {it["notification"] for it in given} == notified(case) and len(given) == len(notified(case))
    for it in given:
        # The administrator's own bus would give the account of the administrator.
        assert (it["account"], it["region"], it["source"]) == (MEMBER, REGION, case.event["source"])
        assert it["detail"].items() <= case.event["detail"].items()
        assert SECRET not in str(it)


def test_the_result_token_of_a_final_failure_stays_on_the_members_bus(delivery, member, administrator):
    [execution] = member.happens(event_of("evidence-unavailable"))
    [given] = administrator.notified()
    assert given["detail"]["responsePayload"]["errorType"] == "EvidenceUnavailable"
    assert given["detail"]["requestContext"]["condition"] == "RetriesExhausted"
    sent = str(delivery.received[-1])
    assert "EvidenceUnavailable" in sent
    assert SECRET not in sent and "invokingEvent" not in sent
    history = member.client("stepfunctions").get_execution_history(executionArn=execution["executionArn"])
    assert "EvidenceUnavailable" in str(history)
    assert SECRET not in str(history) and "invokingEvent" not in str(history)


def test_a_failure_whose_text_has_quotation_marks_is_forwarded_too(member, administrator):
    event = event_of("evidence-unavailable")
    event["detail"]["responsePayload"]["errorMessage"] = 'the parameter "size" is not known'
    member.happens(event)
    [given] = administrator.notified()
    assert given["detail"]["responsePayload"]["errorMessage"] == 'the parameter "size" is not known'


def test_a_new_key_is_notified_in_a_home_region_that_does_not_receive_the_events_of_iam(aws, delivery, tmp_path):
    synthesize(tmp_path, homeRegion="eu-central-1", alertEmail="security@example.com")
    stack = at_once(load(tmp_path / "RootAccessKeyRule.template.json"))
    home = Place(aws, "333333333333", "eu-central-1").deploy(stack, "AlertTopic|AlertsNotices(RootKeyCreated|Machine)")
    # Another account than the member's, whose rules are in the same region.
    iam = Place(aws, "333333333333").deploy(load(tmp_path / "RootAccessKeyRule-IamEvents.template.json"))
    for case in CASES:
        iam.happens(case.event)
        given = home.notified()
        assert [it["notification"] for it in given] == ["RootKeyCreated"] * ("RootKeyCreated" in notified(case)), case
        assert all(it["region"] == REGION for it in given)
