"""A change of a root key has the ConfigRules evaluated again: the deployed state machine, in an emulator whose code is not changed."""

import json
from uuid import uuid4

import pytest

from config_rules import OF_A_PACK, OTHER, PLAIN, asked, refuse_first, two_pages
from events import event_of
from resolved_templates import filled
from sdk_calls import Refused

NAME = "root-access-key-rule"


@pytest.fixture(scope="module", autouse=True)
def deployed(account, templates):
    account.deploy("RootAccessKeyRule", templates["RootAccessKeyRule"])
    account.listen()


@pytest.fixture(autouse=True)
def aws(account, sdk):
    """AWS Config with rules on two pages."""
    sdk.clear()
    sdk.answers |= {"config:describeConfigRules": two_pages, "config:startConfigRulesEvaluation": lambda _: {}}
    yield sdk
    account.messages()


def test_it_lets_iam_settle_and_asks_again_for_about_an_hour(templates):
    template = templates["RootAccessKeyRule"]
    [machine] = [
        it["Properties"] for it in template["Resources"].values()
        if it["Type"] == "AWS::StepFunctions::StateMachine" and it["Properties"]["StateMachineName"] == NAME
    ]
    states = json.loads(filled(machine["DefinitionString"], template))["States"]
    assert states["LetIamSettle"]["Seconds"] == 60
    states |= states["EachRule"]["ItemProcessor"]["States"]
    [retry, *others] = [retry for it in states.values() if it["Type"] == "Task" for retry in it["Retry"]]
    assert others == [retry, retry]
    assert (retry["ErrorEquals"], retry["JitterStrategy"]) == (["States.ALL"], "FULL")
    waits = [min(70 * 1.5**attempt, retry["MaxDelaySeconds"]) for attempt in range(retry["MaxAttempts"])]
    # With full jitter a wait is anything up to this, half of it on average.
    assert 3000 < sum(waits) / 2 < 4200
    assert sum(waits) < 7200


def test_it_starts_the_rules_of_the_function_on_every_page_and_no_other(account, aws):
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
def test_a_refused_call_is_retried(account, aws, call, code):
    aws.answers[call] = refuse_first(15, code, aws.answers[call])
    [execution] = account.happens(event_of("root-deletes-own-key"))
    assert execution["status"] == "SUCCEEDED"
    assert len(asked(aws, call)) == 17


def test_refused_to_the_end_it_fails_and_emits_the_event_that_is_notified(account, aws):
    aws.answers["config:startConfigRulesEvaluation"] = refuse_first(99, "Config.LimitExceededException")
    [execution] = account.happens(event_of("root-deletes-own-key"))
    assert (execution["status"], execution["error"]) == ("FAILED", "Config.LimitExceededException")
    assert len(asked(aws, "config:startConfigRulesEvaluation")) == 16
    [message] = account.messages(1)
    assert execution["executionArn"] in message["Message"]
    assert f"account {account.id}" in message["Message"]


def test_a_call_that_the_service_does_not_take_is_found(account, aws):
    aws.answers["config:describeConfigRules"] = lambda _: {"ConfigRules": [{**PLAIN, "ConfigRuleName": 1}]}
    [execution] = account.happens(event_of("root-deletes-own-key"))
    assert execution["status"] == "FAILED"
    assert "Invalid type for parameter ConfigRuleNames" in execution["cause"]
    account.messages()


def test_without_a_rule_there_is_nothing_to_start(account, aws):
    aws.answers["config:describeConfigRules"] = lambda _: {"ConfigRules": [OTHER]}
    [execution] = account.happens(event_of("root-creates-own-key"))
    assert execution["status"] == "SUCCEEDED"
    assert asked(aws, "config:startConfigRulesEvaluation") == []


def test_each_event_of_a_burst_has_an_evaluation_started_after_it(account, aws):
    """AWS Config refuses a start that follows another one."""
    aws.answers["config:describeConfigRules"] = lambda _: {"ConfigRules": [PLAIN]}
    taken, refused = [], []

    def start(parameters: dict) -> dict:
        if len(refused) < len(taken):
            refused.append(parameters)
            raise Refused("Config.LimitExceededException")
        taken.append(parameters["ConfigRuleNames"])
        return {}

    aws.answers["config:startConfigRulesEvaluation"] = start
    states = account.client("stepfunctions")
    machine = f"arn:aws:states:{account.region}:{account.id}:stateMachine:{NAME}"
    started = [states.start_execution(stateMachineArn=machine, input="{}", name=str(uuid4()))["executionArn"] for _ in range(5)]
    ends = {it["executionArn"]: it["status"] for it in account.executions()}
    assert [ends[it] for it in started] == ["SUCCEEDED"] * 5
    assert taken == [[NAME]] * 5
    assert len(refused) >= 4
