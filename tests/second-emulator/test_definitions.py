"""Every state machine is one that Step Functions accepts. Neither emulator checks that."""

import json

import pytest

from environment import ACCOUNT, REGION
from resolved_templates import filled
from state_machines import maps_of_states
from synthesis import load, synthesize

CHAT = f"arn:aws:sns:{REGION}:{ACCOUNT}:chat"


@pytest.fixture(scope="module")
def definitions(templates, tmp_path_factory) -> list[dict]:
    """Of the templates, and of a stack with a chat application, which sends to its recipients in parallel."""
    with_chat = load(synthesize(tmp_path_factory.mktemp("cdk.out"), alertEmail="security@example.com", chatTopic=CHAT))
    return [
        json.loads(filled(it["Properties"]["DefinitionString"], template))
        for template in [*templates.values(), with_chat]
        for it in template["Resources"].values()
        if it["Type"] == "AWS::StepFunctions::StateMachine"
    ]


def test_every_transition_leads_to_a_state_and_every_state_is_reached(definitions):
    maps = [it for definition in definitions for it in maps_of_states(definition)]
    assert {state["Type"] for _, states in maps for state in states.values()} >= {"Map", "Parallel"}
    assert len(definitions) > 4 and len(maps) > len(definitions)
    for first, states in maps:
        targets = {first}
        for state in states.values():
            paths = [state, *state.get("Choices", []), *state.get("Catch", [])]
            targets |= {it[field] for it in paths for field in ("Next", "Default") if field in it}
            ends = state["Type"] in ("Choice", "Succeed", "Fail") or ("Next" in state) != state.get("End", False)
            assert ends, state
        assert targets == set(states)
