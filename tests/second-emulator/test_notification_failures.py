"""A message that SNS rejects is sent again, and a notification that is not sent has an alarm.

The stack is deployed in an emulator whose code is not changed. A function answers in place of the topics, so that it can reject
messages. The retries are those of the template, without their waits.
"""

import pytest

from config_rules import asked, refuse_first
from environment import ACCOUNT, REGION
from events import event_of
from sdk_calls import Refused
from sender import Sender
from synthesis import load, resolve, synthesize

CHAT = f"arn:aws:sns:{REGION}:{ACCOUNT}:chat"
# Attempts for about an hour.
ATTEMPTS = 13


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> dict:
    """The stack of an account, with a chat application."""
    return load(synthesize(tmp_path_factory.mktemp("cdk.out"), alertEmail="security@example.com", chatTopic=CHAT))


@pytest.fixture(scope="module")
def sender(account, template) -> Sender:
    account.deploy("RootAccessKeyRule", template, answer_topics=True)
    return Sender(account)


@pytest.fixture(scope="module")
def topic(sender) -> str:
    [topic] = [it["TopicArn"] for it in sender.account.client("sns").list_topics()["Topics"]]
    return topic


@pytest.fixture(autouse=True)
def sns(sdk):
    sdk.clear()
    sdk.answers |= {"config:describeConfigRules": lambda _: {"ConfigRules": []}, "sns:publish": accepted}
    return sdk


def accepted(_: dict) -> dict:
    return {"MessageId": "x"}


def sent_to(sdk, topic: str) -> list[dict]:
    return [it for it in asked(sdk, "sns:publish") if it["TopicArn"] == topic]


def test_a_message_that_sns_rejects_is_sent_again(sender, topic, sns):
    sns.answers["sns:publish"] = refuse_first(2, "SNS.InternalErrorException", accepted)
    assert sender.send(event_of("root-creates-own-key"))["status"] == "SUCCEEDED"
    assert len(asked(sns, "sns:publish")) == 4
    assert {it["Subject"] for it in sent_to(sns, topic)} == {f"Root user created an access key: {ACCOUNT}"}
    assert sent_to(sns, CHAT)


@pytest.mark.parametrize("failing", ["topic", "chat"])
def test_if_one_topic_rejects_it_for_good_the_other_gets_it_and_the_execution_fails(sender, topic, sns, failing):
    rejecting, other = (topic, CHAT) if failing == "topic" else (CHAT, topic)

    def publish(parameters: dict) -> dict:
        if parameters["TopicArn"] == rejecting:
            raise Refused("SNS.InternalErrorException")
        return accepted(parameters)

    sns.answers["sns:publish"] = publish
    execution = sender.send(event_of("root-creates-own-key"))
    assert (execution["status"], execution["error"]) == ("FAILED", "SNS.InternalErrorException")
    assert (len(sent_to(sns, rejecting)), len(sent_to(sns, other))) == (ATTEMPTS, 1)


def test_an_unknown_notification_fails_the_execution(sender, sns):
    given = {"notification": "Unknown", "account": ACCOUNT, "region": REGION}
    execution = sender.account.start("root-access-key-rule-notifications", given)
    assert (execution["status"], execution["error"]) == ("FAILED", "States.NoChoiceMatched")
    assert asked(sns, "sns:publish") == []


def test_every_way_to_fail_has_an_alarm_that_notifies_both_topics_without_the_state_machine(template):
    resources = template["Resources"]
    [topic] = [name for name, it in resources.items() if it["Type"] == "AWS::SNS::Topic"]
    [machine] = [
        name for name, it in resources.items()
        if it["Type"] == "AWS::StepFunctions::StateMachine" and it["Properties"]["StateMachineName"].endswith("-notifications")
    ]
    alarms = [resolve(it["Properties"], {}) for it in resources.values() if it["Type"] == "AWS::CloudWatch::Alarm"]
    alarms = [it for it in alarms if it.get("Namespace") == "AWS/States"]
    assert {it["MetricName"] for it in alarms} == {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}
    for it in alarms:
        assert (it["Statistic"], it["ComparisonOperator"]) == ("Sum", "GreaterThanOrEqualToThreshold")
        assert (it["Threshold"], it["EvaluationPeriods"], it["TreatMissingData"]) == (1, 1, "notBreaching")
        assert it["Dimensions"] == [{"Name": "StateMachineArn", "Value": machine}]
        assert it["AlarmActions"] == [topic, CHAT]
        assert "/docs/operations.md#notification-not-sent" in it["AlarmDescription"]
