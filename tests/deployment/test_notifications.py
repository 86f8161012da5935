"""Which events start a re-evaluation and which lead to a notification, and what each notification says.

moto matches the patterns and runs the deployed state machine; each text is compared as SNS receives it.
"""

import json
import re
from functools import partial
from typing import Any

import pytest
from moto.core.exceptions import JsonRESTError
from moto.events.models import EventPattern
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.organizations.exceptions import AccountNotFoundException
from moto.organizations.models import OrganizationsBackend
from moto.sns.exceptions import SNSException
from moto.sns.models import SNSBackend

from at_once import at_once
from environment import ACCOUNT, REGION, REPOSITORY
from events import ABSENT, CASES, SECRET, changed, event_of
from strict_moto.event_delivery import Delivery
from synthesis import load, resources, synthesize
from test_forwarding import Place, delivery  # noqa: F401 (a fixture)

RULES = {
    "KeysChanged", "RootKeyCreated", "BecameNonCompliant", "BecameCompliant", "FinalFailure", "NeverRan",
    "ReEvaluationFailed",
}
DOCS = "https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs"
CHAT = f"arn:aws:sns:{REGION}:{ACCOUNT}:chat"
SETTINGS = {"alertEmail": "security@example.com", "securityHub": "true", "chatTopic": CHAT}
# The longest name that AWS Organizations accepts: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
LONGEST_NAME = "Payments production of a company with a long name!"


@pytest.fixture(scope="module")
def rules(tmp_path_factory) -> dict[str, dict]:
    template = synthesize(tmp_path_factory.mktemp("cdk.out"), alertEmail="security@example.com")
    found = resources(template, "AWS::Events::Rule")
    ids = json.loads(template.read_text())["Resources"]
    names = [name for name, it in ids.items() if it["Type"] == "AWS::Events::Rule"]
    return {id_of(name): properties for name, properties in zip(names, found, strict=True)}


def id_of(logical_id: str) -> str:
    [name] = [name for name in RULES if name in logical_id]
    return name


def matching(rules: dict[str, dict], event: dict) -> set[str]:
    patterns = {name: EventPattern.load(json.dumps(rule["EventPattern"])) for name, rule in rules.items()}
    return {name for name, pattern in patterns.items() if pattern.matches_event(event)}


def test_every_rule_of_the_template_has_events(rules):
    assert set(rules) == RULES
    assert set().union(*(case.rules for case in CASES)) == RULES


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_event_matches_the_rules_that_are_for_it(rules, case):
    assert matching(rules, case.event) == case.rules


class Sender(Place):
    """An account whose bus starts the state machine of the notifications, and the queues that two topics send to."""

    def of(self, delivery: Delivery, bus: str = "default") -> "Sender":
        self.receive = partial(delivery.receive, f"arn:aws:events:{self.region}:{self.account}:event-bus/{bus}")
        return self

    def chat(self) -> list[dict]:
        """The messages to the chat application since the last call."""
        sqs = self.client("sqs")
        queue = sqs.get_queue_url(QueueName="chat")["QueueUrl"]
        got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for it in got:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=it["ReceiptHandle"])
        bodies = [json.loads(it["Body"]) for it in got]
        assert not any("Subject" in it for it in bodies)
        return [json.loads(it["Message"]) for it in bodies]

    def notify(self, event: dict) -> tuple[str, str]:
        """The subject and the text of the only notification of an event."""
        self.receive(event)
        [message] = self.messages()
        subject, text = message.split("\n", 1)
        return subject, text

    def newest(self) -> dict:
        """The newest execution, once it has ended."""
        return max(self.executions(), key=lambda it: it["startDate"])

    def history(self) -> str:
        """Everything that Step Functions stores of all executions."""
        states = self.client("stepfunctions")
        arns = [it["executionArn"] for it in self.executions()]
        return str([[states.get_execution_history(executionArn=arn), states.describe_execution(executionArn=arn)] for arn in arns])


@pytest.fixture(scope="module")
def sender(aws, delivery, tmp_path_factory) -> Sender:  # noqa: F811
    """The stack of an account, with a chat application."""
    place = Sender(aws, ACCOUNT).of(delivery)
    topic = place.client("sns").create_topic(Name="chat")["TopicArn"]
    queue = place.client("sqs").create_queue(QueueName="chat")
    assert topic == CHAT and queue
    place.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:chat")
    place.deploy(at_once(load(synthesize(tmp_path_factory.mktemp("cdk.out"), **SETTINGS))), "AlertTopic|AlertsNotices")
    [email] = [it["TopicArn"] for it in place.client("sns").list_topics()["Topics"] if it["TopicArn"] != topic]
    place.topic = email
    return place.listen(email)


