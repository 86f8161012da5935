"""The AWS CLI understands every command in our documents and messages; every variable and link in them leads somewhere."""

import contextlib
import functools
import io
import os
import re
import unittest
from unittest import mock

from awscli.clidriver import create_clidriver

from documents import DOCUMENTS, aws_commands, in_shell
from local_aws import REPOSITORY

SOURCES = sorted((REPOSITORY / "root-keys/src").rglob("*.rs"))

# The AWS CLI on PyPI is version 1; these came with version 2. From its reference: command, options.
ONLY_IN_VERSION_2 = {
    ("login",): {"--profile", "--remote"},
    ("sso", "login"): {"--profile"},
    ("logs", "tail"): {"--since", "--follow", "--format", "--filter-pattern"},
    ("configure", "export-credentials"): {"--profile", "--format"},
    # Version 1 has it too, but sends nothing, and keeps the profile for the commands after it.
    ("configure", "list"): {"--profile"},
}
# These read files before they send anything. A missing file is not a fault of the command.
READ_FILES_FIRST = {("securityhub", "batch-import-findings"), ("s3", "cp"), ("cloudformation", "deploy")}
# These are about the AWS CLI itself.
SEND_NOTHING = (["--version"], ["configure"], ["configure", "list"], ["configure", "list-profiles"])
# The variables of a caller whom no profile of the user's changes.
NOBODY = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
REACHED = "the command was understood and about to be sent"


@functools.cache
def driver():
    def reached(**_):
        raise ConnectionAbortedError(REACHED)

    cli = create_clidriver()
    cli.session.get_component("event_emitter").register("before-send", reached)
    return cli


def refusal(words):
    """The error of the AWS CLI for a command, or None if it would send a request."""
    if words in SEND_NOTHING:
        return None
    if known := ONLY_IN_VERSION_2.get(tuple(words[:2])):
        unknown = {word for word in words[2:] if word.startswith("--")} - known
        return f"unknown options: {unknown}" if unknown else None

    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        driver().main(words)
    said = said.getvalue()
    if REACHED in said:
        return None
    if tuple(words[:2]) in READ_FILES_FIRST and not re.search("usage: |Unknown options", said):
        return None
    return said.strip() or "nothing was sent"


class EveryCommand(unittest.TestCase):
    def setUp(self):
        self.enterContext(contextlib.chdir(REPOSITORY))
        self.enterContext(mock.patch.dict(os.environ, NOBODY))

    def assert_understood(self, words, place):
        with self.subTest(place=place, command=" ".join(words)):
            self.assertIsNone(refusal(words))

    def test_in_a_document_is_understood_by_the_aws_cli(self):
        for document in DOCUMENTS:
            for words in aws_commands(document):
                self.assert_understood(words, document.name)

    def test_in_a_message_is_understood_by_the_aws_cli(self):
        found = 0
        for source in SOURCES:
            text = re.sub(r"\\\n\s*", "", source.read_text())
            # Options that several commands of a file share are written once.
            for shared in re.findall(r'fn targets\(.*?format!\(\s*"(.*?)"', text, re.S):
                text = text.replace("{targets}", shared)
            for span in re.findall(r"[`\"](aws [^`\"]+)[`\"]", text):
                [words] = in_shell(re.sub(r"\{[^}]*\}", "111122223333", span))
                self.assert_understood(words, source.name)
                found += 1
        self.assertGreater(found, 0)

    def test_that_is_wrong_is_refused(self):
        for wrong in (
            "iam list-access-kys",
            "iam list-access-keys --account 333333333333",
            "iam get-access-key-last-used",
            "iam get-access-key-last-used --access-key-id AKIA",
            "sts assume-root --target-principal 333333333333 --task-policy-arn IAMAuditRootUserCredentials",
            "iam create-policy --policy-name x --policy-document file://no/such/file.json",
            "s3 cp --no-such-option README.md s3://there",
            "logs tail group --until now",
        ):
            self.assertIsNotNone(refusal(wrong.split()), wrong)

    def test_is_found_anywhere_in_a_line(self):
        line = 'for R in $(aws a b); do X=$(aws c "$R" | tr x y) aws e "${R##*/}" \'f g\' > h; done; aws i | aws j'
        value = "value-of-a-variable"
        expected = [["a", "b"], ["c", value], ["e", value, "f g"], ["i"], ["j"]]
        self.assertEqual(list(in_shell(line)), expected)


class EveryVariable(unittest.TestCase):
    """Each variable of the shell in a command of a document is set further up in the document."""

    CODE = re.compile(r"^ *```(?:console|sh|bash)\n(.*?)^ *```$|(?<!`)`([^`]+)`(?!`)", re.M | re.S)
    # As in `VERSION=v1 FILE=name`, `export REGION=name`, `for ACCOUNT in` and `VERSION=v1 make`.
    SETS = re.compile(r"(?:^|[\s;(])(\w+)=|\bfor (\w+) in\b")
    USES = re.compile(r"\$\{?([A-Za-z_]\w*)")
    # Set by every shell.
    SHELL = {"HOME", "PATH", "PWD"}

    def unset(self, text):
        """The variables that are used before a command sets them."""
        known, unset = set(self.SHELL), []
        for code in self.CODE.finditer(text):
            if re.fullmatch(r"\$\w+", code[2] or ""):
                continue  # The text mentions the variable.
            for line in (code[1] or " ".join(code[2].split())).splitlines():
                # The shell leaves alone what is in single quotes.
                line = re.sub(r"'[^']*'", "''", line.strip().removeprefix("$ "))
                unset += [name for name in self.USES.findall(line) if name not in known | self.set_by(line)]
                known |= self.set_by(line)
        return unset

    def set_by(self, line):
        return {name for names in self.SETS.findall(line) for name in names if name}

    def test_is_set_before_it_is_used(self):
        for document in [*DOCUMENTS, REPOSITORY / "SECURITY.md"]:
            with self.subTest(document=document.name):
                self.assertEqual(self.unset(document.read_text()), [])

    def test_that_nothing_sets_is_found(self):
        block = "```console\n$ aws s3 ls \"$BUCKET\"\n```\n"
        self.assertEqual(self.unset(block), ["BUCKET"])
        self.assertEqual(self.unset("```console\n$ BUCKET=name\n```\n" + block), [])
        self.assertEqual(self.unset("`aws iam get-role --role-name ${ROLE##*/}`"), ["ROLE"])
        self.assertEqual(self.unset("`aws ec2 help --query '$.x'`"), [])


class Links(unittest.TestCase):
    def test_in_messages_lead_to_a_section(self):
        sources = "".join(source.read_text() for source in SOURCES)
        links = re.findall(r"\{DOCS\}/([\w-]+\.md)(?:#([\w-]+))?", sources)
        for document, section in links:
            with self.subTest(document=document, section=section):
                self.assertIn(section, sections(REPOSITORY / "docs" / document) | {""})
        self.assertIn(("remediation.md", "the-management-account"), links)


def sections(document):
    """The anchors of a document: those that GitHub gives to its headings, and those that are written in it."""
    text = document.read_text()
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    of_headings = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    return of_headings | set(re.findall(r'<a id="([\w-]+)"></a>', text))
