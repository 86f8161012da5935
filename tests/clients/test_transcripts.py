"""The commands in our documents print what is shown, and each runs against the local AWS emulator or is marked."""

import datetime
import re
import subprocess
import tempfile
import unittest

import botocore

from documents import DOCUMENTS, in_shell, spans, transcripts
from local_aws import ORGANIZATION, REPOSITORY, LocalAws

REMEDIATION = REPOSITORY / "docs/remediation.md"


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
    """The text without times, request IDs and hashes, which differ from run to run. Ages stay."""
    text = re.sub(r'"requestId":"[^"]*"|\b[0-9a-f]{64}\b', "REQUEST", text)
    return re.sub(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z| UTC)?)?", "TIME", text)


def ages(text):
    """Each age of a root access key in a text: the words, the days, the date of the key and of the report."""
    text = " ".join(text.split())
    for annotation, report in re.findall(r"(Key \d: .*?)Credential report of (\d{4}-\d\d-\d\d)", text):
        for shown, date, days in re.findall(r"((\d{4}-\d\d-\d\d) \((\d+) days? ago\))", annotation):
            yield shown, int(days), date, report


def day(text):
    return datetime.date.fromisoformat(text)
