"""Notifications about members reach the administrator, and those about IAM reach another home region.

The tests follow an event on a default bus to the message on the topic. Rules, roles, policies and state machines
are deployed from the synthesized templates. moto matches the events and runs the state machines.
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
    """An account in a region, and the events and messages there."""

    def __init__(self, aws, account: str, region: str = REGION):
        self.endpoint, self.account, self.region = aws.endpoint, account, region

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

    def happens(self, event: dict) -> None:
        """Puts the event on the default bus, and waits for the executions that it starts."""
        self.put(event)
        for execution in self.executions():
            assert execution["status"] == "SUCCEEDED", execution

    def put(self, event: dict) -> None:
        """Puts the event on the default bus."""
        entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
        self.client("events").put_events(Entries=[entry | {"Resources": event["resources"]}])

    def executions(self) -> list[dict]:
        """All executions, once they have ended."""
        states, deadline = self.client("stepfunctions"), time.monotonic() + 60
        machines = [it["stateMachineArn"] for it in states.list_state_machines()["stateMachines"]]
        while time.monotonic() < deadline:
            found = [it for arn in machines for it in states.list_executions(stateMachineArn=arn)["executions"]]
            if "RUNNING" not in [it["status"] for it in found]:
                return found
            time.sleep(0.1)
        raise AssertionError(f"still running: {found}")

    def listen(self, topic: str = "") -> "Place":
        """Subscribes a queue to a topic, or to the only one."""
        self.queue = self.client("sqs").create_queue(QueueName="mailbox")["QueueUrl"]
        [found] = [topic] if topic else [it["TopicArn"] for it in self.client("sns").list_topics()["Topics"]]
        endpoint = f"arn:aws:sqs:{self.region}:{self.account}:mailbox"
        self.client("sns").subscribe(TopicArn=found, Protocol="sqs", Endpoint=endpoint)
        return self

    def messages(self) -> list[str]:
        """The messages since the last call, once all executions have ended: each the subject, and the text from the next line."""
        self.executions()
        sqs = self.client("sqs")
        got = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for it in got:
            sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=it["ReceiptHandle"])
        bodies = [json.loads(it["Body"]) for it in got]
        return [f"{it.get('Subject', '')}\n{it['Message']}" for it in bodies]


@pytest.fixture(scope="module")
def administrator(aws, templates) -> Place:
    return Place(aws, ADMINISTRATOR).deploy(templates["alerts"]).listen()


@pytest.fixture(scope="module")
def member(aws, delivery, templates, administrator) -> Place:
    return Place(aws, MEMBER).deploy(templates["member"], "Forwarding", NoticeBus=BUS)


def notified(case) -> set[str]:
    """The notifications of an event on a default bus, where no event is of another account."""
    if case.name == "root-of-another-account-creates-own-key":
        return {"RootKeyCreated"}
    return set(case.rules - {"KeysChanged"})


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_event_of_a_member_becomes_the_administrators_message_or_none(member, administrator, case):
    expected = notified(case)
    member.happens(case.event)
    messages = administrator.messages()
    assert len(messages) == len(expected)
    for message in messages:
        assert MEMBER in message and ADMINISTRATOR not in message
        assert SECRET not in message and "<" not in message


def test_the_result_token_of_a_final_failure_stays_on_the_members_bus(delivery, member, administrator):
    before = member.executions()
    member.happens(event_of("evidence-unavailable"))
    [message] = administrator.messages()
    assert "Why: EvidenceUnavailable: could not read the account summary" in message
    assert "RetriesExhausted, attempts: 3" in message
    sent = str(delivery.received[-1])
    assert "EvidenceUnavailable" in sent
    assert SECRET not in sent and "invokingEvent" not in sent
    [execution] = [it for it in member.executions() if it not in before]
    history = member.client("stepfunctions").get_execution_history(executionArn=execution["executionArn"])
    assert "EvidenceUnavailable" in str(history)
    assert SECRET not in str(history) and "invokingEvent" not in str(history)


def test_a_failure_whose_text_has_quotation_marks_is_forwarded_too(member, administrator):
    event = event_of("evidence-unavailable")
    event["detail"]["responsePayload"]["errorMessage"] = 'the parameter "size" is not known'
    member.happens(event)
    [message] = administrator.messages()
    assert 'the parameter "size" is not known' in message


def test_a_new_key_is_notified_in_a_home_region_that_does_not_receive_the_events_of_iam(aws, delivery, tmp_path):
    synthesize(tmp_path, homeRegion="eu-central-1", alertEmail="security@example.com")
    stack = at_once(load(tmp_path / "RootAccessKeyRule.template.json"))
    home = Place(aws, "333333333333", "eu-central-1").deploy(stack, "AlertTopic|AlertsNotices(RootKeyCreated|Machine)").listen()
    # Another account than the member's, whose rules are in the same region.
    iam = Place(aws, "333333333333").deploy(load(tmp_path / "RootAccessKeyRule-IamEvents.template.json"))
    for case in CASES:
        iam.happens(case.event)
        expected = "RootKeyCreated" in notified(case)
        messages = home.messages()
        assert len(messages) == expected, case
        assert all(f"in {REGION}" in message for message in messages)
