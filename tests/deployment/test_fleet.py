"""A rollout to a thousand accounts: what is found, where it lands, and what does not grow.

Every rule is one that moto's CloudFormation expanded from the template of the
StackSet. Every event is its rule's, and is answered by its own function: the
real binary, a process of its own for each account.
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
from environment import ACCOUNT, REGION, REPOSITORY
from organization import MANAGEMENT, NAME, Organization
from test_account_deployment import unpacked
from test_organization_deployment import DEPLOY, bootstrap, central

# What is the matter with an account: how many of a thousand, and what the stand-in is told of it.
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
JUDGED = {
    "clean": "COMPLIANT",
    "a key": "NON_COMPLIANT",
    "two keys": "NON_COMPLIANT",
    "an inactive key": "NON_COMPLIANT",
}
# What `root-keys status` has to say of the others.
UNJUDGED = {
    "IAM denied": "no result",
    "function deleted": "no result",
    "not recording": "no result",
    "joined late": "no result",
    "suspended": "not active",
}
# What in an event names the account whose rule sent it, or stands for it.
FIELDS = ("accountId", "invokingEvent", "configRuleArn", "executionRoleArn", "resultToken")
MIXTURES = [fields for count in range(1, len(FIELDS) + 1) for fields in combinations(FIELDS, count)]
# Of each account, beside the event that is whole.
MIXED_UP = 8


@pytest.fixture(scope="module")
def fleet(aws, cdk, local_aws, artifact, request, tmp_path_factory):
    """The rollout to ten accounts, then to all, and what came of every event."""
    organization = Organization(aws.endpoint)
    bootstrap(aws, cdk)
    unit = organization.unit("Workloads")
    # The administrator is a member like the others.
    organization.move(ACCOUNT, unit)
    accounts = dict.fromkeys([ACCOUNT, *organization.join(9, unit)], "clean")
    cdk(*DEPLOY, "--all", *rollout(organization, unit))
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


def rollout(organization, unit) -> list[str]:
    settings = {
        "mode": "stack-set",
        "organizationId": organization.id,
        "organizationalUnits": unit,
        "administrator": "delegated-administrator",
        "managementAccount": "exclude",
        "alertEmail": "security@example.com",
        "unconfirmedAlertEmail": "accept",
        "dashboard": "true",
    }
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def of(accounts: dict[str, str], *kinds: str) -> list[str]:
    return [account for account, kind in accounts.items() if kind in kinds]


def described(organization, unit: str, accounts: dict[str, str], rules: dict[str, dict | None]) -> dict:
    """All of it as the stand-in is told; what is there in an account is what moto says is there."""
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
    """What AWS Config sends for the rule, with a result token that no other event has."""
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
    """The fields that come from another account, of each event that is mixed up; over some accounts all there are."""
    return [MIXTURES[(number * MIXED_UP + index) % len(MIXTURES)] for index in range(MIXED_UP)]


def events_for(account: str, number: int, whole: dict[str, dict], chance: random.Random) -> list[dict]:
    """The event of the account's own rule, in the middle of those that are mixed up with another account's."""
    mixed = []
    for fields in mixtures_of(number):
        other = whole[chance.choice([it for it in whole if it != account])]
        mixed.append({**whole[account], **{field: other[field] for field in fields}})
    return [*mixed[: MIXED_UP // 2], whole[account], *mixed[MIXED_UP // 2 :]]


def test_there_are_a_thousand_accounts_of_each_kind(fleet, request):
    assert len(fleet.accounts) >= request.config.getoption("--accounts")
    assert set(fleet.accounts.values()) == set(KINDS)


def test_each_account_that_was_ready_has_one_rule_and_it_calls_its_own_function(fleet):
    ready = of(fleet.accounts, *JUDGED, "IAM denied", "function deleted")
    names = [fleet.rules[account]["ConfigRuleName"] for account in ready]
    assert len(set(names)) == len(ready)
    for account in ready:
        assert fleet.rules[account]["Source"]["SourceIdentifier"] == (
            f"arn:aws:lambda:{REGION}:{account}:function:{NAME}"
        )
    not_ready = of(fleet.accounts, "not recording", "joined late", "suspended")
    assert [account for account in not_ready if fleet.rules[account]] == []


def test_every_account_that_can_be_judged_has_its_evaluation_and_no_other_account_has_one(fleet):
    for account, kind in fleet.accounts.items():
        evaluations = fleet.told[account]["evaluations"]
        if kind not in JUDGED:
            assert evaluations == [], (account, kind)
            continue
        [evaluation] = evaluations
        assert evaluation["resource"] == ["AWS::::Account", account]
        assert evaluation["rule"] == fleet.rules[account]["ConfigRuleName"]
        assert evaluation["compliance"] == JUDGED[kind], (account, kind)


def test_an_event_that_is_mixed_up_with_another_account_s_fails_and_is_never_an_evaluation(fleet):
    seen = Counter()
    for number, (account, kind) in enumerate(fleet.accounts.items()):
        outcomes = fleet.told[account]["outcomes"]
        if not outcomes:
            assert kind not in (*JUDGED, "IAM denied")
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
    """What `root-keys status` prints for the administrator."""
    command = [local_aws.with_name("root-keys"), "status", "--output", "json"]
    environment = {**fleet.environment, "AWS_REGION": REGION}
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False, timeout=300)
    assert done.returncode == 2, done.stderr
    return json.loads(done.stdout)


def test_status_tells_the_truth_of_every_account(fleet, status):
    told = {it["account"]: it for it in status["accounts"]}
    assert set(told) == {*fleet.accounts, MANAGEMENT}
    compliance = {account: it["compliance"] for account, it in told.items()}
    truth = {account: {**JUDGED, **UNJUDGED}[kind] for account, kind in fleet.accounts.items()}
    assert compliance == {**truth, MANAGEMENT: "no result"}
    for account, kind in fleet.accounts.items():
        there = kind in (*JUDGED, "IAM denied", "function deleted")
        assert (told[account]["function"] == "StackSet", told[account]["rule"] == "pack") == (there, there), told[account]


def test_status_says_of_every_account_that_is_not_as_it_should_be_what_mends_it(fleet, status):
    told = {it["account"]: it["problems"] for it in status["accounts"]}
    assert all(problem["what"] and problem["remedy"] for problems in told.values() for problem in problems)
    # In a suspended account nothing can be mended.
    silent = {kind for account, kind in fleet.accounts.items() if not told[account]}
    assert silent == {"clean", "suspended"}
    assert {kind for account, kind in fleet.accounts.items() if told[account]} == set(KINDS) - silent
    for account in of(fleet.accounts, "not recording"):
        assert "NoAvailableConfigurationRecorder" in json.dumps(told[account])


def test_nothing_central_grows_with_the_accounts(fleet):
    assert fleet.large == fleet.small


def test_what_is_in_an_account_is_the_same_for_the_first_and_the_last(fleet):
    judged = of(fleet.accounts, *JUDGED)
    first, last = (fleet.organization.inventory(account) for account in (judged[1], judged[-1]))
    assert first == last
