"""The result of an account becomes its finding in Security Hub: the deployed state machine, run by moto's interpreter."""

import json
import time
from copy import deepcopy
from uuid import uuid4

import pytest
from moto.config.responses import ConfigResponse
from moto.securityhub.exceptions import SecurityHubClientError
from moto.securityhub.models import SecurityHubBackend, securityhub_backends
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.implementations.string_operators import (
    StringEquals,
)

from at_once import at_once
from environment import ACCOUNT, REGION
from events import event_of
from strict_moto.security_hub import problems
from synthesis import FUNCTION, load, synthesize
from test_forwarding import Place, delivery  # noqa: F401 (a fixture)
from test_re_evaluation import OF_A_PACK, OTHERS, PLAIN, put_rules, string_equals

HAS_KEY = ("NON_COMPLIANT", "The root user has 1 access key. Key 1: active, created or last changed 2026-01-02.")
NO_KEY = ("COMPLIANT", "The root user has no access keys.")
HOSTILE = [
    'a quotation mark: " and a backslash: \\ and \\" and \\u0022',
    "a line\nand another\r\n\twith a tab",
    "$.Annotation $$.Execution.Id ${AWS::AccountId} {{resolve:ssm:x}} {% $states.input %}",
    "States.Format('{}', $.x) {} {0} States.JsonToString($)",
    '"}],"Findings":[{"Id":"other"}]',
    "<aws.events.event> <script>alert(1)</script>",
    "🔑" * 256,
    "é" * 256,
    "a" * 256,
]


@pytest.fixture(scope="module")
def account(aws, delivery, tmp_path_factory) -> Place:  # noqa: F811
    """An account with the import, and with rules of this function and of others."""
    folder = tmp_path_factory.mktemp("cdk.out")
    template = at_once(load(synthesize(folder, securityHub="true", alertEmail="security@example.com")))
    place = Place(aws, ACCOUNT).deploy(template, "SecurityHub|AlertTopic|AlertsNotices(FindingNotImported|Machine)").listen()
    aws.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument="{}")
    for function in (PLAIN, f"{PLAIN}-other"):
        aws.client("lambda").create_function(
            FunctionName=function, Runtime="provided.al2023", Handler="x", Code={"ZipFile": b"x"},
            Role=f"arn:aws:iam::{ACCOUNT}:role/any",
        )
    put_rules(aws.client, dict.fromkeys(OTHERS, f"{FUNCTION}-other"))
    return place


@pytest.fixture(params=[PLAIN, OF_A_PACK])
def rule(aws, account, request):
    """The rule of this function, by both of its names."""
    put_rules(aws.client, {request.param: FUNCTION})
    yield request.param
    aws.client("config").delete_config_rule(ConfigRuleName=request.param)


@pytest.fixture(autouse=True)
def results(monkeypatch) -> dict[str, tuple[str, str] | None]:
    """The results by rule that AWS Config shows; any other rule is NON_COMPLIANT. moto lacks the call."""
    shown: dict[str, tuple[str, str] | None] = {}

    def answer(response: ConfigResponse) -> str:
        rule = response._get_param("ConfigRuleName")
        result = shown.get(rule, ("NON_COMPLIANT", "of another rule"))
        qualifier = {"ConfigRuleName": rule, "ResourceType": "AWS::::Account", "ResourceId": ACCOUNT}
        identifier = {"EvaluationResultQualifier": qualifier, "OrderingTimestamp": 1}
        text = {"ComplianceType": result[0], "Annotation": result[1]} if result else {}
        return json.dumps({"EvaluationResults": [{"EvaluationResultIdentifier": identifier, **text}] if result else []})

    monkeypatch.setattr(ConfigResponse, "get_compliance_details_by_config_rule", answer, raising=False)
    monkeypatch.setattr(StringEquals, "eval", staticmethod(string_equals))
    return shown


@pytest.fixture(autouse=True)
def hub() -> SecurityHubBackend:
    """Security Hub of the account, empty."""
    backend = securityhub_backends[ACCOUNT][REGION]
    backend.enabled, backend.findings = True, []
    return backend


def findings(hub: SecurityHubBackend) -> list[dict]:
    return [deepcopy(it.data) for it in hub.findings]


