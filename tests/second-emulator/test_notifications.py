"""Events on a default bus become messages, in an emulator whose code is not changed.

In the account of the rule, and from a member through the bus of the administrator account. ministack delivers to no bus
of another account, so that here one account is both.
"""

import json
import re

import pytest

from account import Account
from events import CASES, SECRET, event_of
from sdk_calls import Refused

# What the rule itself does after an event is for the tests of the state machines.
NOT_NOTIFIED = {"KeysChanged"}


def expected(case) -> set[str]:
    """The notifications of an event on a default bus, where every event is of the account."""
    if case.name == "root-of-another-account-creates-own-key":
        return {"RootKeyCreated"}
    return set(case.rules - NOT_NOTIFIED)


@pytest.fixture(scope="class")
def account_stack(ministack, account, templates):
    ministack.reset()
    account.deploy("RootAccessKeyRule", templates["RootAccessKeyRule"])
    account.listen()


@pytest.fixture(scope="class")
def organization_stacks(ministack, account, templates):
    ministack.reset()
    account.deploy("Alerts", templates["RootAccessKeyRuleOrganizationAlerts"])
    member = only(templates["Member"], "Forwarding")
    bus = f"arn:aws:events:{account.region}:{account.id}:event-bus/root-access-key-rule-org"
    account.deploy("Member", member, NoticeBus=bus)
    account.listen()


@pytest.mark.usefixtures("account_stack")
class TestInTheAccount:
    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_an_event_becomes_its_messages_and_no_other(self, account, sdk, case):
        assert_messages(account, sdk, case)


@pytest.mark.usefixtures("organization_stacks")
class TestOfAMember:
    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_an_event_becomes_the_administrators_messages_and_no_other(self, account, sdk, case):
        assert_messages(account, sdk, case)

    def test_a_message_names_the_account_or_is_sent_without_its_name(self, account, sdk):
        for answer, shown in (({"Account": {"Name": 'A "B" & C'}}, f'account {account.id} (A "B" & C)'), ({}, f"account {account.id} ")):
            sdk.answers["organizations:describeAccount"] = lambda _, answer=answer: answer or refuse()
            account.happens(event_of("account-became-non-compliant"))
            [message] = account.messages(1)
            assert shown.casefold() in message["Message"].casefold()

    def test_the_result_token_of_a_final_failure_is_in_no_execution(self, account, sdk):
        [forwarded] = account.happens(event_of("evidence-unavailable"))
        assert "EvidenceUnavailable" in forwarded["input"]
        account.messages(1)
        shown = json.dumps([(it, account.history(it)) for it in account.executions()], default=str)
        assert SECRET not in shown and "invokingEvent" not in shown

    def test_a_failure_whose_text_has_quotation_marks_is_forwarded_too(self, account, sdk):
        event = event_of("evidence-unavailable")
        event["detail"]["responsePayload"]["errorMessage"] = 'the parameter "size" is not known'
        account.happens(event)
        [message] = account.messages(1)
        assert 'the parameter "size" is not known' in message["Message"]


def refuse() -> None:
    raise Refused("Organizations.AccountNotFoundException")


def assert_messages(account: Account, sdk, case) -> None:
    sdk.answers |= {
        "config:describeConfigRules": lambda _: {"ConfigRules": []},
        "organizations:describeAccount": lambda it: {"Account": {"Id": it["AccountId"], "Name": "Payments"}},
    }
    for execution in account.happens(case.event):
        assert execution["status"] == "SUCCEEDED", execution
    messages = account.messages(len(expected(case)))
    assert len(messages) == len(expected(case)), messages
    for it in messages:
        assert re.fullmatch("[ -~]{1,99}", it["Subject"]) and account.id in it["Subject"]
        assert account.id in it["Message"] and "What to do:" in it["Message"]
        assert SECRET not in it["Message"] and "<" not in it["Message"]


def only(template: dict, prefix: str) -> dict:
    """The resources whose names begin with the prefix, and the parameters that they use."""
    kept = {name: it for name, it in template["Resources"].items() if name.startswith(prefix)}
    used = {name: it for name, it in template["Parameters"].items() if f'"{name}"' in json.dumps(kept)}
    return {"Resources": kept, "Parameters": used}
