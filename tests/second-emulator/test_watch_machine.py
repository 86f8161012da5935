"""The state machine of the watch, deployed as its stack says, with a function of the test in place of the watch.

In an emulator whose code is not changed. The organization of test_watch.py is evaluated in one step, so what the state machine
does with other answers of the function is tested here.
"""

from copy import deepcopy
from typing import Callable

import pytest

from account import Account, wait_for, zipped
from config_rules import asked, refuse_first
from environment import ACCOUNT, REGION
from sdk_calls import BOOTSTRAP, Refused
from synthesis import load, synthesize

STACK, NAME = "RootAccessKeyRuleOrganizationWatch", "root-access-key-rule-org-watch"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:security"
STEP, PUBLISH = "function:watch", "sns:publish"
DIGEST = {"subject": "Root access keys: 1 account needs action", "text": "1 account needs action.\n111111111111"}
# Attempts for about an hour.
ATTEMPTS = 13


@pytest.fixture(scope="module", autouse=True)
def deployed(account, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("cdk.out")
    synthesize(
        folder, mode="stack-set", organizationId="o-a1b2c3d4e5", organizationalUnits="r-a1b2",
        administrator="delegated-administrator", managementAccount="exclude", alertTopic=TOPIC,
    )
    template = deepcopy(load(folder / f"{STACK}.template.json"))
    [function] = [it["Properties"] for it in template["Resources"].values() if it["Type"] == "AWS::Lambda::Function"]
    builds = function["Code"]["S3Bucket"]["Fn::Sub"].replace("${AWS::AccountId}", ACCOUNT)
    account.client("s3").create_bucket(Bucket=builds)
    account.client("s3").put_object(Bucket=builds, Key=function["Code"]["S3Key"], Body=zipped(BOOTSTRAP.encode()))
    function["Environment"]["Variables"] |= account.answered_by(STEP)
    account.deploy(STACK, template, answer_topics=True)
    wait_for(lambda: account.client("lambda").get_function_configuration(FunctionName=NAME)["State"] == "Active")


class Watch:
    """The answers of the function to its steps in order, and what it was asked."""

    def __init__(self, account: Account, sdk):
        self.account, self.sdk = account, sdk
        sdk.clear()
        sdk.answers[PUBLISH] = lambda _: {"MessageId": "x"}

    def run(self, *answers: dict | Exception | Callable[[], dict]) -> dict:
        """Runs the state machine. A step `record` is answered with nothing. A function is called during its step."""
        left = list(answers)

        def answer(parameters: dict) -> dict:
            if parameters["step"] == "record":
                return {}
            if isinstance(given := left.pop(0), Exception):
                raise given
            return given() if callable(given) else given

        self.sdk.answers[STEP] = answer
        return self.account.start(NAME, {})

    def switch(self, **values: str) -> None:
        for name, value in values.items():
            self.account.client("ssm").put_parameter(Name=f"/root-access-key-rule/watch/{name}", Value=value, Overwrite=True)

    def steps(self) -> list[str]:
        return [it["step"] for it in asked(self.sdk, STEP)]

    def records(self) -> list[bool]:
        return [it["published"] for it in asked(self.sdk, STEP) if it["step"] == "record"]


@pytest.fixture
def watch(account, sdk) -> Watch:
    return Watch(account, sdk)


def test_it_works_step_by_step_until_there_is_a_digest_and_publishes_it_once(watch):
    execution = watch.run({"next": "work"}, {"next": "work"}, {"next": "publish", "digest": DIGEST})
    assert execution["status"] == "SUCCEEDED"
    assert watch.steps() == ["work", "work", "work", "record"]
    [message] = asked(watch.sdk, PUBLISH)
    assert message == {"TopicArn": TOPIC, "Subject": DIGEST["subject"], "Message": DIGEST["text"]}
    assert watch.records() == [True]


def test_every_step_knows_the_run(watch):
    execution = watch.run({"next": "work"}, {"next": "record"})
    assert {it["run"] for it in asked(watch.sdk, STEP)} == {execution["name"]}
    [started] = {it["started"] for it in asked(watch.sdk, STEP)}
    assert started[:19] == f"{execution['startDate']:%Y-%m-%dT%H:%M:%S}"


@pytest.mark.parametrize("answer, steps", [("record", ["work", "record"]), ("done", ["work"])])
def test_without_a_digest_nothing_is_published(watch, answer, steps):
    assert watch.run({"next": answer})["status"] == "SUCCEEDED"
    assert watch.steps() == steps
    assert asked(watch.sdk, PUBLISH) == []
    assert watch.records() == [False] * (len(steps) - 1)


def test_a_digest_that_sns_rejects_is_sent_again(watch):
    watch.sdk.answers[PUBLISH] = refuse_first(ATTEMPTS - 1, "SNS.InternalErrorException", watch.sdk.answers[PUBLISH])
    assert watch.run({"next": "publish", "digest": DIGEST})["status"] == "SUCCEEDED"
    assert (len(asked(watch.sdk, PUBLISH)), watch.records()) == (ATTEMPTS, [True])


def test_one_that_sns_rejects_for_good_is_recorded_and_the_execution_fails(watch):
    watch.sdk.answers[PUBLISH] = refuse_first(99, "SNS.InternalErrorException")
    execution = watch.run({"next": "publish", "digest": DIGEST})
    assert (execution["status"], execution["error"]) == ("FAILED", "DigestNotPublished")
    assert (len(asked(watch.sdk, PUBLISH)), watch.records()) == (ATTEMPTS, [False])


@pytest.mark.parametrize("repair, digest", [("on", "on"), ("off", "on"), ("on", "off")])
def test_the_function_gets_the_switches(watch, repair, digest):
    switches = {"repair": repair, "digest": digest}
    watch.switch(**switches)
    watch.run({"next": "done"})
    [asked_for] = asked(watch.sdk, STEP)
    assert asked_for["switches"] == switches


def test_a_switch_takes_effect_with_the_next_step_of_a_run(watch):
    watch.switch(repair="on", digest="on")

    def off() -> dict:
        watch.switch(repair="off")
        return {"next": "work"}

    assert watch.run({"next": "work"}, off, {"next": "record"})["status"] == "SUCCEEDED"
    assert [it["switches"]["repair"] for it in asked(watch.sdk, STEP) if it["step"] == "work"] == ["on", "on", "off"]


def test_a_step_that_is_retried_keeps_the_switches_that_were_read_before_it(watch):
    watch.switch(repair="on", digest="on")

    def off() -> dict:
        watch.switch(repair="off")
        raise Refused("Lambda.Unknown")

    assert watch.run(off, {"next": "work"}, {"next": "record"})["status"] == "SUCCEEDED"
    assert [it["switches"]["repair"] for it in asked(watch.sdk, STEP) if it["step"] == "work"] == ["on", "on", "off"]


@pytest.mark.parametrize("code, attempts", [
    ("InvalidEnvironment", 1), ("InvalidEvent", 1), ("RecordConflict", 1), ("CheckpointUnreadable", 1),
    ("Lambda.Unknown", ATTEMPTS), ("OrganizationNotRead", ATTEMPTS), ("BucketUnavailable", ATTEMPTS),
])
def test_a_step_that_fails_is_repeated_unless_the_next_attempt_fails_too(watch, code, attempts):
    execution = watch.run(*[Refused(code)] * ATTEMPTS)
    assert (execution["status"], execution["error"]) == ("FAILED", code)
    assert watch.steps() == ["work"] * attempts


def test_without_its_switches_the_function_gets_none(watch):
    """The last test, because it removes a switch."""
    watch.account.client("ssm").delete_parameter(Name="/root-access-key-rule/watch/repair")
    assert watch.run({"next": "done"})["status"] == "SUCCEEDED"
    [asked_for] = asked(watch.sdk, STEP)
    assert asked_for["switches"] is None