def run(account: Place) -> dict:
    """Starts the state machine as the weekly rule does, and returns its execution once it has ended."""
    states = account.client("stepfunctions")
    started = states.start_execution(stateMachineArn=machine(), name=str(uuid4()))["executionArn"]
    deadline = time.monotonic() + 60
    while (execution := states.describe_execution(executionArn=started))["status"] == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return execution


def machine() -> str:
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:root-access-key-rule-security-hub"


def test_a_key_becomes_a_critical_finding_that_is_archived_without_it(account, rule, results, hub):
    results[rule] = HAS_KEY
    account.happens(event_of("account-became-non-compliant"))
    [failed] = findings(hub)
    assert (failed["Compliance"]["Status"], failed["RecordState"]) == ("FAILED", "ACTIVE")
    assert failed["Description"] == HAS_KEY[1]
    assert failed["FindingProviderFields"]["Severity"]["Label"] == "CRITICAL"
    assert failed["Remediation"]["Recommendation"]["Url"].endswith("/docs/remediation.md")
    assert failed["ProductFields"] == {"root-access-key-rule/ConfigRule": rule}
    assert "PCI DSS v3.2.1/2.1" in failed["Compliance"]["RelatedRequirements"]
    results[rule] = NO_KEY
    account.happens(event_of("account-became-compliant"))
    [passed] = findings(hub)
    assert (passed["Compliance"]["Status"], passed["RecordState"]) == ("PASSED", "ARCHIVED")
    assert (passed["Id"], passed["Description"]) == (failed["Id"], NO_KEY[1])
    assert passed["UpdatedAt"] > failed["UpdatedAt"]


def test_the_present_result_is_imported_whatever_the_event_says(account, rule, results, hub):
    results[rule] = NO_KEY
    account.happens(event_of("account-became-non-compliant"))
    assert [it["RecordState"] for it in findings(hub)] == ["ARCHIVED"]


def test_every_week_the_present_result_is_imported_again(account, rule, results, hub):
    [weekly] = [it for it in account.client("events").list_rules()["Rules"] if "ScheduleExpression" in it]
    [target] = account.client("events").list_targets_by_rule(Rule=weekly["Name"])["Targets"]
    assert (weekly["ScheduleExpression"], weekly["State"], target["Arn"]) == ("rate(7 days)", "ENABLED", machine())
    results[rule] = HAS_KEY
    assert run(account)["status"] == "SUCCEEDED"
    [before] = findings(hub)
    results[rule] = NO_KEY
    assert run(account)["status"] == "SUCCEEDED"
    [after] = findings(hub)
    assert (before["RecordState"], after["RecordState"]) == ("ACTIVE", "ARCHIVED")
    assert after["UpdatedAt"] > before["UpdatedAt"]


@pytest.mark.parametrize("result", [None, ("NOT_APPLICABLE", "x"), ("INSUFFICIENT_DATA", "x")])
def test_without_a_verdict_nothing_is_imported(account, rule, results, hub, result):
    results[rule] = result
    assert run(account)["status"] == "SUCCEEDED"
    assert findings(hub) == []


def test_without_a_rule_nothing_is_imported(account, hub):
    assert run(account)["status"] == "SUCCEEDED"
    assert findings(hub) == []


@pytest.mark.parametrize("annotation", HOSTILE, ids=lambda it: ascii(it[:12]))
@pytest.mark.parametrize("rule", [PLAIN], indirect=True)
def test_an_annotation_arrives_as_it_is(account, rule, results, hub, annotation):
    results[rule] = ("NON_COMPLIANT", annotation)
    assert run(account)["status"] == "SUCCEEDED"
    [finding] = findings(hub)
    assert finding["Description"] == annotation
    assert finding["Id"] == f"root-access-key-rule/{REGION}/{ACCOUNT}"


