"""Generates the table of docs/controls.md from cdk/controls.json. Run as a script, it writes the document."""

import json

from local_aws import REPOSITORY

CONTROLS = REPOSITORY / "cdk/controls.json"
DOCUMENT = REPOSITORY / "docs/controls.md"
BEGIN, END = "<!-- from cdk/controls.json -->\n", "<!-- end -->\n"


def table(controls):
    lines = ["| framework | version | control | known from |", "|---|---|---|---|"]
    for control in controls:
        known = control["source"] if control["verified"] else f"*{control['source']}*"
        name = " ".join(filter(None, (control["control"], control.get("title"))))
        lines.append(f"| {control['framework']} | {control['version']} | {name} | {known} |")
    return "\n".join(lines) + "\n"


def document():
    """The document with the generated table."""
    before, rest = DOCUMENT.read_text().split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + table(json.loads(CONTROLS.read_text())) + END + after


if __name__ == "__main__":
    DOCUMENT.write_text(document())
