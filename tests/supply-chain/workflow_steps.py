"""Reads the steps of GitHub's workflows and of our own actions."""

from pathlib import Path

from ruamel.yaml import YAML

REPOSITORY = Path(__file__).resolve().parents[2]
GITHUB = REPOSITORY / ".github"
DEFINITIONS = sorted([*GITHUB.glob("workflows/*.yml"), *GITHUB.glob("actions/*/action.yml")])


def read(path):
    return YAML(typ="safe").load(path)


def steps(node):
    """Each mapping with `run` or `uses`, wherever it stands."""
    if isinstance(node, dict):
        if "run" in node or "uses" in node:
            yield node
        node = node.values()
    elif not isinstance(node, list):
        return
    for child in node:
        yield from steps(child)


def all_steps():
    return [step for path in DEFINITIONS for step in steps(read(path))]


def found(key):
    return [step[key] for step in all_steps() if key in step]