@pytest.mark.parametrize("rule", [PLAIN], indirect=True)
class TestFailures:
    """What Security Hub refuses."""

    def test_an_account_without_security_hub_is_skipped(self, account, rule, results, hub):
        hub.enabled, results[rule] = False, HAS_KEY
        execution = run(account)
        assert execution["status"] == "SUCCEEDED"
        assert states_of(account, execution)[-2:] == ["SecurityHubNotEnabled", "Done"]

    def test_so_is_one_whose_finding_is_refused_for_that_reason(self, account, rule, results, hub, monkeypatch):
        results[rule] = HAS_KEY
        refuse(monkeypatch, "InvalidAccess")
        execution = run(account)
        assert execution["status"] == "SUCCEEDED"
        assert states_of(account, execution)[-2:] == ["SecurityHubNotEnabled", "Done"]

    def test_a_finding_that_is_refused_for_another_reason_fails_after_retries(
        self, account, rule, results, hub, monkeypatch
    ):
        results[rule] = HAS_KEY
        asked = refuse(monkeypatch, "InvalidInput")
        execution = run(account)
        assert (execution["status"], execution["error"]) == ("FAILED", "FindingNotImported")
        assert "why it failed" in execution["cause"]
        assert len(asked) == 3

    def test_an_error_of_the_call_is_retried_with_the_result_of_that_time(
        self, account, rule, results, hub, monkeypatch
    ):
        results[rule] = HAS_KEY
        take = SecurityHubBackend.batch_import_findings

        def fail_once(backend, findings):
            monkeypatch.setattr(SecurityHubBackend, "batch_import_findings", take)
            results[rule] = NO_KEY
            raise SecurityHubClientError("InternalException", "not now")

        monkeypatch.setattr(SecurityHubBackend, "batch_import_findings", fail_once)
        assert run(account)["status"] == "SUCCEEDED"
        assert [it["RecordState"] for it in findings(hub)] == ["ARCHIVED"]

    def test_an_error_that_stays_is_notified(self, account, rule, results, hub, monkeypatch):
        results[rule] = HAS_KEY

        def fail(backend, findings):
            raise SecurityHubClientError("AccessDeniedException", "no")

        monkeypatch.setattr(SecurityHubBackend, "batch_import_findings", fail)
        execution = run(account)
        assert execution["status"] == "FAILED"
        # moto does not send the event of a failed execution.
        event = event_of("re-evaluation-failed")
        event["detail"] |= {"executionArn": execution["executionArn"], "stateMachineArn": machine()}
        assert account.messages() == []
        entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
        account.client("events").put_events(Entries=[entry])
        [message] = account.messages()
        assert f"Security Hub of account {ACCOUNT}" in message
        assert execution["executionArn"] in message and "#finding-not-imported" in message


@pytest.mark.parametrize("rule", [PLAIN], indirect=True)
@pytest.mark.parametrize(
    "change, reason",
    [
        ({"Title": "x" * 257}, "Title has 257 characters"),
        ({"Description": "x" * 1025}, "Description has 1025 characters"),
        ({"Description": " "}, "Description does not match"),
        ({"Compliance": {"RelatedRequirements": ["x" * 65]}}, "RelatedRequirements has 65 characters"),
        ({"Compliance": {"RelatedRequirements": ["x"] * 33}}, "RelatedRequirements has 33 members"),
        ({"Compliance": {"Status": "BAD"}}, "must be one of"),
        ({"Severity": {"Label": "CRITICAL"}}, "belongs under FindingProviderFields"),
        ({"Workflow": {"Status": "RESOLVED"}}, "cannot be imported"),
        ({"UpdatedAt": "yesterday"}, "UpdatedAt is no time"),
        ({"AwsAccountId": "111111111111"}, "not the account of the caller"),
        ({"Unknown": "x"}, "Unknown"),
        ({"GeneratorId": 1}, "GeneratorId"),
    ],
    ids=lambda it: str(it)[:40],
)
def test_security_hub_would_find_a_fault(account, rule, results, hub, change, reason):
    results[rule] = HAS_KEY
    run(account)
    [finding] = findings(hub)
    assert problems(finding, ACCOUNT, REGION) == []
    assert reason in "; ".join(problems(finding | change, ACCOUNT, REGION))


def refuse(monkeypatch, code: str) -> list:
    """Has Security Hub accept the call and refuse every finding. Returns the findings that it is asked to import."""
    asked = []

    def answer(backend, findings):
        asked.extend(findings)
        return 1, 0, [{"Id": findings[0]["Id"], "ErrorCode": code, "ErrorMessage": "why it failed"}]

    monkeypatch.setattr(SecurityHubBackend, "batch_import_findings", answer)
    return asked


def states_of(account: Place, execution: dict) -> list[str]:
    """The states that the execution left, in order."""
    history = account.client("stepfunctions").get_execution_history(executionArn=execution["executionArn"], maxResults=1000)
    events = [it.get("stateExitedEventDetails", it.get("stateEnteredEventDetails")) for it in history["events"]]
    names = [it["name"] for it in events if it]
    return [name for name in names if name in ("SecurityHubNotEnabled", "Imported", "Done")][::2]
