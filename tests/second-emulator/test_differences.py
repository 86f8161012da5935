"""moto, as it is published, and ministack match the same events; where else they differ, docs/emulators.md says who is right."""

import json
import os

import boto3
import pytest
import requests
from botocore.config import Config
from moto.events.models import EventPattern
from moto.server import ThreadedMotoServer

from differences import DIFFERENCES, table
from environment import ACCOUNT, REGION, REPOSITORY
from events import CASES
from resolved_templates import filled


@pytest.fixture(scope="module")
def moto():
    """Clients of a moto without any patch of ours."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    # Its interpreter of state machines sends its calls to this port.
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "MOTO_PORT", str(port))
        endpoint = f"http://127.0.0.1:{port}"
        requests.post(f"{endpoint}/moto-api/config", json={"stepfunctions": {"execute_state_machine": True}}, timeout=60)
        options = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "config": Config(retries={"total_max_attempts": 1})}
        yield lambda service: boto3.client(service, endpoint_url=endpoint, region_name=REGION, **options)
    server.stop()


@pytest.fixture(scope="module")
def emulators(moto, account):
    return {"moto": moto, "ministack": account.client}


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda it: it.probe.__name__)
@pytest.mark.parametrize("name", ["moto", "ministack"])
def test_an_emulator_answers_as_the_table_says(emulators, difference, name):
    assert difference.probe(emulators[name]) == getattr(difference, name)


def test_the_document_shows_the_table():
    assert table() in (REPOSITORY / "docs/emulators.md").read_text(), table()


def test_both_match_the_same_events(account, templates):
    patterns = {
        json.dumps(filled(it["Properties"]["EventPattern"], template))
        for template in templates.values()
        for it in template["Resources"].values()
        if it["Type"] == "AWS::Events::Rule" and "EventPattern" in it["Properties"]
    }
    assert len(patterns) > 10
    given = [{"id": "x", "account": ACCOUNT, **case.event} for case in CASES]
    test = account.client("events").test_event_pattern
    matched = set()
    for pattern in patterns:
        loaded = EventPattern.load(pattern)
        for event in given:
            by_ministack = test(EventPattern=pattern, Event=json.dumps(event))["Result"]
            assert loaded.matches_event(event) == by_ministack, (pattern, event)
            matched.add(by_ministack)
    assert matched == {True, False}
