"""The state machine of a re-evaluation, run by moto's interpreter of the Amazon States Language."""

import json
import threading
import time

import pytest
import requests
from moto.config.exceptions import JsonRESTError
from moto.config.models import config_backends
from moto.config.responses import ConfigResponse
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.implementations.string_operators import (
    StringEquals,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.variable import NoSuchVariable

from environment import ACCOUNT, REGION
from synthesis import FUNCTION, resources, synthesize

PLAIN = "root-access-key-rule"
OF_A_PACK = "root-access-key-rule-conformance-pack-a1b2c3d4e"
OTHERS = [f"other-rule-{number:02}" for number in range(30)]


@pytest.fixture(scope="module")
def machine(tmp_path_factory) -> dict:
    [properties] = resources(synthesize(tmp_path_factory.mktemp("cdk.out")), "AWS::StepFunctions::StateMachine")
    return properties


@pytest.fixture
def client(aws, state_machines):
    return aws.client


class EvaluationStarts:
    """StartConfigRulesEvaluation of AWS Config, which moto lacks: the accepted calls and the number of refusals.

    https://docs.aws.amazon.com/config/latest/APIReference/API_StartConfigRulesEvaluation.html
    """

    def __init__(self):
        self.refusals: list[str] = []
        self.refuse_always = ""
        self.refuse_after_each = ""
        self.taken: list[list[str]] = []
        self.refused = 0
        self.lock = threading.Lock()

    def answer(self, names: list[str]) -> str:
        with self.lock:
            code = self.refuse_always or (self.refusals.pop(0) if self.refusals else "")
            if code:
                self.refused += 1
                raise JsonRESTError(code, "not now")
            self.taken.append(names)
            if self.refuse_after_each:
                self.refusals.append(self.refuse_after_each)
            return "{}"


@pytest.fixture
def config(client, monkeypatch):
    """AWS Config with both kinds of rules of ours, one on each page, and one that no function evaluates."""
    starts = EvaluationStarts()
    monkeypatch.setattr(
        ConfigResponse,
        "start_config_rules_evaluation",
        lambda response: starts.answer(response._get_param("ConfigRuleNames")),
        raising=False,
    )
    role = f"arn:aws:iam::{ACCOUNT}:role/any"
    client("iam").create_role(RoleName="any", AssumeRolePolicyDocument="{}")
    for function in (PLAIN, f"{PLAIN}-other"):
        client("lambda").create_function(
            FunctionName=function, Runtime="provided.al2023", Handler="x", Role=role, Code={"ZipFile": b"x"}
        )
    put_rules(client, {PLAIN: FUNCTION, OF_A_PACK: FUNCTION, **dict.fromkeys(OTHERS, f"{FUNCTION}-other")})
    # moto does not take such a rule. Its policy is in it, and AWS Config shows no SourceIdentifier.
    policy = config_backends[ACCOUNT][REGION].config_rules[OTHERS[0]].source
    policy.owner, policy.source_identifier = "CUSTOM_POLICY", None
    monkeypatch.setattr(StringEquals, "eval", staticmethod(string_equals))
    yield starts
    requests.post(f"{client('iam').meta.endpoint_url}/moto-api/reset", timeout=60)


def string_equals(env, value: str) -> None:
    """A comparison with an absent field fails the execution; in moto, the field is unequal.

    https://states-language.net/spec.html#choice-state
    """
    found = env.stack.pop()
    if isinstance(found, NoSuchVariable):
        raise RuntimeError("States.Runtime: the choice state's condition path references an invalid value")
    env.stack.append(found == value)


def put_rules(client, functions: dict[str, str]) -> None:
    details = [{"EventSource": "aws.config", "MessageType": "ScheduledNotification"}]
    for name, function in functions.items():
        source = {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": function, "SourceDetails": details}
        client("config").put_config_rule(ConfigRule={"ConfigRuleName": name, "Source": source})


def without_waits(definition: str, attempts: int) -> str:
    """The same definition without its waits, so that the test is fast."""
    def shorten(state: dict) -> dict:
        if "Retry" in state:
            state["Retry"][0] |= {"IntervalSeconds": 1, "MaxDelaySeconds": 2, "MaxAttempts": attempts}
        return state | {"Seconds": 0} if state.get("Type") == "Wait" else state

    return json.dumps(json.loads(definition, object_hook=shorten))


def run(client, machine: dict, executions: int = 1, attempts: int = 15) -> list[str]:
    """The status of each of several concurrent executions, once they have ended."""
    states = client("stepfunctions")
    arn = states.create_state_machine(
        name=f"{machine['StateMachineName']}-{time.monotonic_ns()}",
        definition=without_waits(machine["DefinitionString"], attempts),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/any",
    )["stateMachineArn"]
    started = [
        states.start_execution(stateMachineArn=arn, name=f"event-{number}")["executionArn"]
        for number in range(executions)
    ]
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        ends = [states.describe_execution(executionArn=it)["status"] for it in started]
        if "RUNNING" not in ends:
            return ends
        time.sleep(0.2)
    raise AssertionError(f"still running: {ends}")


def test_it_lets_iam_settle_and_asks_again_for_about_an_hour(machine):
    states = json.loads(machine["DefinitionString"])["States"]
    assert states["LetIamSettle"]["Seconds"] == 60
    states |= states["EachRule"]["ItemProcessor"]["States"]
    [retry, *others] = [retry for it in states.values() if it["Type"] == "Task" for retry in it["Retry"]]
    assert others == [retry, retry]
    assert (retry["ErrorEquals"], retry["JitterStrategy"]) == (["States.ALL"], "FULL")
    waits = [min(70 * 1.5**attempt, retry["MaxDelaySeconds"]) for attempt in range(retry["MaxAttempts"])]
    # With full jitter a wait is anything up to this, half of it on average.
    assert 3000 < sum(waits) / 2 < 4200
    assert sum(waits) < 7200


def test_it_starts_the_plain_rule_and_that_of_a_pack_on_whatever_page_and_no_other(client, machine, config):
    pages = client("config").describe_config_rules()
    assert OF_A_PACK not in str(pages["ConfigRules"]) or PLAIN not in str(pages["ConfigRules"])
    assert run(client, machine) == ["SUCCEEDED"]
    assert sorted(sum(config.taken, [])) == [PLAIN, OF_A_PACK]


def test_without_a_rule_there_is_nothing_to_start(client, machine, config):
    for rule in (PLAIN, OF_A_PACK):
        client("config").delete_config_rule(ConfigRuleName=rule)
    assert run(client, machine) == ["SUCCEEDED"]
    assert config.taken == []


@pytest.mark.parametrize("code", ["LimitExceededException", "ResourceInUseException"])
def test_refused_twice_it_starts_at_the_third_attempt(client, machine, config, code):
    client("config").delete_config_rule(ConfigRuleName=OF_A_PACK)
    config.refusals = [code, code]
    assert run(client, machine) == ["SUCCEEDED"]
    assert (config.refused, config.taken) == (2, [[PLAIN]])


def test_refused_to_the_end_it_fails_and_has_started_nothing(client, machine, config):
    config.refuse_always = "LimitExceededException"
    assert run(client, machine, attempts=3) == ["FAILED"]
    assert (config.refused, config.taken) == (4, [])


def test_each_event_of_a_burst_has_an_evaluation_started_after_it(client, machine, config):
    client("config").delete_config_rule(ConfigRuleName=OF_A_PACK)
    config.refuse_after_each = "LimitExceededException"
    assert run(client, machine, executions=5) == ["SUCCEEDED"] * 5
    assert config.taken == [[PLAIN]] * 5
    assert config.refused >= 4
