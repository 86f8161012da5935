"""The notifications of an organization name the account, in an emulator whose code is not changed."""

import json
import re

import pytest

from environment import ACCOUNT
from events import event_of
from notification_texts import TEXTS, happened
from sdk_calls import Refused
from sender import Sender

BUS = "root-access-key-rule-org"
# The longest name that AWS Organizations accepts: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
LONGEST_NAME = "Payments production of a company with a long name!"


@pytest.fixture(scope="module")
def administrator(account, templates) -> Sender:
    account.deploy("Alerts", templates["RootAccessKeyRuleOrganizationAlerts"])
    account.listen()
    return Sender(account, BUS)


@pytest.fixture(autouse=True)
def nothing_left(administrator, sdk):
    """Each test reads its own messages."""
    sdk.clear()
    yield
    administrator.account.messages()


@pytest.fixture
def names(sdk) -> dict[str, str]:
    """The names of accounts. AWS Organizations knows no other account."""
    names: dict[str, str] = {}

    def describe(parameters: dict) -> dict:
        if (account := parameters["AccountId"]) not in names:
            raise Refused("Organizations.AccountNotFoundException")
        return {"Account": {"Id": account, "Name": names[account]}}

    sdk.answers["organizations:describeAccount"] = describe
    return names


@pytest.mark.parametrize("name", TEXTS)
def test_every_notification_names_the_account(names, administrator, name):
    names[ACCOUNT] = "payments-prod"
    subject, text, next_steps = TEXTS[name]
    named = f"{ACCOUNT} (payments-prod)"
    arns = re.compile(rf"(?<!:){ACCOUNT}(?!:)")
    what, why = text.split("\n\n")
    expected = "\n".join([f"{arns.sub(named, what)}\n\n{why}", "", "What to do:", *next_steps])
    assert administrator.notify(happened(name)) == (subject.replace(ACCOUNT, named), expected)


@pytest.mark.parametrize("name", TEXTS)
def test_the_subject_has_less_than_100_characters_with_the_longest_name(names, administrator, name):
    names[ACCOUNT] = LONGEST_NAME
    assert len(LONGEST_NAME) == 50
    subject, text = administrator.notify(happened(name))
    whole = TEXTS[name][0].replace(ACCOUNT, f"{ACCOUNT} ({LONGEST_NAME})")
    assert subject == whole[:99] == whole
    assert f"{ACCOUNT} ({LONGEST_NAME})" in text


def test_a_subject_is_cut_and_has_only_characters_that_sns_accepts(names, administrator):
    names[ACCOUNT] = 'Köln\n"<x>"' + "y" * 200
    subject, text = administrator.notify(event_of("root-creates-own-key"))
    assert subject == f'Root user created an access key: {ACCOUNT} (Köln "<x>"' + "y" * 42
    assert len(subject) == 99
    assert text.startswith(f'The root user of account {ACCOUNT} (Köln "<x>"yyy')


@pytest.mark.parametrize("character", [*"\n\r\t\0\x1b\x7f\x85\x9f\u2028\u2029", "\r\n"], ids=ascii)
def test_no_line_break_or_control_character_is_in_a_subject(names, administrator, character):
    names[ACCOUNT] = f"a{character}b"
    subject, _ = administrator.notify(event_of("root-creates-own-key"))
    assert subject == f"Root user created an access key: {ACCOUNT} (a b)"


def test_a_subject_is_cut_between_two_characters_and_never_within_one(names, administrator):
    before = f"Root user created an access key: {ACCOUNT} ("
    filling = "y" * (98 - len(before))
    names[ACCOUNT] = f"{filling}🔑🔒"
    subject, text = administrator.notify(event_of("root-creates-own-key"))
    assert subject == f"{before}{filling}🔑"
    assert f"{filling}🔑🔒" in text


@pytest.mark.parametrize("answer", [
    Refused("Organizations.AccountNotFoundException"), Refused("Organizations.AccessDeniedException"),
    Refused("Organizations.ServiceException"), {}, {"Account": {}},
], ids=lambda it: getattr(it, "code", str(it)))
def test_a_failed_look_up_does_not_lose_the_notification(sdk, administrator, answer):
    def describe(_: dict) -> dict:
        if isinstance(answer, Exception):
            raise answer
        return answer

    sdk.answers["organizations:describeAccount"] = describe
    subject, text = administrator.notify(event_of("root-creates-own-key"))
    assert subject.startswith(f"Root user created an access key: {ACCOUNT}")
    assert text.startswith(f"The root user of account {ACCOUNT}")


def test_the_account_is_that_of_the_event_and_not_its_own(names, administrator):
    """ministack delivers no event of another account. What the target passes on is for a test with moto."""
    names["210987654321"] = "payments-prod"
    given = json.loads(administrator.send(event_of("account-became-non-compliant"))["input"]) | {"account": "210987654321"}
    administrator.account.messages(1)
    execution = administrator.account.start(f"{BUS}-notifications", given)
    assert execution["status"] == "SUCCEEDED"
    [message] = administrator.account.messages(1)
    assert message["Subject"] == "NON_COMPLIANT: account 210987654321 (payments-prod)"
    assert message["Message"].startswith("Account 210987654321 (payments-prod) is NON_COMPLIANT.")
    assert ACCOUNT not in message["Message"]
