"""Every state machine is one that Step Functions accepts. Neither emulator checks that."""

import json

from resolved_templates import filled
from state_machines import maps_of_states


def test_every_transition_leads_to_a_state_and_every_state_is_reached(templates):
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