@pytest.fixture(autouse=True)
def nothing_left(request):
    """Each test reads what its notifications sent."""
    yield
    if "sender" in request.fixturenames:
        place = request.getfixturevalue("sender")
        place.messages(), place.chat()


ACCOUNT_STACK = {
    "root-creates-own-key": (
        f"Root user created an access key: {ACCOUNT}",
        f"""The root user of account {ACCOUNT} created an access key.
AWS Config evaluates the account again within minutes.

When: 2026-01-02T03:04:05Z. From: 198.51.100.7. Reported by: aws.iam.
CloudTrail event: 5f2d6b5e-7d0a-4a55-8c57-000000000002 in us-east-1.""",
        ["Delete the key unless its owner needs it.", f"Steps: {DOCS}/operations.md#root-key-created"],
    ),
    "drill-of-an-operator": (
        f"Root user created an access key: {ACCOUNT}",
        f"""The root user of account {ACCOUNT} created an access key.
AWS Config evaluates the account again within minutes.

When: 2026-01-02T03:04:05Z. From: 198.51.100.7. Reported by: root-access-key-rule.drill.
CloudTrail event: 5f2d6b5e-7d0a-4a55-8c57-000000000002 in us-east-1.""",
        ["Delete the key unless its owner needs it.", f"Steps: {DOCS}/operations.md#root-key-created"],
    ),
    "account-of-a-pack-became-non-compliant": (
        f"NON_COMPLIANT: account {ACCOUNT}",
        f"""Account {ACCOUNT} is NON_COMPLIANT.

The root user has access keys.
Since: 2026-01-02T03:10:00.123Z. Rule: root-access-key-rule-conformance-pack-a1b2c3d4e in us-east-1.""",
        ["Delete the key.", f"Steps: {DOCS}/remediation.md"],
    ),
    "account-became-compliant": (
        f"COMPLIANT again: account {ACCOUNT}",
        f"""Account {ACCOUNT} is COMPLIANT again.

The root user has no access keys.
Since: 2026-01-02T03:10:00.123Z. Rule: root-access-key-rule in us-east-1.""",
        ["Nothing."],
    ),
    "evidence-unavailable": (
        f"Evaluation not completed: account {ACCOUNT}",
        f"""An evaluation of account {ACCOUNT} in us-east-1 did not complete.
AWS Config may still show an earlier result.

Why: EvidenceUnavailable: could not read the account summary of account {ACCOUNT}: IAM answered AccessDenied
When: 2026-01-02T03:07:05Z. Condition: RetriesExhausted, attempts: 3.""",
        ["Fix the cause, then start an evaluation.", f"Steps: {DOCS}/operations.md#evaluation-failed"],
    ),
    "concurrency-is-zero": (
        f"Evaluation not completed: account {ACCOUNT}",
        f"""An evaluation of account {ACCOUNT} in us-east-1 did not complete.
AWS Config may still show an earlier result.

Why: ZeroReservedConcurrency: Lambda did not run the function.
When: 2026-01-02T03:07:05Z.""",
        ["Fix the cause, then start an evaluation.", f"Steps: {DOCS}/operations.md#evaluation-failed"],
    ),
    "re-evaluation-timed-out": (
        f"Re-evaluation failed: account {ACCOUNT}",
        f"""AWS Config did not evaluate account {ACCOUNT} in us-east-1 again after a root key changed.
It shows the earlier result until the next scheduled evaluation.

Execution: arn:aws:states:us-east-1:{ACCOUNT}:execution:root-access-key-rule:0d0f6b5e (TIMED_OUT).""",
        ["Start an evaluation.", f"Steps: {DOCS}/operations.md#re-evaluation-failed"],
    ),
    "finding-not-imported": (
        f"Finding not imported: account {ACCOUNT}",
        f"""Security Hub of account {ACCOUNT} in us-east-1 did not get its finding about root keys.
It shows the earlier finding, if any, until the next weekly import.

Execution: arn:aws:states:us-east-1:{ACCOUNT}:execution:root-access-key-rule-security-hub:0d0f6b5e (FAILED).""",
        ["Fix the cause, then start an import.", f"Steps: {DOCS}/operations.md#finding-not-imported"],
    ),
}


