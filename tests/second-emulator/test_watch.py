"""The packaged watch, deployed as its stack says, in an emulator whose code is not changed: a week of an organization of 1,010
accounts, which the local AWS emulator has. What the watch stores, sends and repairs is compared account by account with
`described.py`. The tests are the days of that week and run in this order.
"""

import csv
import io
import json
import re
from copy import deepcopy
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest

from account import Account, wait_for
from credentials import Exchange
from described import ACCOUNTS, ADMINISTRATOR, KINDS, MANAGEMENT, UNIT, UPDATING, Emulator, description, members
from environment import REGION, REPOSITORY
from synthesis import load, synthesize

STACK, NAME = "RootAccessKeyRuleOrganizationWatch", "root-access-key-rule-org-watch"
TOPIC = f"arn:aws:sns:{REGION}:{ADMINISTRATOR}:security"
SERVICES = ("CONFIG_SERVICE", "ORGANIZATIONS", "CLOUDFORMATION", "STS")
# The watch takes the day from the time at which an execution started. Here a test says which day it is.
STARTED = "$states.context.Execution.StartTime"
TODAY = datetime.now(timezone.utc).date()
FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH = (TODAY - timedelta(days=days) for days in range(6, -1, -1))


@pytest.fixture(scope="module")
def artifact(request) -> Path:
    path = request.config.getoption("--watch-artifact").resolve()
    assert path.is_file(), f"there is no built watch at {path}: build it with `make package`"
    return path


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("cdk.out")
    synthesize(
        folder, mode="stack-set", organizationId="o-a1b2c3d4e5", organizationalUnits=f"{UNIT},{UPDATING}",
        administrator="delegated-administrator", managementAccount="exclude", alertTopic=TOPIC,
    )
    return load(folder / f"{STACK}.template.json")


class Week:
    """The organization and its administrator account, in which the watch is deployed."""

    def __init__(self, ministack, sdk, template: dict, artifact: Path, folder: Path):
        self.account = Account(ministack, sdk, ADMINISTRATOR)
        self.kinds = members()
        self._folder = folder
        self.requests: list[dict[str, Any]] = []
        self.emulator = Emulator(folder, description(self.kinds))
        self.exchanges = [Exchange(f"AWS_ENDPOINT_URL_{it}", lambda who: self.emulator.environment(who)) for it in SERVICES]
        for exchange in self.exchanges:
            exchange.__enter__()
        self._deploy(deepcopy(template), artifact, ministack.endpoint)

    def _deploy(self, template: dict, artifact: Path, endpoint: str) -> None:
        s3 = self.account.client("s3")
        [function] = [it["Properties"] for it in template["Resources"].values() if it["Type"] == "AWS::Lambda::Function"]
        builds = function["Code"]["S3Bucket"]["Fn::Sub"].replace("${AWS::AccountId}", ADMINISTRATOR)
        s3.create_bucket(Bucket=builds)
        s3.put_object(Bucket=builds, Key=function["Code"]["S3Key"], Body=artifact.read_bytes())
        # Only the endpoints and the day differ from a deployment.
        function["Environment"]["Variables"] |= {
            f"AWS_ENDPOINT_URL_{it}": exchange.address for it, exchange in zip(SERVICES, self.exchanges)
        } | {"AWS_ENDPOINT_URL_S3": endpoint}
        text = json.dumps(template)
        assert STARTED in text
        self.account.client("sns").create_topic(Name="security")
        self.account.deploy(STACK, json.loads(text.replace(STARTED, "$states.context.Execution.Input.started")))
        wait_for(lambda: self.account.client("lambda").get_function_configuration(FunctionName=NAME)["State"] == "Active")
        [self.bucket] = [it["Name"] for it in s3.list_buckets()["Buckets"] if it["Name"] != builds]

    def change(self, *denied: str) -> None:
        """Starts the emulated organization again, with operations that are denied to the administrator."""
        self.requests += self.emulator.stop()
        self.emulator = Emulator(self._folder, description(self.kinds, denied))

    def run(self, day: date) -> dict[str, Any]:
        """Runs the watch on a day."""
        return self.account.start(NAME, {"started": f"{day}T06:00:00Z"})

    def read(self, key: str) -> bytes:
        return self.account.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def report(self, day: date) -> dict[str, Any]:
        return json.loads(self.read(f"{day:%Y/%m/%d}/status.json"))

    def latest(self) -> dict[str, Any]:
        return json.loads(self.read("latest.json"))

    def objects(self) -> dict[str, Any]:
        """The time of each object that is not a checkpoint."""
        found = self.account.client("s3").list_objects_v2(Bucket=self.bucket)["Contents"]
        return {it["Key"]: (it["LastModified"], it["ETag"]) for it in found if not it["Key"].startswith("runs/")}

    def instances(self) -> dict[str, str]:
        """The status of the StackSet's stack in each account that has one."""
        client = boto3.client("cloudformation", **self.emulator.connection(ADMINISTRATOR))
        pages = client.get_paginator("list_stack_instances").paginate(
            StackSetName="root-access-key-rule-org", CallAs="DELEGATED_ADMIN"
        )
        return {it["Account"]: it["Status"] for page in pages for it in page["Summaries"]}

    def switch(self, name: str, value: str) -> None:
        self.account.client("ssm").put_parameter(Name=f"/root-access-key-rule/watch/{name}", Value=value, Overwrite=True)

    def operations(self) -> list[dict[str, Any]]:
        """The requests that started an operation of the StackSet, with their parameters."""
        return [it for it in self.requests if it["operation"] in ("CreateStackInstances", "UpdateStackInstances")]

    def of_kind(self, kind: str) -> set[str]:
        return {account for account, it in self.kinds.items() if it == kind}

    def open(self) -> set[str]:
        return {account for account, it in self.kinds.items() if KINDS[it].open}


