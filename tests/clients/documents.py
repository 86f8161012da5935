"""Reads the commands that the documents show, and the output shown for each."""

import re
import shlex
from dataclasses import dataclass, field

from local_aws import REPOSITORY

DOCUMENTS = [REPOSITORY / "README.md", REPOSITORY / "tests/smoke-test.md", *sorted((REPOSITORY / "docs").glob("*.md"))]

# Marks a command that the local AWS emulator does not know: before its block, or in its paragraph, list item or row.
MARK = "(needs AWS)"
# ```console blocks, indented or not, after that mark or the line that says as whom to run them.
BLOCK = re.compile(
    r"(?:^ *(?P<mark>\*\(needs AWS\)\*)\n\n|<!-- run (?P<place>in the organization )?as (?P<signer>[^>]+) -->\n)?"
    r"^(?P<indent> *)```console\n(?P<text>.*?)^ *```$",
    re.M | re.S,
)
CODE_SPAN = re.compile(r"`([^`]*\baws\s[^`]+|root-keys [^`]*--[^`]+)`")
# Replaces a value that a command gets from the shell.
VALUE = "value-of-a-variable"


@dataclass
class Transcript:
    """One block: who runs it, and each command with the output shown below it."""

    document: str
    signer: str | None
    in_the_organization: bool
    needs_aws: bool
    commands: list[tuple[str, str]] = field(default_factory=list)


def transcripts(document):
    for block in BLOCK.finditer(document.read_text()):
        transcript = Transcript(document.name, block["signer"], bool(block["place"]), bool(block["mark"]))
        for line in block["text"].splitlines(keepends=True):
            line = line.removeprefix(block["indent"])
            if line.startswith("$ "):
                transcript.commands.append((line[2:].rstrip("\n"), ""))
            else:
                assert transcript.commands, f"{document.name}: a block begins with output: {line}"
                command, output = transcript.commands[-1]
                transcript.commands[-1] = (command, output + line)
        yield transcript


def spans(document):
    """Each command in the running text, and whether the mark stands beside it."""
    prose = BLOCK.sub("", document.read_text())
    # A paragraph, a list item, or a row of a table.
    for part in re.split(r"\n\n|\n(?=\|)|\n(?= *(?:[-*]|\d+\.) )", prose):
        for span in CODE_SPAN.findall(part):
            # An ellipsis says that the command stands elsewhere in full.
            if not span.rstrip().endswith("…"):
                yield " ".join(span.split()), MARK in part


def aws_commands(document):
    """Each use of the AWS CLI, as words: in transcripts and in the running text."""
    for transcript in transcripts(document):
        for line, _ in transcript.commands:
            yield from in_shell(line)
    for span, _ in spans(document):
        yield from in_shell(span)


def in_shell(line):
    """The commands in a line of shell that begin with `aws`, the nested ones first."""
    while nested := re.search(r"\$\(([^()]*)\)", line):
        yield from in_shell(nested[1])
        line = line[: nested.start()] + VALUE + line[nested.end() :]
    line = re.sub(r"\$(\w+|\{[^}]*\})", VALUE, line)
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    command = None
    for word in [*words, ";"]:
        ends = re.fullmatch(r"[;|&<>()]+", word)
        if command is None and word == "aws":
            command = []
        elif command is not None and ends:
            yield command
            command = None
        elif command is not None:
            command.append(word)