def happened(name: str) -> dict:
    if name != "finding-not-imported":
        return event_of(name)
    machine = "root-access-key-rule-security-hub"
    execution, state_machine = (f"arn:aws:states:{REGION}:{ACCOUNT}:{it}:{machine}" for it in ("execution", "stateMachine"))
    paths = {"detail.executionArn": f"{execution}:0d0f6b5e", "detail.stateMachineArn": state_machine}
    return changed(event_of("re-evaluation-failed"), paths)


@pytest.mark.parametrize("name", ACCOUNT_STACK)
def test_a_notification_is_an_e_mail_with_a_subject_and_the_same_in_a_chat(sender, name):
    subject, text, next_steps = ACCOUNT_STACK[name]
    mail = sender.notify(happened(name))
    assert mail == (subject, "\n".join([text, "", "What to do:", *next_steps]))
    [chat] = sender.chat()
    assert chat == {
        "version": "1.0", "source": "custom",
        "content": {"textType": "client-markdown", "title": subject, "description": text, "nextSteps": next_steps},
    }
    # One link, and the text around it has no quotation marks.
    assert mail[1].count("https:") == len(next_steps) - 1
    assert '"' not in mail[0] + mail[1]


def test_every_notification_of_the_account_stack_is_tested(rules):
    tested = {name for case in CASES if case.name in ACCOUNT_STACK for name in case.rules}
    assert tested - {"KeysChanged"} == RULES - {"KeysChanged"}


def test_no_result_token_is_in_an_input_or_a_history(sender):
    for name in ("evidence-unavailable", "concurrency-is-zero"):
        assert SECRET in str(event_of(name))
        sender.notify(event_of(name))
    history = sender.history()
    assert "EvidenceUnavailable" in history and "ZeroReservedConcurrency" in history
    assert SECRET not in history and "invokingEvent" not in history and "resultToken" not in history


@pytest.mark.parametrize("given, expected", [
    ('a "quotation" mark and a \\ and {% $x %} and $states.input', 'a "quotation" mark and a \\ and {% $x %} and $states.input'),
    ("a line\nWhat to do:\r\nSteps: https://example.com\tx\u2028y", "a line What to do: Steps: https://example.com x y"),
    ("🔑 é <https://example.com|click> ‹x›", "🔑 é <https://example.com|click> ‹x›"),
    ("<aws.events.event> <detail> <!here>", "<aws.events.event> <detail> <!here>"),
    ("x" * 3000, "x" * 974),
], ids=["quotes", "lines", "unicode", "placeholders", "long"])
def test_the_text_of_an_error_stays_in_its_line(sender, given, expected):
    sender.receive(changed(event_of("evidence-unavailable"), {"detail.responsePayload.errorMessage": given}))
    [message] = sender.messages()
    _, *lines = message.split("\n")
    assert lines[3] == f"Why: EvidenceUnavailable: {expected}"
    assert lines[4:7] == ["When: 2026-01-02T03:07:05Z. Condition: RetriesExhausted, attempts: 3.", "", "What to do:"]
    [chat] = sender.chat()
    assert f"Why: EvidenceUnavailable: {expected}".replace("<", "‹").replace(">", "›") in chat["content"]["description"]


ABSENT_FIELDS: list[tuple[str, dict[str, Any], str]] = [
    ("root-creates-own-key", {"detail.sourceIPAddress": ABSENT, "detail.eventID": ABSENT}, "From: unknown. Reported by: aws.iam."),
    ("account-became-non-compliant", {"detail.newEvaluationResult.annotation": ABSENT}, "\nunknown\nSince: "),
    ("account-became-non-compliant", {"detail.newEvaluationResult.annotation": None}, "\nunknown\nSince: "),
    ("evidence-unavailable", {"detail.responsePayload.errorType": ABSENT}, "Why: unknown: could not read"),
    ("concurrency-is-zero", {"detail.requestContext.condition": None}, "Why: unknown: Lambda did not run"),
    ("re-evaluation-failed", {"detail.executionArn": ABSENT}, "Execution: unknown (FAILED)."),
]


