"""What is told from elsewhere: by a member to its administrator, and from the region that hears of IAM.

From the event on a default bus to the message on the topic. Rules, roles,
policies and state machine are those of the synthesized templates; moto matches
the events and runs the state machine.
"""

import json
import time

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from environment import ACCOUNT, REGION
from strict_moto.event_delivery import Delivery
from synthesis import load, resolve, synthesize
from test_notifications import CASES, SECRET

# moto's interpreter calls as its default account.
MEMBER, ADMINISTRATOR = ACCOUNT, "999999999999"
BUS = f"arn:aws:events:{REGION}:{ADMINISTRATOR}:event-bus/root-access-key-rule-org"
TOLD = {"RootKeyCreated", "BecameNonCompliant", "BecameCompliant", "FinalFailure", "NeverRan", "ReEvaluationFailed"}


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
def client():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    endpoint = f"http://localhost:{port}"

    def make(service: str, account: str, region: str = REGION):
        made = boto3.client(service, region_name=region, endpoint_url=endpoint)
        # What moto heeds before it looks at who signed.
        made.meta.events.register(
            "before-call", lambda params, **_: params["headers"].update({"x-moto-account-id": account})
        )
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_PORT", str(port))
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        requests.post(f"{endpoint}/moto-api/reset", timeout=60)
        execute = {"stepfunctions": {"execute_state_machine": True}}
        requests.post(f"{endpoint}/moto-api/config", json=execute, timeout=60)
        make.delivery = Delivery(patch, make)
        yield make
        requests.post(f"{endpoint}/moto-api/reset", timeout=60)
    server.stop()


class Place:
    """An account in a region, with what of a template sends and tells there."""

    def __init__(self, client, account: str, region: str = REGION):
        self.account, self.region = account, region
        self.client = lambda service: client(service, account, region)
        self.machines: list[str] = []

    def make(self, template: dict, prefix: str = "", **parameters: str) -> "Place":
        """Those resources of a template whose names begin so; other tests cover the other types."""
        ours = {name: it for name, it in template["Resources"].items() if name.startswith(prefix)}
        known = {"AWS::AccountId": self.account, "AWS::Region": self.region, **parameters}
        for name, it in ours.items():
            known |= self._references(name, it)
        for step in ("IAM::Role", "SNS::", "Events::EventBus", "StepFunctions::", "Events::Rule"):
            for name, it in ours.items():
                if it["Type"].startswith(f"AWS::{step}"):
                    make = getattr(self, "_" + it["Type"].replace("AWS::", "").replace("::", "_").lower())
                    make(name, resolve(it["Properties"], known))
        return self

    def _iam_role(self, name: str, role: dict) -> None:
        iam = self.client("iam")
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(role["AssumeRolePolicyDocument"]))
        for policy in role["Policies"]:
            document = json.dumps(policy["PolicyDocument"])
            iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)

    def _sns_topic(self, name: str, topic: dict) -> None:
        self.client("sns").create_topic(Name=name, Attributes={"DisplayName": topic["DisplayName"]})

    def _sns_subscription(self, *_) -> None:
        """An e-mail; here a queue gets the messages."""

    def _sns_topicpolicy(self, _: str, it: dict) -> None:
        for topic in it["Topics"]:
            self.client("sns").set_topic_attributes(
                TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(it["PolicyDocument"])
            )

    def _events_eventbus(self, _: str, bus: dict) -> None:
        self.client("events").create_event_bus(Name=bus["Name"])

    def _events_eventbuspolicy(self, _: str, it: dict) -> None:
        policy = {"Version": "2012-10-17", "Statement": [it["Statement"]]}
        self.client("events").put_permission(EventBusName=it["EventBusName"], Policy=json.dumps(policy))

    def _stepfunctions_statemachine(self, name: str, machine: dict) -> None:
        definition, role = machine["DefinitionString"], machine["RoleArn"]
        made = self.client("stepfunctions").create_state_machine(
            name=name, definition=definition, roleArn=role
        )
        self.machines.append(made["stateMachineArn"])

    def _events_rule(self, name: str, rule: dict) -> None:
        events, bus = self.client("events"), rule.get("EventBusName", "default")
        events.put_rule(Name=name, EventPattern=json.dumps(rule["EventPattern"]), EventBusName=bus)
        events.put_targets(Rule=name, EventBusName=bus, Targets=rule["Targets"])

    def _references(self, name: str, resource: dict) -> dict[str, str]:
        """What references to a resource come to."""
        place = f"{self.region}:{self.account}"
        match resource["Type"]:
            case "AWS::IAM::Role":
                return {f"{name}.Arn": f"arn:aws:iam::{self.account}:role/{name}"}
            case "AWS::SNS::Topic":
                return {name: f"arn:aws:sns:{place}:{name}"}
            case "AWS::StepFunctions::StateMachine":
                return {name: f"arn:aws:states:{place}:stateMachine:{name}"}
            case "AWS::Events::EventBus":
                bus = resource["Properties"]["Name"]
                return {name: bus, f"{name}.Arn": f"arn:aws:events:{place}:event-bus/{bus}"}
        return {}

    def happens(self, event: dict) -> None:
        """The event arrives on the default bus, and what it starts ends well."""
        entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
        self.client("events").put_events(Entries=[entry | {"Resources": event["resources"]}])
        for execution in self.executions():
            assert execution["status"] == "SUCCEEDED", execution

    def executions(self) -> list[dict]:
        """All there are, ended."""
        states, deadline = self.client("stepfunctions"), time.monotonic() + 60
        while time.monotonic() < deadline:
            found = [it for arn in self.machines for it in states.list_executions(stateMachineArn=arn)["executions"]]
            if "RUNNING" not in [it["status"] for it in found]:
                return found
            time.sleep(0.1)
        raise AssertionError(f"still running: {found}")

    def listen(self) -> "Place":
        """Has a queue get what the topic sends."""
        self.queue = self.client("sqs").create_queue(QueueName="mailbox")["QueueUrl"]
        [topic] = self.client("sns").list_topics()["Topics"]
        self.client("sns").subscribe(
            TopicArn=topic["TopicArn"], Protocol="sqs", Endpoint=f"arn:aws:sqs:{self.region}:{self.account}:mailbox",
            Attributes={"RawMessageDelivery": "true"},
        )
        return self

    def messages(self) -> list[str]:
        """What came since the last look."""
        sqs = self.client("sqs")
        got = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for it in got:
            sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=it["ReceiptHandle"])
        return [it["Body"] for it in got]


