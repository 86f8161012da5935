"""A rollout to a thousand accounts: every evaluation, where it is stored, and what does not grow.

Every rule is one that moto's CloudFormation expanded from the template of the
StackSet. Every event belongs to its rule and reaches the function of its own account: the
real binary, one process for each account.
"""

import json
import random
import secrets
import subprocess
from collections import Counter
from datetime import datetime, timezone
from itertools import combinations
from types import SimpleNamespace

import pytest

from strict_moto.cloudformation import acting_for
from environment import ACCOUNT, DEPLOY, REGION
from organization import MANAGEMENT, NAME, central
from test_account_deployment import unpacked

# The states of accounts: how many of a thousand, and the description of one for the local AWS emulator.
KINDS = {
    "clean": (640, {}),
    "a key": (150, {"rootKeys": ["active"]}),
    "two keys": (50, {"rootKeys": ["active", "inactive"]}),
    "an inactive key": (50, {"rootKeys": ["inactive"]}),
    "IAM denied": (40, {"denied": True}),
    "function deleted": (30, {}),
    "not recording": (20, {"recorder": False}),
    "suspended": (10, {"state": "SUSPENDED"}),
    "joined late": (10, {}),
}
EVALUATED = {
    "clean": "COMPLIANT",
    "a key": "NON_COMPLIANT",
    "two keys": "NON_COMPLIANT",
    "an inactive key": "NON_COMPLIANT",
}
# The result that `root-keys status` shows for the others.
NOT_EVALUATED = {
    "IAM denied": "no result",
    "function deleted": "no result",
    "not recording": "no result",
    "joined late": "no result",
    "suspended": "not active",
}
# The fields of an event that name the account whose rule sent it, or belong to that account.
FIELDS = ("accountId", "invokingEvent", "configRuleArn", "executionRoleArn", "resultToken")
MIXTURES = [fields for count in range(1, len(FIELDS) + 1) for fields in combinations(FIELDS, count)]
# The mixed-up events of each account, beside its correct one.
MIXED_UP = 8


