"""The result of an account becomes its finding in Security Hub: the deployed state machine, in an emulator whose code is not
changed. Security Hub is a function that looks at each finding as AWS does.
"""

import json

import pytest

from config_rules import HAS_KEY, NO_KEY, OF_A_PACK, PLAIN, asked, refuse_first, result, two_pages
from environment import ACCOUNT, REGION
from events import event_of
from finding_limits import problems

NAME = "root-access-key-rule-security-hub"
HOSTILE = [
    'a quotation mark: " and a backslash: \\ and \\" and \\u0022',
    "a line\nand another\r\n\twith a tab",
    "$.Annotation $$.Execution.Id ${AWS::AccountId} {% $states.input %} <aws.events.event>",
    "States.Format('{}', $.x) {} {0} States.JsonToString($)",
    '"}],"Findings":[{"Id":"other"}]',
    "é🔑" * 128,
    "a" * 256,
]


@pytest.fixture(scope="module", autouse=True)
def deployed(account, templates):
    account.deploy("RootAccessKeyRule", templates["RootAccessKeyRule"])
    account.listen()


def imported(parameters: dict) -> dict:
    """Security Hub's response. It rejects a finding with a problem."""
    [finding] = parameters["Findings"]
    found = problems(finding, ACCOUNT, REGION)
    failed = [{"Id": finding["Id"], "ErrorCode": "InvalidInput", "ErrorMessage": "; ".join(found)}] if found else []
    return {"FailedCount": len(failed), "SuccessCount": 1 - len(failed), "FailedFindings": failed}


@pytest.fixture(autouse=True)
def aws(account, sdk):
    """AWS Config with rules on two pages that have found a key, and Security Hub."""
    sdk.clear()
    sdk.answers |= {
        "config:describeConfigRules": two_pages,
        "config:startConfigRulesEvaluation": lambda _: {},
        "config:getComplianceDetailsByConfigRule": lambda it: {"EvaluationResults": [result(it, HAS_KEY)]},
        "securityhub:batchImportFindings": imported,
    }
    yield sdk
    account.messages()


@pytest.mark.parametrize("rule", [PLAIN, OF_A_PACK], ids=lambda it: it["ConfigRuleName"])
def test_a_key_becomes_a_critical_finding_that_is_archived_without_it(account, aws, rule):
    aws.answers["config:describeConfigRules"] = lambda _: {"ConfigRules": [rule]}
    states, updated = [], []
    for verdict, event in ((HAS_KEY, "account-became-non-compliant"), (NO_KEY, "account-became-compliant")):
        aws.answers["config:getComplianceDetailsByConfigRule"] = (
            lambda it, verdict=verdict: {"EvaluationResults": [result(it, verdict)]}
        )
        [execution] = account.happens(event_of(event))
        assert execution["status"] == "SUCCEEDED"
        [finding] = asked(aws, "securityhub:batchImportFindings")[-1]["Findings"]
        assert finding["Description"] == verdict["Annotation"]
        assert finding["FindingProviderFields"]["Severity"]["Label"] == "CRITICAL"
        assert finding["AwsAccountId"] == account.id
        assert finding["ProductFields"] == {"root-access-key-rule/ConfigRule": rule["ConfigRuleName"]}
        assert finding["Remediation"]["Recommendation"]["Url"].endswith("/docs/remediation.md")
        assert "PCI DSS v3.2.1/2.1" in finding["Compliance"]["RelatedRequirements"]
        updated.append(finding["UpdatedAt"])
        states.append((finding["Id"], finding["Compliance"]["Status"], finding["RecordState"]))
    name = f"root-access-key-rule/us-east-1/{account.id}"
    assert states == [(name, "FAILED", "ACTIVE"), (name, "PASSED", "ARCHIVED")]
    # Security Hub ignores an update that is not newer.
    assert updated[0] < updated[1]
    account.messages()


def test_the_present_result_is_imported_whatever_the_event_says(account, aws):
    aws.answers["config:getComplianceDetailsByConfigRule"] = lambda it: {"EvaluationResults": [result(it, NO_KEY)]}
    account.happens(event_of("account-became-non-compliant"))
    findings = [it["Findings"][0] for it in asked(aws, "securityhub:batchImportFindings")]
    assert [it["RecordState"] for it in findings] == ["ARCHIVED"] * 2
    account.messages()


def test_every_week_the_present_result_is_imported_again(account):
    events = account.client("events")
    [weekly] = [it for it in events.list_rules()["Rules"] if "ScheduleExpression" in it]
    [target] = events.list_targets_by_rule(Rule=weekly["Name"])["Targets"]
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{NAME}"
    assert (weekly["ScheduleExpression"], weekly["State"], target["Arn"]) == ("rate(7 days)", "ENABLED", machine)


def test_without_a_rule_nothing_is_imported(account, aws):
    aws.answers["config:describeConfigRules"] = lambda _: {"ConfigRules": []}
    assert account.start(NAME, {})["status"] == "SUCCEEDED"
    assert asked(aws, "securityhub:batchImportFindings") == []


