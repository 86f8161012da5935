"""The weekly reminder of an account: the deployed state machine reads the present result, and reminds if it is not good."""

import json
from datetime import datetime, timedelta, timezone
from uuid import uuid4

import pytest
from moto.config.exceptions import JsonRESTError
from moto.config.responses import ConfigResponse
from moto.iam.access_control import IAMPolicy, PermissionResult

from at_once import RULE, at_once
from environment import ACCOUNT, REGION
from synthesis import load, synthesize
from test_forwarding import Place
from test_notifications import DOCS

ANNOTATION = "The root user has 1 access key. Key 1: active, created or last changed 2026-01-02."
RULE_NAME = "root-access-key-rule"


@pytest.fixture(scope="module")
def account(aws, state_machines, tmp_path_factory) -> Place:
    template = load(synthesize(tmp_path_factory.mktemp("cdk.out"), alertEmail="security@example.com"))
    return Place(aws, ACCOUNT).deploy(at_once(template), "AlertTopic|AlertsNoticesMachine|AlertsReminder").listen()


class Config:
    """AWS Config's answer to GetComplianceDetailsByConfigRule, which moto lacks. Times are seconds since 1970."""

    def __init__(self):
        self.results: list[dict] = []
        self.refusals = 0
        self.asked: list[str] = []

    def answer(self, response: ConfigResponse) -> str:
        self.asked.append(response._get_param("ConfigRuleName"))
        if len(self.asked) <= self.refusals:
            raise JsonRESTError("NoSuchConfigRuleException", "not now")
        return json.dumps({"EvaluationResults": self.results})


@pytest.fixture
def config(monkeypatch) -> Config:
    config = Config()
    monkeypatch.setattr(ConfigResponse, "get_compliance_details_by_config_rule", lambda it: config.answer(it), raising=False)
    return config


def result(compliance: str, days: float, **other: str) -> dict:
    recorded = datetime.now(timezone.utc) - timedelta(days=days)
    return {"ComplianceType": compliance, "ResultRecordedTime": recorded.timestamp(), **other}


def remind(account: Place) -> list[str]:
    """The messages after the schedule has started the state machine with its input."""
    [schedule] = account.client("scheduler").list_schedules()["Schedules"]
    target = account.client("scheduler").get_schedule(Name=schedule["Name"])["Target"]
    account.client("stepfunctions").start_execution(stateMachineArn=target["Arn"], input=target["Input"], name=str(uuid4()))
    return account.messages()


def newest(account: Place) -> dict:
    return max(account.executions(), key=lambda it: it["startDate"])


@pytest.mark.parametrize("days", [0, 10])
def test_a_noncompliant_account_is_reminded_of_however_old_the_result_is(account, config, days):
    config.results = [result("NON_COMPLIANT", days, Annotation=ANNOTATION)]
    [message] = remind(account)
    subject, *lines = message.split("\n")
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
    assert remind(account) == []
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
    subject, *lines = message.split("\n")
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
    assert message.startswith(f"Still NON_COMPLIANT: account {ACCOUNT}")
    assert len(config.asked) == 3


def test_a_reading_that_fails_for_good_fails_the_execution_and_the_alarm_of_that_notifies(account, config):
    config.refusals = 99
    assert remind(account) == []
    execution = newest(account)
    assert execution["status"] == "FAILED"
    alarms = account.client("cloudwatch").describe_alarms()["MetricAlarms"]
    [alarm] = [it for it in alarms if it["MetricName"] == "ExecutionsFailed"]
    assert alarm["Dimensions"] == [{"Name": "StateMachineArn", "Value": execution["stateMachineArn"]}]
    assert alarm["AlarmActions"] != []


def test_it_is_due_on_mondays_and_may_only_start_the_state_machine_and_read_the_result(account):
    [schedule] = account.client("scheduler").list_schedules()["Schedules"]
    found = account.client("scheduler").get_schedule(Name=schedule["Name"])
    assert (found["Name"], found["State"]) == ("root-access-key-rule-reminder", "ENABLED")
    assert found["ScheduleExpression"] == "cron(0 8 ? * MON *)"
    assert found["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}
    machine = found["Target"]["Arn"]
    role = account.client("stepfunctions").describe_state_machine(stateMachineArn=machine)["roleArn"]
    assert allowed(account, found["Target"]["RoleArn"], "states:StartExecution", machine)
    assert not allowed(account, found["Target"]["RoleArn"], "states:StartExecution", f"{machine}-other")
    assert allowed(account, role, "config:GetComplianceDetailsByConfigRule", RULE)
    assert not allowed(account, role, "config:GetComplianceDetailsByConfigRule", f"{RULE}-other")


def allowed(account: Place, role: str, action: str, resource: str) -> bool:
    iam, name = account.client("iam"), role.split("/")[-1]
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=name, PolicyName=it)["PolicyDocument"] for it in names]
    return any(
        IAMPolicy(json.dumps(it)).is_action_permitted(action, resource) is PermissionResult.PERMITTED for it in documents
    )