@pytest.mark.parametrize("name, changes, words", ABSENT_FIELDS)
def test_a_field_that_an_event_lacks_is_unknown(sender, name, changes, words):
    _, text = sender.notify(changed(event_of(name), changes))
    assert words in text


def fail_to_publish(monkeypatch, topic: str, times: int) -> list[str]:
    """Has SNS reject messages to a topic a number of times. Returns the rejected ones."""
    rejected: list[str] = []
    publish = SNSBackend.publish

    def answer(backend, message, arn, *arguments, **named):
        if arn == topic and len(rejected) < times:
            rejected.append(message)
            raise SNSException("InternalErrorException", "not now")
        return publish(backend, message, arn, *arguments, **named)

    monkeypatch.setattr(SNSBackend, "publish", answer)
    return rejected


def test_a_message_that_sns_rejects_is_sent_again(sender, monkeypatch):
    rejected = fail_to_publish(monkeypatch, sender.topic, 2)
    subject, _ = sender.notify(event_of("root-creates-own-key"))
    assert subject == f"Root user created an access key: {ACCOUNT}"
    assert len(rejected) == 2 and sender.newest()["status"] == "SUCCEEDED"


@pytest.mark.parametrize("failing, arrives", [("topic", "chat"), ("chat", "topic")])
def test_if_one_topic_rejects_it_for_good_the_other_gets_it_and_the_execution_fails(sender, monkeypatch, failing, arrives):
    rejected = fail_to_publish(monkeypatch, sender.topic if failing == "topic" else CHAT, 99)
    sender.receive(event_of("root-creates-own-key"))
    execution = sender.newest()
    assert len(rejected) == 3  # of the test; the template's own retries take about an hour
    assert execution["status"] == "FAILED"
    assert (len(sender.messages()), len(sender.chat())) == ((0, 1) if arrives == "chat" else (1, 0))


def test_every_way_to_fail_has_an_alarm_that_notifies_both_topics_without_the_state_machine(sender):
    alarms = sender.client("cloudwatch").describe_alarms()["MetricAlarms"]
    [machine] = sender.client("stepfunctions").list_state_machines()["stateMachines"]
    assert {it["MetricName"] for it in alarms} == {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}
    for it in alarms:
        assert (it["Namespace"], it["Statistic"], it["ComparisonOperator"]) == ("AWS/States", "Sum", "GreaterThanOrEqualToThreshold")
        assert (it["Threshold"], it["EvaluationPeriods"], it["TreatMissingData"]) == (1, 1, "notBreaching")
        assert it["Dimensions"] == [{"Name": "StateMachineArn", "Value": machine["stateMachineArn"]}]
        assert it["AlarmActions"] == [sender.topic, CHAT]
        assert "/docs/operations.md#notification-not-sent" in it["AlarmDescription"]


def test_only_the_state_machine_and_cloudwatch_may_publish(sender):
    policy = sender.client("sns").get_topic_attributes(TopicArn=sender.topic)["Attributes"]["Policy"]
    allowed = [it for it in json.loads(policy)["Statement"] if it["Effect"] == "Allow"]
    assert [(it["Principal"], it["Condition"]) for it in allowed] == [
        ({"Service": "cloudwatch.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": ACCOUNT}})
    ]
    role = role_of(sender)
    assert role("sns:Publish", sender.topic) and role("sns:Publish", CHAT)
    assert not role("sns:Publish", f"{CHAT}-other")
    assert not role("organizations:DescribeAccount", f"arn:aws:organizations::{ACCOUNT}:account/o-a1b2c3d4e5/{ACCOUNT}")


def role_of(place: Place):
    """Whether the role of the state machine may do something."""
    states, iam = place.client("stepfunctions"), place.client("iam")
    [machine] = states.list_state_machines()["stateMachines"]
    name = states.describe_state_machine(stateMachineArn=machine["stateMachineArn"])["roleArn"].split("/")[-1]
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    policies = [IAMPolicy(json.dumps(iam.get_role_policy(RoleName=name, PolicyName=it)["PolicyDocument"])) for it in names]
    return lambda action, resource: any(it.is_action_permitted(action, resource) is PermissionResult.PERMITTED for it in policies)


