"""The states of a state machine's definition."""

from typing import Iterator


def maps_of_states(definition: dict) -> Iterator[tuple[str, dict[str, dict]]]:
    """Every map of states in a definition, at any depth, after the name of its first state."""
    yield definition["StartAt"], definition["States"]
    for state in definition["States"].values():
        for inner in (state.get("ItemProcessor"), *state.get("Branches", [])):
            if inner:
                yield from maps_of_states(inner)
