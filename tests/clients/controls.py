"""Generates the table of docs/controls.md from cdk/controls.json. Run as a script, it writes the document."""

import json
from itertools import groupby
from operator import itemgetter

from local_aws import REPOSITORY

CONTROLS = REPOSITORY / "cdk/controls.json"
DOCUMENT = REPOSITORY / "docs/controls.md"
BEGIN, END = "<!-- from cdk/controls.json -->\n", "<!-- end -->\n"


def table(controls):
    """One row for all controls of a framework that are known from one source."""
    lines = ["| framework | version | control | known from |", "|---|---|---|---|"]
    for (framework, version, source, verified), those in groupby(controls, itemgetter("framework", "version", "source", "verified")):
        known = source if verified else f"*{source}*"
        names = ", ".join(" ".join(filter(None, (it["control"], it.get("title")))) for it in those)
        lines.append(f"| {framework} | {version} | {names} | {known} |")
    return "\n".join(lines) + "\n"


def document():
    """The document with the generated table."""
    before, rest = DOCUMENT.read_text().split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + table(json.loads(CONTROLS.read_text())) + END + after


if __name__ == "__main__":
    DOCUMENT.write_text(document())