@pytest.fixture(scope="module")
def week(ministack, sdk, template, artifact, tmp_path_factory):
    ministack.reset()
    week = Week(ministack, sdk, template, artifact, tmp_path_factory.mktemp("organization"))
    yield week
    week.emulator.stop()
    for exchange in week.exchanges:
        exchange.__exit__()


def exempt(account: str, expires: date, reason: str) -> dict[str, str]:
    return {"account": account, "owner": "payments team", "reason": reason, "expires": str(expires)}


def test_first_day_before_the_subscription_is_confirmed(week):
    """The report is stored, and the digest is published although nobody receives it yet. Nothing is repaired."""
    exemptions = [exempt(it, TODAY + timedelta(days=300), "SES relay") for it in sorted(week.of_kind("exempt"))]
    exemptions += [exempt(it, FIRST - timedelta(days=1), "moved") for it in sorted(week.of_kind("exemption expired"))]
    body = json.dumps({"exemptions": exemptions})
    week.account.client("s3").put_object(Bucket=week.bucket, Key="exemptions.json", Body=body.encode())
    execution = week.run(FIRST)
    assert execution["status"] == "SUCCEEDED", week.account.history(execution)[-3:]
    assert week.latest()["day"] == str(FIRST)


def test_the_report_says_of_each_account_what_its_kind_has(week):
    report = {it["account"]: it for it in week.report(FIRST)["accounts"]}
    assert len(report) == ACCOUNTS
    found = {
        account: (frozenset(it["kind"] for it in report[account]["problems"]), report[account]["open"])
        for account in week.kinds
    }
    assert found == {account: (KINDS[it].problems, KINDS[it].open) for account, it in week.kinds.items()}
    assert (report[MANAGEMENT]["compliance"], report[MANAGEMENT]["open"]) == ("COMPLIANT", False)


def test_the_table_and_the_page_have_every_account(week):
    folder = f"{FIRST:%Y/%m/%d}"
    rows = list(csv.DictReader(io.StringIO(week.read(f"{folder}/status.csv").decode())))
    accounts = {MANAGEMENT, *week.kinds}
    assert {it["account"] for it in rows} == accounts
    page = week.read(f"{folder}/status.html").decode()
    assert [it for it in accounts if it not in page] == []
    assert "<script" not in page


def test_a_second_run_on_the_same_day_repeats_nothing(week):
    before = week.objects()
    assert week.run(FIRST)["status"] == "SUCCEEDED"
    assert week.objects() == before


def test_once_the_subscription_is_confirmed_the_next_digest_has_the_first_findings(week):
    week.account.listen()
    assert week.run(SECOND)["status"] == "SUCCEEDED"
    [digest] = week.account.messages()
    assert re.fullmatch(r"Root access keys: [ -~]{1,80}", digest["Subject"]) and len(digest["Subject"]) < 100
    text = digest["Message"]
    for account in week.of_kind("with a key") | week.of_kind("exemption expired"):
        assert re.search(rf"^ +{account} .*since {FIRST}$", text, re.M), account
    assert week.of_kind("exempt") & set(re.findall(r"^ +(\d{12}) [\w-]+, open", text, re.M)) == set()
    listed = set(re.findall(r"^ +(\d{12}) [\w-]+, (?:open|first)", text, re.M))
    assert listed <= week.open() and len(listed) == min(100, len(week.open()))
    assert f"s3://{week.bucket}/{SECOND:%Y/%m/%d}/status.json" in text


def test_a_second_run_on_that_day_sends_nothing_and_repairs_nothing_twice(week):
    before = week.instances()
    assert week.run(SECOND)["status"] == "SUCCEEDED"
    assert week.account.messages() == []
    assert week.instances() == before


