"""The state machines of a deployed account run in an emulator whose code is not changed."""

import json

import pytest

from events import event_of
from resolved_templates import filled
from sdk_calls import Refused

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:root-access-key-rule"
PLAIN = {"ConfigRuleName": "root-access-key-rule", "Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": FUNCTION}}
OF_A_PACK = {**PLAIN, "ConfigRuleName": "root-access-key-rule-conformance-pack-a1b2c3d4e"}
OTHER = {"ConfigRuleName": "other", "Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": f"{FUNCTION}-other"}}
# Its policy is in the rule, so it has no function.
GUARD = {"ConfigRuleName": "guard", "Source": {"Owner": "CUSTOM_POLICY"}}

HAS_KEY = {"ComplianceType": "NON_COMPLIANT", "Annotation": "The root user has 1 access key."}
NO_KEY = {"ComplianceType": "COMPLIANT", "Annotation": "The root user has no access keys."}
HOSTILE = [
    'a quotation mark: " and a backslash: \\ and \\" and \\u0022',
    "a line\nand another\r\n\twith a tab",
    "$.Annotation $$.Execution.Id ${AWS::AccountId} {% $states.input %} <aws.events.event>",
    "States.Format('{}', $.x) {} {0} States.JsonToString($)",
    '"}],"Findings":[{"Id":"other"}]',
    "é🔑" * 128,
]


@pytest.fixture(scope="module", autouse=True)
def deployed(account, templates):
    account.deploy("RootAccessKeyRule", templates["RootAccessKeyRule"])
    account.listen()


@pytest.fixture(autouse=True)
def aws(account, sdk):
    """AWS Config with rules on two pages, and a Security Hub that accepts every finding."""
    sdk.clear()
    pages = {None: {"ConfigRules": [GUARD, OTHER, PLAIN], "NextToken": "2"}, "2": {"ConfigRules": [OF_A_PACK, OTHER]}}
    sdk.answers |= {
        "config:describeConfigRules": lambda it: pages[it.get("NextToken")],
        "config:startConfigRulesEvaluation": lambda _: {},
        "config:getComplianceDetailsByConfigRule": lambda it: {"EvaluationResults": [result(it, HAS_KEY)]},
        "securityhub:batchImportFindings": lambda _: {"FailedCount": 0, "SuccessCount": 1, "FailedFindings": []},
    }
    yield sdk
    account.messages()


def result(parameters: dict, verdict: dict) -> dict:
    qualifier = {"ConfigRuleName": parameters["ConfigRuleName"], "ResourceType": "AWS::::Account"}
    return {"EvaluationResultIdentifier": {"EvaluationResultQualifier": qualifier}, **verdict}


def asked(sdk, call: str) -> list[dict]:
    return [parameters for name, parameters in sdk.received if name == call]


def refuse_first(times: int, code: str, then):
    """An answer that is refused so many times."""
    left = [Refused(code)] * times

    def answer(parameters: dict) -> dict:
        if left:
            raise left.pop()
        return then(parameters)

    return answer


def maps_of_states(definition: dict):
    """Every map of states in a definition, with the name of its first state."""
    yield definition["StartAt"], definition["States"]
    for state in definition["States"].values():
        for inner in (state.get("ItemProcessor"), *state.get("Branches", [])):
            if inner:
                yield from maps_of_states(inner)


def test_every_transition_leads_to_a_state_and_every_state_is_reached(templates):
    """AWS refuses a definition otherwise; neither emulator does."""
    machines = [
        json.loads(filled(it["Properties"]["DefinitionString"], template))
        for template in templates.values()
        for it in template["Resources"].values()
        if it["Type"] == "AWS::StepFunctions::StateMachine"
    ]
    assert len(machines) > 4
    for first, states in (it for machine in machines for it in maps_of_states(machine)):
        targets = {first}
        for state in states.values():
            paths = [state, *state.get("Choices", []), *state.get("Catch", [])]
            targets |= {it[field] for it in paths for field in ("Next", "Default") if field in it}
            ends = state["Type"] in ("Choice", "Succeed", "Fail") or ("Next" in state) != state.get("End", False)
            assert ends, state
        assert targets == set(states)


class TestReEvaluation:
    def test_it_starts_the_rules_of_the_function_on_every_page_and_no_other(self, account, aws):
        executions = account.happens(event_of("root-creates-own-key"))
        assert [it["status"] for it in executions] == ["SUCCEEDED"]
        assert aws.received == [
            ("config:describeConfigRules", {}),
            ("config:startConfigRulesEvaluation", {"ConfigRuleNames": [PLAIN["ConfigRuleName"]]}),
            ("config:describeConfigRules", {"NextToken": "2"}),
            ("config:startConfigRulesEvaluation", {"ConfigRuleNames": [OF_A_PACK["ConfigRuleName"]]}),
        ]

    @pytest.mark.parametrize("call", ["config:describeConfigRules", "config:startConfigRulesEvaluation"])
    @pytest.mark.parametrize("code", ["Config.LimitExceededException", "Config.ResourceInUseException", "States.Timeout"])
    def test_a_refused_call_is_retried(self, account, aws, call, code):
        aws.answers[call] = refuse_first(15, code, aws.answers[call])
        [execution] = account.happens(event_of("root-deletes-own-key"))
        assert execution["status"] == "SUCCEEDED"
        assert len(asked(aws, call)) == 17

    def test_refused_to_the_end_it_fails_and_emits_the_event_that_is_notified(self, account, aws):
        aws.answers["config:startConfigRulesEvaluation"] = refuse_first(99, "Config.LimitExceededException", None)
        [execution] = account.happens(event_of("root-deletes-own-key"))
        assert (execution["status"], execution["error"]) == ("FAILED", "Config.LimitExceededException")
        assert len(asked(aws, "config:startConfigRulesEvaluation")) == 16
        [message] = account.messages(1)
        assert execution["executionArn"] in message["Message"]
        assert f"account {account.id}" in message["Message"]

    def test_a_call_that_the_service_does_not_take_is_found(self, account, aws):
        aws.answers["config:describeConfigRules"] = lambda _: {"ConfigRules": [{**PLAIN, "ConfigRuleName": 1}]}
        [execution] = account.happens(event_of("root-deletes-own-key"))
        assert execution["status"] == "FAILED"
        assert "Invalid type for parameter ConfigRuleNames" in execution["cause"]
        account.messages()


