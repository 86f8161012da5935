"""The AWS CLI understands every command in our documents and messages, and the commands print what is shown."""

import contextlib
import datetime
import functools
import io
import os
import re
import subprocess
import tempfile
import unittest
from unittest import mock

import botocore
from awscli.clidriver import create_clidriver

from documents import DOCUMENTS, aws_commands, in_shell, spans, transcripts
from local_aws import ORGANIZATION, REPOSITORY, LocalAws

REMEDIATION = REPOSITORY / "docs/remediation.md"
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
READ_FILES_FIRST = {("s3", "cp"), ("cloudformation", "deploy")}
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


class WhatIsShown(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = cls.enterClassContext(LocalAws())
        cls.organization = cls.enterClassContext(LocalAws(ORGANIZATION))

    def environment(self, transcript):
        signer = transcript.signer
        local_aws = self.organization if transcript.in_the_organization else self.fleet
        environment = local_aws.environment(re.search(r"\d{12}|root user of.*", signer)[0]) | {"AWS_REGION": "us-east-1"}
        if signer.endswith(" in a profile"):
            environment = self.in_a_profile(environment)
        return environment

    def in_a_profile(self, environment):
        """The same credentials in a file: a variable that a document forgets to export then has no effect."""
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        lines = ["[default]", *(f"{name.lower()} = {environment[name]}" for name in names)]
        file = tempfile.NamedTemporaryFile("w", suffix=".credentials")
        self.enterContext(file).write("\n".join(lines) + "\n")
        file.flush()
        without = {name: value for name, value in environment.items() if name not in names}
        return without | {"AWS_SHARED_CREDENTIALS_FILE": file.name}

    def outputs(self, transcript):
        """What each command of a transcript prints and its exit code, run one after the other in one shell."""
        mark = "end of a command"
        script = "".join(f"{command}\necho \"$? {mark}\"\n" for command, _ in transcript.commands)
        with tempfile.TemporaryDirectory() as place:
            # By standard input, as typed: a `bash` among the commands reads the rest, up to its `exit`.
            ran = subprocess.run(
                ["bash"],
                input=script,
                cwd=place,
                env=self.environment(transcript),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        ends = re.findall(rf"(.*?)(\d+) {mark}\n", ran.stdout, re.S)
        return [(output, int(code)) for output, code in ends]

    def test_is_what_the_commands_print(self):
        for document in DOCUMENTS:
            for transcript in transcripts(document):
                if transcript.signer is None:
                    continue
                outputs = self.outputs(transcript)
                for (command, shown), (output, code) in zip(transcript.commands, outputs, strict=True):
                    with self.subTest(document=document.name, command=command):
                        # The exit code of `root-keys` depends on what it shows.
                        if not (shown and command.startswith("root-keys ")):
                            self.assertEqual(code, 0, output)
                        if shown or not reads(command):
                            self.assertEqual(timeless(output), timeless(shown) or timeless(output))
                        else:
                            self.assertTrue(output.strip(), "nothing was shown")

    def test_has_ages_that_match_its_dates(self):
        found = 0
        for document in DOCUMENTS:
            for shown, days, date, report in ages(document.read_text()):
                with self.subTest(document=document.name, shown=shown):
                    self.assertEqual((day(report) - day(date)).days, days)
                found += 1
        self.assertGreater(found, 4)

    def test_that_has_an_impossible_age_is_found(self):
        text = "Key 1: created 2020-03-02\n  (2190 days ago), last used 2024-12-26. Credential\n report of 2026-11-22 09:30 UTC."
        [(_, days, date, report)] = ages(text)
        self.assertEqual((days, date, report), (2190, "2020-03-02", "2026-11-22"))
        self.assertEqual((day(report) - day(date)).days, 2456)

    def test_in_the_runbook_was_all_run(self):
        signers = set()
        for transcript in transcripts(REMEDIATION):
            if any(output for _, output in transcript.commands):
                self.assertIsNotNone(transcript.signer, transcript.commands)
                signers.add(transcript.signer.split(" of ")[0])
        self.assertEqual(signers, {"role", "root user"})


class EitherRunsOrIsMarked(unittest.TestCase):
    """Each command of a document runs against the local AWS emulator, or says that it needs AWS."""

    # The documents that a reader follows here. The smoke test needs AWS throughout.
    DOCUMENTS = ("on-call", "deploy", "operations", "organization", "organization-reference", "remediation", "controls")
    # Whoever follows this one has AWS: no mark.
    FOR_AWS = "on-call.md"
    # The text says that this one is wrong.
    WRONG = "aws iam list-access-keys --user-name root"
    ACCOUNT, MANAGEMENT, ADMINISTRATOR = "222222222222", "123456789012", "999999999999"

    @classmethod
    def setUpClass(cls):
        cls.fleet = cls.enterClassContext(LocalAws())
        cls.organization = cls.enterClassContext(LocalAws(ORGANIZATION))
        cls.known = set(known(cls.fleet))

    def documents(self):
        return [it for it in DOCUMENTS if it.stem in self.DOCUMENTS]

    def needs_aws(self, line):
        """Whether the emulator does not know all that a line uses of AWS."""
        commands = list(in_shell(line))
        if not commands:
            return not re.search(r"\broot-keys ", line)
        return any(tuple(words[:2]) not in self.known | {("--version",)} for words in commands)

    def test_block(self):
        found = 0
        for document in self.documents():
            for transcript in transcripts(document):
                lines = [line for line, _ in transcript.commands]
                if document.name == self.FOR_AWS:
                    continue
                with self.subTest(document=document.name, commands=lines):
                    self.assertNotEqual(transcript.signer is None, not transcript.needs_aws, "neither run nor marked")
                    if transcript.needs_aws:
                        self.assertTrue(any(map(self.needs_aws, lines)), "marked, though the emulator knows it")
                    found += 1
        self.assertGreater(found, 40)

    def test_command_in_the_text(self):
        seen, ran = set(), 0
        for document in self.documents():
            for span, marked in spans(document):
                if (document.name, span) in seen:
                    continue
                seen.add((document.name, span))
                with self.subTest(document=document.name, command=span):
                    if self.needs_aws(span):
                        explained = marked or document.name == self.FOR_AWS
                        self.assertTrue(explained, "the emulator does not know it, and nothing says so")
                    elif not marked:
                        self.run_span(document, span)
                        ran += 1
        self.assertGreater(ran, 10)

    def run_span(self, document, span):
        in_the_organization = document.stem.startswith("organization")
        emulator = self.organization if in_the_organization else self.fleet
        by = self.ADMINISTRATOR if "DELEGATED_ADMIN" in span else self.MANAGEMENT
        if not in_the_organization and re.match("aws configservice ", span):
            # AWS Config starts one evaluation a minute in an account, and two documents ask for one.
            by = "111111111111" if document.name == "on-call.md" else self.ACCOUNT
        with tempfile.TemporaryDirectory() as place:
            ran = emulator.run(by, span, cwd=place)
        if span.startswith("root-keys "):
            self.assertNotIn("Usage:", ran.stderr)
        elif span == self.WRONG:
            self.assertIn("NoSuchEntity", ran.stderr)
        else:
            self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_that_needs_aws_is_recognized(self):
        self.assertTrue(self.needs_aws("aws lambda list-functions"))
        self.assertTrue(self.needs_aws("make deploy"))
        self.assertTrue(self.needs_aws("aws iam create-policy --policy-name x | tee y"))
        self.assertFalse(self.needs_aws("X=$(aws sts get-caller-identity)"))
        self.assertFalse(self.needs_aws("root-keys status 2> progress"))


def known(emulator):
    """The commands that the emulator lists when it refuses another one: service and command."""
    for service, other, parameters in (
        ("iam", "list_users", {}),
        ("sts", "get_session_token", {}),
        ("organizations", "list_handshakes_for_account", {}),
        ("cloudformation", "list_stack_sets", {}),
        ("config", "list_stored_queries", {}),
    ):
        client = emulator.client(service, "111111111111")
        try:
            getattr(client, other)(**parameters)
        except client.exceptions.ClientError as error:
            command = {"config": "configservice"}.get(service, service)
            operations = re.findall(rf"\b{service}:(\w+)", str(error))
            assert operations, error
            yield from ((command, botocore.xform_name(it, "-")) for it in operations)


def reads(command):
    """Whether a command runs only for its output."""
    return bool(re.search(r"\b(get|list|describe)-[\w-]+|\broot-keys ", command)) and ">" not in command


def timeless(text):
    """The text without times and request ids, which differ from run to run. Ages stay."""
    text = re.sub(r'"requestId":"[^"]*"', "REQUEST", text)
    return re.sub(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z| UTC)?)?", "TIME", text)


def ages(text):
    """Each age of a root access key in a text: the words, the days, the date of the key and of the report."""
    text = " ".join(text.split())
    for annotation, report in re.findall(r"(Key \d: .*?)Credential report of (\d{4}-\d\d-\d\d)", text):
        for shown, date, days in re.findall(r"((\d{4}-\d\d-\d\d) \((\d+) days? ago\))", annotation):
            yield shown, int(days), date, report


def day(text):
    return datetime.date.fromisoformat(text)


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
    """The anchors that GitHub gives to a document's headings."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