def test_each_day_one_operation_repairs_what_may_be_repaired_and_nothing_else(week):
    for day in (THIRD, FOURTH):
        assert week.run(day)["status"] == "SUCCEEDED"
    assert len(week.account.messages()) == 2
    current = {account for account, status in week.instances().items() if status == "CURRENT"}
    week.change()
    due = {action: {it for it, kind in week.kinds.items() if KINDS[kind].repair == action} for action in ("Create", "Update")}
    [first, second, third] = [accounts_of(it) for it in week.operations()]
    # At most 50 accounts a day, and what is missing before what failed.
    assert (len(first), first | second, third) == (50, due["Create"], due["Update"])
    assert first & second == set()
    had = {account for account, kind in week.kinds.items() if (KINDS[kind].is_["stack"] or {}).get("status") == "CURRENT"}
    assert current == had | due["Create"] | due["Update"]


def test_switched_off_nothing_is_repaired_or_sent_but_the_report_is_stored(week):
    before = len(week.operations())
    for name in ("repair", "digest"):
        week.switch(name, "off")
    assert week.run(FIFTH)["status"] == "SUCCEEDED"
    assert week.account.messages() == []
    assert len(week.report(FIFTH)["accounts"]) == ACCOUNTS
    week.change("DescribeConfigurationAggregators")
    assert len(week.operations()) == before
    for name in ("repair", "digest"):
        week.switch(name, "on")


def test_without_the_aggregator_the_digest_says_that_first_and_the_report_is_not_clean(week):
    assert week.run(SIXTH)["status"] == "SUCCEEDED"
    [digest] = week.account.messages()
    assert "NOT VISIBLE: FIX THIS FIRST" in digest["Message"]
    before = digest["Message"].index("NOT VISIBLE: FIX THIS FIRST")
    assert "config:DescribeConfigurationAggregators" in digest["Message"][before:]
    assert not re.search(r"^ +\d{12} ", digest["Message"][:before], re.M)
    # What was open and cannot be seen stays open.
    assert week.open() <= set(week.latest()["open"])


def test_a_digest_that_cannot_be_published_fails_the_execution_and_is_new_the_next_time(week):
    week.change()
    week.account.client("sns").delete_topic(TopicArn=TOPIC)
    execution = week.run(SEVENTH)
    assert (execution["status"], execution["error"]) == ("FAILED", "DigestNotPublished")
    assert week.latest()["published"] is False


def test_the_metrics_say_when_a_run_completed_and_what_it_could_not_see(week):
    lines = metrics(week.account)
    assert [it["Completed"] for it in lines] == [1] * 8 + [0]
    assert [it["NotVisible"] > 0 for it in lines] == [False] * 7 + [True, False]
    first = lines[0]
    assert (first["Accounts"], first["Open"]) == (ACCOUNTS, len(week.open()))
    assert first["NonCompliant"] == sum(len(week.of_kind(it)) for it in ("with a key", "exempt", "exemption expired"))


# Calls that the role allows and the watch does not make here, with the reason.
NOT_MADE_HERE = {
    "config:DescribeOrganizationConformancePacks": "for a StackSet without the rule, in mode organization-pack",
    "config:GetOrganizationConformancePackDetailedStatus": "the same",
    "organizations:DescribePolicy": "for an organization with service control policies",
    "organizations:ListTargetsForPolicy": "the same",
    "organizations:ListDelegatedAdministrators": "AWS CloudFormation makes it for a delegated administrator",
}


def test_the_role_allows_the_calls_that_the_watch_makes_and_no_others(week, template):
    week.change()
    made = {f"{it['service']}:{it['operation']}" for it in week.requests if it["service"] != "sts"}
    [role] = [it for name, it in template["Resources"].items() if it["Type"] == "AWS::IAM::Role" and name.startswith("Role")]
    statements = [it for policy in role["Properties"]["Policies"] for it in policy["PolicyDocument"]["Statement"]]
    texts = [[it["Action"]] if isinstance(it["Action"], str) else it["Action"] for it in statements]
    allowed = {action for text in texts for action in text if not action.startswith(("logs:", "s3:"))}
    assert made | set(NOT_MADE_HERE) == allowed
    assert made & set(NOT_MADE_HERE) == set()


def accounts_of(operation: dict[str, Any]) -> set[str]:
    """The accounts of a request to deploy, whatever its parameters are called on the wire."""
    return set(re.findall(r"\b\d{12}\b", json.dumps(operation["parameters"])))


def metrics(account: Account) -> list[dict[str, Any]]:
    """The lines in the embedded metric format in the function's log, in order."""
    logs = account.client("logs")
    [group] = [it["logGroupName"] for it in logs.describe_log_groups()["logGroups"] if "LogGroup" in it["logGroupName"]]
    lines = [it["message"] for it in logs.filter_log_events(logGroupName=group)["events"]]
    return [json.loads(it) for it in lines if '"CloudWatchMetrics"' in it]