def test_without_an_annotation_the_finding_says_so(account, aws):
    verdict = {"ComplianceType": "NON_COMPLIANT"}
    aws.answers["config:getComplianceDetailsByConfigRule"] = lambda it: {"EvaluationResults": [result(it, verdict)]}
    assert account.start(NAME, {})["status"] == "SUCCEEDED"
    findings = [it["Findings"][0] for it in asked(aws, "securityhub:batchImportFindings")]
    assert [it["Description"] for it in findings] == ["AWS Config shows no details."] * 2


@pytest.mark.parametrize("annotation", HOSTILE, ids=lambda it: ascii(it[:12]))
def test_an_annotation_arrives_as_it_is(account, aws, annotation):
    verdict = {**HAS_KEY, "Annotation": annotation}
    aws.answers["config:getComplianceDetailsByConfigRule"] = lambda it: {"EvaluationResults": [result(it, verdict)]}
    assert account.start(NAME, {})["status"] == "SUCCEEDED"
    findings = [it["Findings"][0] for it in asked(aws, "securityhub:batchImportFindings")]
    assert [it["Description"] for it in findings] == [annotation] * 2


@pytest.mark.parametrize("results", [[], ["NOT_APPLICABLE"], ["INSUFFICIENT_DATA"]])
def test_without_a_verdict_nothing_is_imported(account, aws, results):
    aws.answers["config:getComplianceDetailsByConfigRule"] = lambda it: {
        "EvaluationResults": [result(it, {"ComplianceType": kind}) for kind in results]
    }
    assert account.start(NAME, {})["status"] == "SUCCEEDED"
    assert asked(aws, "securityhub:batchImportFindings") == []


@pytest.mark.parametrize("answer", [
    refuse_first(99, "SecurityHub.InvalidAccessException"),
    lambda _: {"FailedCount": 1, "SuccessCount": 0, "FailedFindings": [{"Id": "x", "ErrorCode": "InvalidAccess"}]},
], ids=["the call", "the finding"])
def test_an_account_without_security_hub_is_no_failure(account, aws, answer):
    aws.answers["securityhub:batchImportFindings"] = answer
    execution = account.start(NAME, {})
    assert execution["status"] == "SUCCEEDED"
    assert len(asked(aws, "securityhub:batchImportFindings")) == 2


def test_a_refused_finding_fails_after_retries_with_the_reason(account, aws):
    failure = {"Id": "x", "ErrorCode": "InvalidInput", "ErrorMessage": "why it failed"}
    aws.answers["securityhub:batchImportFindings"] = lambda _: {
        "FailedCount": 1, "SuccessCount": 0, "FailedFindings": [failure],
    }
    execution = account.start(NAME, {})
    assert (execution["status"], execution["error"]) == ("FAILED", "FindingNotImported")
    assert json.loads(execution["cause"]) == failure
    assert len(asked(aws, "securityhub:batchImportFindings")) == 13
    [message] = account.messages(1)
    assert f"Security Hub of account {account.id}" in message["Message"]
    assert execution["executionArn"] in message["Message"]


def test_an_error_that_stays_fails_and_is_notified(account, aws):
    aws.answers["securityhub:batchImportFindings"] = refuse_first(99, "SecurityHub.AccessDeniedException")
    execution = account.start(NAME, {})
    assert (execution["status"], execution["error"]) == ("FAILED", "SecurityHub.AccessDeniedException")
    [message] = account.messages(1)
    assert execution["executionArn"] in message["Message"] and "#finding-not-imported" in message["Message"]


@pytest.mark.parametrize("code", ["SecurityHub.InternalException", "States.Timeout"])
def test_after_an_error_the_result_is_read_again(account, aws, code):
    verdicts = [HAS_KEY, NO_KEY]
    aws.answers["config:describeConfigRules"] = lambda _: {"ConfigRules": [PLAIN]}
    aws.answers["config:getComplianceDetailsByConfigRule"] = lambda it: {
        "EvaluationResults": [result(it, verdicts.pop(0))]
    }
    accept = aws.answers["securityhub:batchImportFindings"]
    aws.answers["securityhub:batchImportFindings"] = refuse_first(1, code, accept)
    assert account.start(NAME, {})["status"] == "SUCCEEDED"
    statuses = [it["Findings"][0]["Compliance"]["Status"] for it in asked(aws, "securityhub:batchImportFindings")]
    assert statuses == ["FAILED", "PASSED"]


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
def test_a_finding_that_security_hub_rejects_is_found(account, aws, change, reason):
    assert account.start(NAME, {})["status"] == "SUCCEEDED"
    finding = asked(aws, "securityhub:batchImportFindings")[0]["Findings"][0]
    assert problems(finding, ACCOUNT, REGION) == []
    assert reason in "; ".join(problems(finding | change, ACCOUNT, REGION))
