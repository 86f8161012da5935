"""The weekly reminder of an account: the deployed state machine reads the present result, and reminds if it is not good.

In an emulator whose code is not changed. EventBridge Scheduler does not run in it: a test starts what the schedule says.
"""

import json
from datetime import datetime, timedelta, timezone

import pytest

from account import Account
from environment import ACCOUNT, REGION
from notification_texts import DOCS
from sdk_calls import Refused

ANNOTATION = "The root user has 1 access key. Key 1: active, created or last changed 2026-01-02."
RULE_NAME = "root-access-key-rule"


@pytest.fixture(scope="module", autouse=True)
def deployed(account, templates):
    account.deploy("RootAccessKeyRule", templates["RootAccessKeyRule"])
    account.listen()


class Config:
    """AWS Config's answer to GetComplianceDetailsByConfigRule. Step Functions has times as text."""

    def __init__(self):
        self.results: list[dict] = []
        self.refusals = 0
        self.asked: list[str] = []

    def answer(self, parameters: dict) -> dict:
        self.asked.append(parameters["ConfigRuleName"])
        if len(self.asked) <= self.refusals:
            raise Refused("Config.NoSuchConfigRuleException")
        return {"EvaluationResults": self.results}


@pytest.fixture
def config(sdk) -> Config:
    config = Config()
    sdk.clear()
    sdk.answers["config:getComplianceDetailsByConfigRule"] = config.answer
    return config


def result(compliance: str, days: float, **other: str) -> dict:
    recorded = datetime.now(timezone.utc) - timedelta(days=days)
    return {"ComplianceType": compliance, "ResultRecordedTime": f"{recorded:%Y-%m-%dT%H:%M:%S}.123Z", **other}


def remind(account: Account, expected: int = 1) -> list[dict]:
    """The messages after the schedule has started the state machine with its input."""
    [schedule] = account.client("scheduler").list_schedules()["Schedules"]
    target = account.client("scheduler").get_schedule(Name=schedule["Name"])["Target"]
    account.start(target["Arn"].split(":")[-1], json.loads(target["Input"]))
    return account.messages(expected)


def newest(account: Account) -> dict:
    return max(account.executions(), key=lambda it: it["startDate"])


@pytest.mark.parametrize("days", [0, 10])
def test_a_noncompliant_account_is_reminded_of_however_old_the_result_is(account, config, days):
    config.results = [result("NON_COMPLIANT", days, Annotation=ANNOTATION)]
    [message] = remind(account)
    subject, lines = message["Subject"], message["Message"].split("\n")
    assert subject == f"Still NON_COMPLIANT: account {ACCOUNT}"
    assert lines[:4] == [
        f"Account {ACCOUNT} is still NON_COMPLIANT.",
        "You get this reminder every week until AWS Config shows that the root user has no access keys.", "", ANNOTATION,
    ]
    assert lines[4].startswith("Result of: 20") and lines[4].endswith(f". Region: {REGION}.")
    assert lines[5:] == ["", "What to do:", "Delete the key.", f"Steps: {DOCS}/remediation.md"]
    assert config.asked == [RULE_NAME]


@pytest.mark.parametrize("days", [0, 1, 2.9])
def test_a_compliant_account_with_a_recent_result_is_not_reminded_of(account, config, days):
    config.results = [result("COMPLIANT", days)]
    assert remind(account, 0) == []
    assert newest(account)["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    "results, shown",
    [
        ([], "none"),
        ([result("COMPLIANT", 3.1)], "20"),
        ([result("COMPLIANT", 400)], "20"),
        ([{"ComplianceType": "COMPLIANT"}], "none"),
        ([result("NOT_APPLICABLE", 0)], "20"),
        ([result("INSUFFICIENT_DATA", 0)], "20"),
    ],
)
def test_an_account_without_a_recent_verdict_is_reminded_of(account, config, results, shown):
    config.results = results
    [message] = remind(account)
    subject, lines = message["Subject"], message["Message"].split("\n")
    assert subject == f"No recent result: account {ACCOUNT}"
    assert lines[:3] == [
        f"AWS Config has no result of the last 3 days for account {ACCOUNT} in {REGION}.",
        "The root user may have access keys that AWS Config does not show.", "",
    ]
    assert lines[3].startswith(f"Newest result: {shown}")
    assert lines[4:] == [
        "", "What to do:", "Find out what stopped the evaluations.", f"Steps: {DOCS}/operations.md#evaluations-stopped",
    ]


def test_a_reading_that_fails_is_repeated(account, config):
    config.results, config.refusals = [result("NON_COMPLIANT", 0, Annotation=ANNOTATION)], 2
    [message] = remind(account)
    assert message["Subject"] == f"Still NON_COMPLIANT: account {ACCOUNT}"
    assert len(config.asked) == 3


def test_a_reading_that_fails_for_good_fails_the_execution_which_has_an_alarm(account, config):
    """The alarm is that of the state machine of the notifications, see test_notification_failures.py."""
    config.refusals = 99
    assert remind(account, 0) == []
    execution = newest(account)
    assert (execution["status"], len(config.asked)) == ("FAILED", 13)
    assert execution["stateMachineArn"].endswith(":root-access-key-rule-notifications")


def test_it_is_due_on_mondays(account):
    [schedule] = account.client("scheduler").list_schedules()["Schedules"]
    found = account.client("scheduler").get_schedule(Name=schedule["Name"])
    assert (found["Name"], found["State"]) == ("root-access-key-rule-reminder", "ENABLED")
    assert found["ScheduleExpression"] == "cron(0 8 ? * MON *)"
    assert found["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}