@pytest.fixture(scope="module")
def administrator(client, templates) -> Place:
    return Place(client, ADMINISTRATOR).make(templates["alerts"]).listen()


@pytest.fixture(scope="module")
def member(client, templates, administrator) -> Place:
    return Place(client, MEMBER).make(templates["member"], "Forwarding", NoticeBus=BUS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_an_event_of_a_member_becomes_the_administrators_message_or_none(member, administrator, case):
    told = set(case.parent.name.split("+")) & TOLD
    # Of another account it cannot be on the member's bus: there it is the member's own.
    if case.stem == "root-of-another-account-creates-own-key":
        told = {"RootKeyCreated"}
    member.happens(json.loads(case.read_text()))
    messages = administrator.messages()
    assert len(messages) == len(told)
    for message in messages:
        assert MEMBER in message and ADMINISTRATOR not in message
        assert SECRET not in message and "<" not in message


def test_the_result_token_of_a_final_failure_stays_on_the_members_bus(client, member, administrator):
    before = member.executions()
    member.happens(failure())
    [message] = administrator.messages()
    assert "Why: EvidenceUnavailable: could not read the account summary" in message
    assert "RetriesExhausted, attempts: 3" in message
    sent = str(client.delivery.received[-1])
    assert "EvidenceUnavailable" in sent
    assert SECRET not in sent and "invokingEvent" not in sent
    [execution] = [it for it in member.executions() if it not in before]
    history = member.client("stepfunctions").get_execution_history(executionArn=execution["executionArn"])
    assert "EvidenceUnavailable" in str(history)
    assert SECRET not in str(history) and "invokingEvent" not in str(history)


def test_a_failure_whose_text_has_quotation_marks_is_told_too(member, administrator):
    event = failure()
    event["detail"]["responsePayload"]["errorMessage"] = 'the parameter "size" is not known'
    member.happens(event)
    [message] = administrator.messages()
    assert 'the parameter "size" is not known' in message


def failure() -> dict:
    [case] = [it for it in CASES if it.stem == "evidence-unavailable"]
    return json.loads(case.read_text())


def test_a_new_key_is_told_in_a_home_region_that_does_not_hear_of_iam(client, tmp_path):
    synthesize(tmp_path, homeRegion="eu-central-1", alertEmail="security@example.com")
    stack = load(tmp_path / "RootAccessKeyRule.template.json")
    home = Place(client, "333333333333", "eu-central-1").make(stack, "Alert").listen()
    # Another account than the member's, whose rules are in the same region.
    iam = Place(client, "333333333333").make(load(tmp_path / "RootAccessKeyRule-IamEvents.template.json"))
    for case in CASES:
        iam.happens(json.loads(case.read_text()))
        told = "RootKeyCreated" in case.parent.name or case.stem == "root-of-another-account-creates-own-key"
        messages = home.messages()
        assert len(messages) == told, case
        assert all(f"in {REGION}" in message for message in messages)
