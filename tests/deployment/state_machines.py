"""The states of a state machine's definition."""

from typing import Iterator


def maps_of_states(definition: dict) -> Iterator[tuple[str, dict[str, dict]]]:
    """Every map of states in a definition, at any depth, after the name of its first state.

    A Map state without its processor and a Parallel state without branches are errors: the states in them would be missed.
    """
    yield definition["StartAt"], definition["States"]
    for state in definition["States"].values():
        for inner in _inner(state):
            yield from maps_of_states(inner)


def _inner(state: dict) -> list[dict]:
    match state["Type"]:
        case "Map":
            return [state["ItemProcessor"]]
        case "Parallel":
            assert state["Branches"], state
            return state["Branches"]
    return []