class TestSecurityHub:
    NAME = "root-access-key-rule-security-hub"

    @pytest.mark.parametrize("rule", [PLAIN, OF_A_PACK], ids=lambda it: it["ConfigRuleName"])
    def test_a_key_becomes_a_critical_finding_that_is_archived_without_it(self, account, aws, rule):
        aws.answers["config:describeConfigRules"] = lambda _: {"ConfigRules": [rule]}
        states = []
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
            states.append((finding["Id"], finding["Compliance"]["Status"], finding["RecordState"]))
        name = f"root-access-key-rule/us-east-1/{account.id}"
        assert states == [(name, "FAILED", "ACTIVE"), (name, "PASSED", "ARCHIVED")]
        account.messages()

    @pytest.mark.parametrize("annotation", HOSTILE, ids=lambda it: ascii(it[:12]))
    def test_an_annotation_arrives_as_it_is(self, account, aws, annotation):
        verdict = {**HAS_KEY, "Annotation": annotation}
        aws.answers["config:getComplianceDetailsByConfigRule"] = lambda it: {"EvaluationResults": [result(it, verdict)]}
        assert account.start(self.NAME, {})["status"] == "SUCCEEDED"
        findings = [it["Findings"][0] for it in asked(aws, "securityhub:batchImportFindings")]
        assert [it["Description"] for it in findings] == [annotation] * 2

    @pytest.mark.parametrize("results", [[], ["NOT_APPLICABLE"], ["INSUFFICIENT_DATA"]])
    def test_without_a_verdict_nothing_is_imported(self, account, aws, results):
        aws.answers["config:getComplianceDetailsByConfigRule"] = lambda it: {
            "EvaluationResults": [result(it, {"ComplianceType": kind}) for kind in results]
        }
        assert account.start(self.NAME, {})["status"] == "SUCCEEDED"
        assert asked(aws, "securityhub:batchImportFindings") == []

    @pytest.mark.parametrize("answer", [
        refuse_first(99, "SecurityHub.InvalidAccessException", None),
        lambda _: {"FailedCount": 1, "SuccessCount": 0, "FailedFindings": [{"Id": "x", "ErrorCode": "InvalidAccess"}]},
    ], ids=["the call", "the finding"])
    def test_an_account_without_security_hub_is_no_failure(self, account, aws, answer):
        aws.answers["securityhub:batchImportFindings"] = answer
        execution = account.start(self.NAME, {})
        assert execution["status"] == "SUCCEEDED"
        assert len(asked(aws, "securityhub:batchImportFindings")) == 2

    def test_a_refused_finding_fails_after_retries_with_the_reason(self, account, aws):
        failure = {"Id": "x", "ErrorCode": "InvalidInput", "ErrorMessage": "why it failed"}
        aws.answers["securityhub:batchImportFindings"] = lambda _: {
            "FailedCount": 1, "SuccessCount": 0, "FailedFindings": [failure],
        }
        execution = account.start(self.NAME, {})
        assert (execution["status"], execution["error"]) == ("FAILED", "FindingNotImported")
        assert json.loads(execution["cause"]) == failure
        assert len(asked(aws, "securityhub:batchImportFindings")) == 13
        [message] = account.messages(1)
        assert f"Security Hub of account {account.id}" in message["Message"]
        assert execution["executionArn"] in message["Message"]

    @pytest.mark.parametrize("code", ["SecurityHub.InternalException", "States.Timeout"])
    def test_after_an_error_the_result_is_read_again(self, account, aws, code):
        verdicts = [HAS_KEY, NO_KEY]
        aws.answers["config:describeConfigRules"] = lambda _: {"ConfigRules": [PLAIN]}
        aws.answers["config:getComplianceDetailsByConfigRule"] = lambda it: {
            "EvaluationResults": [result(it, verdicts.pop(0))]
        }
        accept = aws.answers["securityhub:batchImportFindings"]
        aws.answers["securityhub:batchImportFindings"] = refuse_first(1, code, accept)
        assert account.start(self.NAME, {})["status"] == "SUCCEEDED"
        statuses = [it["Findings"][0]["Compliance"]["Status"] for it in asked(aws, "securityhub:batchImportFindings")]
        assert statuses == ["FAILED", "PASSED"]