class TestInAnOrganization:
    """The administrator's state machine also knows the names of the accounts."""

    @pytest.fixture(scope="class")
    def administrator(self, aws, delivery, tmp_path_factory) -> Sender:  # noqa: F811
        folder = tmp_path_factory.mktemp("cdk.out")
        synthesize(
            folder, mode="stack-set", organizationId="o-a1b2c3d4e5", organizationalUnits="r-a1b2",
            administrator="delegated-administrator", managementAccount="exclude", alertEmail="security@example.com",
            securityHub="true",
        )
        template = at_once(load(folder / "RootAccessKeyRuleOrganizationAlerts.template.json"))
        return Sender(aws, "999999999999").of(delivery, "root-access-key-rule-org").deploy(template).listen()

    @pytest.fixture
    def names(self, monkeypatch) -> dict[str, str]:
        """The names of accounts. AWS Organizations knows no other account."""
        names: dict[str, str] = {}

        def describe(backend, **given):
            if (account := given["AccountId"]) not in names:
                raise AccountNotFoundException()
            return {"Account": {"Id": account, "Name": names[account]}}

        monkeypatch.setattr(OrganizationsBackend, "describe_account", describe)
        return names

    @pytest.mark.parametrize("name", ACCOUNT_STACK)
    def test_every_notification_names_the_account(self, names, administrator, name):
        names[ACCOUNT] = "payments-prod"
        subject, text, next_steps = ACCOUNT_STACK[name]
        named = f"{ACCOUNT} (payments-prod)"
        arns = re.compile(rf"(?<!:){ACCOUNT}(?!:)")
        told, why = text.split("\n\n")
        expected = "\n".join([f"{arns.sub(named, told)}\n\n{why}", "", "What to do:", *next_steps])
        assert administrator.notify(happened(name)) == (subject.replace(ACCOUNT, named), expected)

    @pytest.mark.parametrize("name", ACCOUNT_STACK)
    def test_the_subject_has_less_than_100_characters_with_the_longest_name(self, names, administrator, name):
        names[ACCOUNT] = LONGEST_NAME
        assert len(LONGEST_NAME) == 50
        subject, text = administrator.notify(happened(name))
        whole = ACCOUNT_STACK[name][0].replace(ACCOUNT, f"{ACCOUNT} ({LONGEST_NAME})")
        assert subject == whole[:99] == whole
        assert f"{ACCOUNT} ({LONGEST_NAME})" in text

    def test_a_subject_is_cut_and_has_only_characters_that_sns_accepts(self, names, administrator):
        names[ACCOUNT] = 'Köln\n"<x>"' + "y" * 200
        subject, text = administrator.notify(event_of("root-creates-own-key"))
        assert subject == f'Root user created an access key: {ACCOUNT} (K?ln?"<x>"' + "y" * 42
        assert len(subject) == 99
        assert text.startswith(f'The root user of account {ACCOUNT} (Köln "<x>"yyy')

    @pytest.mark.parametrize("answer", [
        AccountNotFoundException(), JsonRESTError("AccessDeniedException", "no"), JsonRESTError("ServiceException", "no"),
        {}, {"Account": {}},
    ], ids=str)
    def test_a_failed_look_up_does_not_lose_the_notification(self, monkeypatch, administrator, answer):
        def describe(backend, **given):
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(OrganizationsBackend, "describe_account", describe)
        subject, text = administrator.notify(event_of("root-creates-own-key"))
        assert subject.startswith(f"Root user created an access key: {ACCOUNT}")
        assert text.startswith(f"The root user of account {ACCOUNT}")

    def test_the_state_machine_may_read_the_accounts_of_the_organization(self, administrator):
        role = role_of(administrator)
        for organization, expected in {"o-a1b2c3d4e5": True, "o-other12345": False}.items():
            account = f"arn:aws:organizations::111111111111:account/{organization}/{ACCOUNT}"
            assert role("organizations:DescribeAccount", account) is expected


def test_the_drill_of_the_documents_starts_a_re_evaluation_and_a_notification(rules, sender):
    text = (REPOSITORY / "docs/operations.md").read_text()
    [entry] = json.loads(re.search(r"aws events put-events --entries '(.+)'", text).group(1))
    event = {
        "account": ACCOUNT, "region": REGION, "time": "2026-01-02T03:04:05Z", "source": entry["Source"],
        "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"]), "resources": [],
    }
    assert matching(rules, event) == {"KeysChanged", "RootKeyCreated"}
    _, sent = sender.notify(event)
    assert "From: drill. Reported by: root-access-key-rule.drill." in sent