@pytest.fixture(scope="module")
def fleet(aws, cdk, organization, settings, local_aws, artifact, request, tmp_path_factory):
    """The rollout to ten accounts, then to all, and the outcome of every event."""
    unit = organization.unit("Workloads")
    # The administrator is a member like the others.
    organization.move(ACCOUNT, unit)
    accounts = dict.fromkeys([ACCOUNT, *organization.join(9, unit)], "clean")
    options = settings(unit, alertEmail="security@example.com", unconfirmedAlertEmail="accept", dashboard="true")
    cdk(*DEPLOY, "--all", *options)
    small = central(aws)
    for kind, (of_a_thousand, told) in KINDS.items():
        if kind == "joined late":
            organization.deploy_to_new_accounts([unit])
        count = of_a_thousand * request.config.getoption("--accounts") // 1000
        joined = organization.join(count, unit, recorder=told.get("recorder", True))
        accounts.update(dict.fromkeys(joined, kind))
        if kind == "suspended":
            for account in joined:
                organization.suspend(account)
    for account in of(accounts, "function deleted"):
        with acting_for(account):
            organization.client("lambda").delete_function(FunctionName=NAME)
    rules = {account: next(iter(organization.rules(account)), None) for account in accounts}
    folder = tmp_path_factory.mktemp("fleet")
    description = folder / "description.json"
    description.write_text(json.dumps(described(organization, unit, accounts, rules)))
    process = subprocess.Popen(
        [local_aws.with_name("fleet"), description, "--bootstrap", unpacked(artifact.read_bytes(), folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    *lines, last = (json.loads(next(process.stdout)) for _ in range(len(accounts) + 1))
    yield SimpleNamespace(
        accounts=accounts,
        rules=rules,
        told={it["account"]: it for it in lines},
        environment=last,
        organization=organization,
        small=small,
        large=central(aws),
    )
    process.stdin.close()
    process.wait(timeout=60)


def of(accounts: dict[str, str], *kinds: str) -> list[str]:
    return [account for account, kind in accounts.items() if kind in kinds]


def described(organization, unit: str, accounts: dict[str, str], rules: dict[str, dict | None]) -> dict:
    """The description for the local AWS emulator. An account contains what moto says it contains."""
    instances, chance = organization.instances(), random.Random(1)
    whole = {account: event_of(rule, account) for account, rule in rules.items() if rule}

    def member(account: str, number: int) -> dict:
        rule, instance = rules[account], instances.get(account)
        return {
            "account": account,
            "name": accounts[account],
            "state": "ACTIVE",
            "recorder": True,
            "instance": instance and {
                "status": instance.status, "detailedStatus": instance.detailed_status, "reason": instance.reason
            },
            "rule": rule and {"name": rule["ConfigRuleName"], "tokens": [whole[account]["resultToken"]]},
            "function": (organization.function(account) or {}).get("FunctionArn"),
            "events": events_for(account, number, whole, chance) if rule else [],
            **KINDS[accounts[account]][1],
        }

    return {
        "managementAccount": MANAGEMENT,
        "administrator": ACCOUNT,
        "unit": unit,
        "stackSet": NAME,
        "template": organization.template(),
        "members": [member(account, number) for number, account in enumerate(accounts)],
    }


def event_of(rule: dict, account: str) -> dict:
    """The event that AWS Config sends for the rule, with a result token of its own."""
    [detail] = rule["Source"]["SourceDetails"]
    notification = {
        "awsAccountId": account,
        "notificationCreationTime": datetime.now(timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z",
        "messageType": detail["MessageType"],
        "recordVersion": "1.0",
    }
    return {
        "version": "1.0",
        "invokingEvent": json.dumps(notification),
        "ruleParameters": rule.get("InputParameters", "{}"),
        "resultToken": secrets.token_urlsafe(600),
        "eventLeftScope": False,
        "executionRoleArn": f"arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
        "configRuleArn": rule["ConfigRuleArn"],
        "configRuleName": rule["ConfigRuleName"],
        "configRuleId": rule["ConfigRuleId"],
        "accountId": account,
        "evaluationMode": "DETECTIVE",
    }


def mixtures_of(number: int) -> list[tuple[str, ...]]:
    """The fields of each mixed-up event that come from another account. Over several accounts all mixtures occur."""
    return [MIXTURES[(number * MIXED_UP + index) % len(MIXTURES)] for index in range(MIXED_UP)]


def events_for(account: str, number: int, whole: dict[str, dict], chance: random.Random) -> list[dict]:
    """The correct event of the account, in the middle of events that are mixed up with another account's."""
    mixed = []
    for fields in mixtures_of(number):
        other = whole[chance.choice([it for it in whole if it != account])]
        mixed.append({**whole[account], **{field: other[field] for field in fields}})
    return [*mixed[: MIXED_UP // 2], whole[account], *mixed[MIXED_UP // 2 :]]


def test_there_are_as_many_accounts_as_requested_of_every_kind(fleet, request):
    assert len(fleet.accounts) >= request.config.getoption("--accounts")
    assert set(fleet.accounts.values()) == set(KINDS)


def test_each_account_that_was_ready_has_one_rule_and_it_calls_its_own_function(fleet):
    ready = of(fleet.accounts, *EVALUATED, "IAM denied", "function deleted")
    names = [fleet.rules[account]["ConfigRuleName"] for account in ready]
    assert len(set(names)) == len(ready)
    for account in ready:
        assert fleet.rules[account]["Source"]["SourceIdentifier"] == (
            f"arn:aws:lambda:{REGION}:{account}:function:{NAME}"
        )
    not_ready = of(fleet.accounts, "not recording", "joined late", "suspended")
    assert [account for account in not_ready if fleet.rules[account]] == []


def test_every_account_that_can_be_evaluated_has_one_evaluation_and_no_other_account_has_any(fleet):
    for account, kind in fleet.accounts.items():
        evaluations = fleet.told[account]["evaluations"]
        if kind not in EVALUATED:
            assert evaluations == [], (account, kind)
            continue
        [evaluation] = evaluations
        assert evaluation["resource"] == ["AWS::::Account", account]
        assert evaluation["rule"] == fleet.rules[account]["ConfigRuleName"]
        assert evaluation["compliance"] == EVALUATED[kind], (account, kind)


def test_an_event_mixed_up_with_another_account_s_fails_and_leads_to_no_evaluation(fleet):
    seen = Counter()
    for number, (account, kind) in enumerate(fleet.accounts.items()):
        outcomes = fleet.told[account]["outcomes"]
        if not outcomes:
            assert kind not in (*EVALUATED, "IAM denied")
            continue
        own = outcomes.pop(MIXED_UP // 2)
        assert own == ("EvidenceUnavailable" if kind == "IAM denied" else None), (account, kind)
        for fields, outcome in zip(mixtures_of(number), outcomes, strict=True):
            token_alone = "EvidenceUnavailable" if kind == "IAM denied" else "EvaluationRejected"
            assert outcome == (token_alone if fields == ("resultToken",) else "WrongAccount"), (account, fields)
            seen[fields] += 1
    assert set(seen) == set(MIXTURES)


@pytest.fixture(scope="module")
def status(fleet, local_aws):
    """The output of `root-keys status` for the administrator."""
    command = [local_aws.with_name("root-keys"), "status", "--output", "json"]
    environment = {**fleet.environment, "AWS_REGION": REGION}
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False, timeout=300)
    assert done.returncode == 2, done.stderr
    return json.loads(done.stdout)


def test_status_shows_the_state_of_every_account(fleet, status):
    told = {it["account"]: it for it in status["accounts"]}
    assert set(told) == {*fleet.accounts, MANAGEMENT}
    compliance = {account: it["compliance"] for account, it in told.items()}
    truth = {account: {**EVALUATED, **NOT_EVALUATED}[kind] for account, kind in fleet.accounts.items()}
    assert compliance == {**truth, MANAGEMENT: "no result"}
    for account, kind in fleet.accounts.items():
        there = kind in (*EVALUATED, "IAM denied", "function deleted")
        assert (told[account]["function"] == "StackSet", told[account]["rule"] == "pack") == (there, there), told[account]


def test_status_names_a_remedy_for_every_issue(fleet, status):
    told = {it["account"]: it["problems"] for it in status["accounts"]}
    assert all(problem["what"] and problem["remedy"] for problems in told.values() for problem in problems)
    # Nothing can be fixed in a suspended account.
    silent = {kind for account, kind in fleet.accounts.items() if not told[account]}
    assert silent == {"clean", "suspended"}
    assert {kind for account, kind in fleet.accounts.items() if told[account]} == set(KINDS) - silent
    for account in of(fleet.accounts, "not recording"):
        assert "NoAvailableConfigurationRecorder" in json.dumps(told[account])


def test_nothing_central_grows_with_the_accounts(fleet):
    assert fleet.large == fleet.small


def test_what_is_in_an_account_is_the_same_in_the_first_and_the_last(fleet):
    judged = of(fleet.accounts, *EVALUATED)
    first, last = (fleet.organization.inventory(account) for account in (judged[1], judged[-1]))
    assert first == last
