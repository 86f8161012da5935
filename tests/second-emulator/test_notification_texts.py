"""What a notification says, as SNS delivers it: an e-mail, and the same in a chat.

The stack is deployed in an emulator whose code is not changed.
"""

import json
import re
from typing import Any

import pytest

from environment import ACCOUNT, REGION, REPOSITORY
from events import ABSENT, CASES, SECRET, changed, event_of
from notification_texts import TEXTS, happened
from sender import Sender
from synthesis import load, synthesize

CHAT = f"arn:aws:sns:{REGION}:{ACCOUNT}:chat"


@pytest.fixture(scope="module")
def sender(account, tmp_path_factory) -> Sender:
    """The stack of an account, with a chat application."""
    template = load(synthesize(
        tmp_path_factory.mktemp("cdk.out"), alertEmail="security@example.com", securityHub="true", chatTopic=CHAT,
    ))
    topics = account.client("sns")
    assert topics.create_topic(Name="chat")["TopicArn"] == CHAT
    account.deploy("RootAccessKeyRule", template)
    [email] = [it["TopicArn"] for it in topics.list_topics()["Topics"] if it["TopicArn"] != CHAT]
    account.listen("mailbox", email)
    account.listen("chat", CHAT)
    return Sender(account)


@pytest.fixture(autouse=True)
def nothing_left(account, sdk):
    """An event starts nothing besides its notification. Each test reads its own messages."""
    sdk.clear()
    sdk.answers["config:describeConfigRules"] = lambda _: {"ConfigRules": []}
    yield
    for queue in account.queues():
        account.messages(queue=queue)


@pytest.mark.parametrize("name", TEXTS)
def test_a_notification_is_an_e_mail_with_a_subject_and_the_same_in_a_chat(sender, name):
    subject, text, next_steps = TEXTS[name]
    mail = sender.notify(happened(name))
    assert mail == (subject, "\n".join([text, "", "What to do:", *next_steps]))
    chat = sender.chat()
    description = chat["content"].pop("description").replace("test.aws.", "aws.")
    assert re.sub(r"When: [\w:-]+", "", description) == re.sub(r"When: [\w:-]+", "", text)
    assert chat == {
        "version": "1.0", "source": "custom",
        "content": {"textType": "client-markdown", "title": subject, "nextSteps": next_steps},
    }
    # One link, and the text around it has no quotation marks.
    assert mail[1].count("https:") == len(next_steps) - 1
    assert '"' not in mail[0] + mail[1]


def test_every_notification_is_tested():
    tested = {name for case in CASES if case.name in TEXTS for name in case.rules}
    assert tested == set().union(*(case.rules for case in CASES))


def test_no_result_token_is_in_an_input_or_a_history(sender):
    shown = []
    for name in ("evidence-unavailable", "concurrency-is-zero"):
        assert SECRET in str(event_of(name))
        execution = sender.send(event_of(name))
        shown.append(str((execution, sender.account.history(execution))))
    assert "EvidenceUnavailable" in shown[0] and "ZeroReservedConcurrency" in shown[1]
    for secret in (SECRET, "invokingEvent", "resultToken"):
        assert secret not in str(shown)


@pytest.mark.parametrize("given, expected", [
    ('a "quotation" mark and a \\ and {% $x %} and $states.input', 'a "quotation" mark and a \\ and {% $x %} and $states.input'),
    ("a line\nWhat to do:\r\nSteps: https://example.com\tx\u2028y", "a line What to do: Steps: https://example.com x y"),
    ("🔑 é <https://example.com|click> ‹x›", "🔑 é <https://example.com|click> ‹x›"),
    ("<aws.events.event> <detail> <!here>", "<aws.events.event> <detail> <!here>"),
    ("x" * 3000, "x" * 974),
], ids=["quotes", "lines", "unicode", "placeholders", "long"])
def test_the_text_of_an_error_stays_in_its_line(sender, given, expected):
    event = changed(event_of("evidence-unavailable"), {"detail.responsePayload.errorMessage": given})
    _, text = sender.notify(event)
    lines = text.split("\n")
    assert lines[3] == f"Why: EvidenceUnavailable: {expected}"
    assert lines[4:7] == ["When: 2026-01-02T03:07:05Z. Condition: RetriesExhausted, attempts: 3.", "", "What to do:"]
    shown = f"Why: EvidenceUnavailable: {expected}".replace("<", "‹").replace(">", "›")
    assert shown in sender.chat()["content"]["description"]


ABSENT_FIELDS: list[tuple[str, dict[str, Any], str]] = [
    ("root-creates-own-key", {"detail.sourceIPAddress": ABSENT, "detail.eventID": ABSENT}, "From: unknown. Reported by: aws.iam."),
    ("account-became-non-compliant", {"detail.newEvaluationResult.annotation": ABSENT}, "\nunknown\nSince: "),
    ("account-became-non-compliant", {"detail.newEvaluationResult.annotation": None}, "\nunknown\nSince: "),
    ("evidence-unavailable", {"detail.responsePayload.errorType": ABSENT}, "Why: unknown: could not read"),
    ("concurrency-is-zero", {"detail.requestContext.condition": None}, "Why: unknown: Lambda did not run"),
    ("re-evaluation-failed", {"detail.executionArn": ABSENT}, "Execution: unknown (FAILED)."),
]


@pytest.mark.parametrize("name, changes, words", ABSENT_FIELDS)
def test_a_field_that_an_event_lacks_is_unknown(sender, name, changes, words):
    _, text = sender.notify(changed(event_of(name), changes))
    assert words in text


def test_the_drill_of_the_documents_is_notified(sender):
    text = (REPOSITORY / "docs/operations.md").read_text()
    [entry] = json.loads(re.search(r"aws events put-events --entries '(.+)'", text).group(1))
    event = {
        "time": "2026-01-02T03:04:05Z", "source": entry["Source"], "detail-type": entry["DetailType"],
        "detail": json.loads(entry["Detail"]), "resources": [],
    }
    _, sent = sender.notify(event)
    assert "From: drill. Reported by: root-access-key-rule.drill." in sent
