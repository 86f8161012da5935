"""The checks that may notice a fault, and the commands that run them in a copy of the repository."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Judge:
    """A check. `tests` is a regular expression for the IDs of its tests in the run of its `Command`."""

    name: str
    tests: str


@dataclass(frozen=True)
class Command:
    """One run of a test program for several judges; `failed` runs it and returns the IDs of the failed tests."""

    judges: tuple[Judge, ...]
    failed: Callable[[Path, dict[str, str]], list[str]]
    # The paths of the files whose faults it can notice.
    reads: re.Pattern = re.compile("")

    def verdicts(self, copy: Path, environment: dict[str, str]) -> dict[str, str]:
        """By judge, the first test that failed, or an empty text if none did."""
        ids = self.failed(copy, environment)
        unknown = [one for one in ids if not any(re.search(it.tests, one) for it in self.judges)]
        assert not unknown, f"tests of no judge failed: {unknown}"
        return {it.name: next((one for one in ids if re.search(it.tests, one)), "") for it in self.judges}


def _run(command: list, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=1800)


def _vitest(*arguments: str, mode: str = "run") -> Callable[[Path, dict[str, str]], list[str]]:
    """Snapshots are updated, as by the author of a change: they notice every change and judge none."""

    def failed(copy: Path, environment: dict[str, str]) -> list[str]:
        report = copy / "vitest.json"
        command = ["npx", "vitest", mode, "--run", "--update", "--bail=1", "--testTimeout=900000", "--hookTimeout=900000"]
        command += ["--reporter=json", f"--outputFile={report}", *arguments]
        done = _run(command, copy / "cdk", environment)
        assert report.is_file(), done.stdout + done.stderr
        files = json.loads(report.read_text())["testResults"]
        report.unlink()
        return [it["name"].split("/cdk/")[-1] for it in files if it["status"] == "failed"]

    return failed


# Unit tests that run the app as a process of its own, so that they import none of its files.
OF_THE_APP = ("test/app.test.ts", "test/cli.test.ts", "test/architecture.test.ts")


def _unit_tests(copy: Path, environment: dict[str, str]) -> list[str]:
    """Those of the changed folders, which fail the soonest, and then all that import a changed file or run the app."""
    done = subprocess.run(["git", "diff", "--name-only"], cwd=copy, capture_output=True, text=True, check=True)
    changed = [it.removeprefix("cdk/") for it in done.stdout.splitlines()]
    folders = {"watch" if "watch" in it else Path(it).parent.name for it in changed}
    near = [f"test/{it}/" for it in sorted(folders) if (copy / "cdk/test" / it).is_dir()]
    found = _vitest(*near)(copy, environment) if near else []
    return found or _vitest(*changed, *OF_THE_APP, "--exclude=test/linters.test.ts", mode="related")(copy, environment)


def _pytest(*arguments: str) -> Callable[[Path, dict[str, str]], list[str]]:
    def failed(copy: Path, environment: dict[str, str]) -> list[str]:
        report = copy / "pytest.xml"
        done = _run([BIN / "pytest", "-q", f"--junit-xml={report}", *arguments], copy, environment)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        cases = xml.parse(report).getroot().iter("testcase")
        bad = [it for it in cases if it.find("failure") is not None or it.find("error") is not None]
        report.unlink()
        return [f"{it.get('classname')}.{it.get('name')}" for it in bad]

    return failed


# The checks of before the second emulator, which run as they were at this commit. `copy_to` puts them in before/deployment.
BEFORE = "fb88de7"
B = "before/deployment/test_"
# What the product does otherwise since then, on purpose: the file, and a replacement in it.
SINCE = (
    ("test_watch.py", '"rate(1 day)"', '"cron(0 5 * * ? *)"'),
    ("test_notifications.py", 'K?ln?"<x>"', 'Köln "<x>"'),
)
# Two modes contain every resource; the tests of the linters themselves are left out.
LINTED = "((cfn_lint_finds_only or checkov_finds_only) and (account or stack-set)) or every_finding or key_policy or deployment_policies"
OF_WATCH = re.compile(r"cdk/lib/(watch/|stacks/organization-watch-stack|events/scheduled-state-machine)")
OF_REST = re.compile(rf"(?!{OF_WATCH.pattern})cdk/lib/")
# Where policies are. Emulators ask for no permissions.
POLICIES = re.compile(
    r"cdk/(policies/|lib/.*(role|recipients|organization-bus|event-state-machine|scheduled-state-machine|import|re-evaluation"
    r"|notification-machine|bucket)\.ts)"
)
N = "tests/second-emulator/test_"

# The first of them that notices a fault ends its judgment by those of before, so the fast ones come first.
BEFORE_COMMANDS = [
    # The only unit tests that read the published policies.
    Command(
        (Judge("unit tests", r""),), _vitest("test/policies.test.ts", "test/stacks/stack-requirements.test.ts"),
        reads=re.compile("cdk/policies/"),
    ),
    Command((Judge("unit tests", r""),), _unit_tests, reads=re.compile("cdk/lib/")),
    Command(
        (Judge("moto", r""),),
        _pytest("-x", *(f"{B}{it}.py" for it in ("notifications", "re_evaluation", "forwarding", "weekly_reminder", "security_hub"))),
        reads=OF_REST,
    ),
    Command((Judge("cdk-nag, cfn-guard", r""),), _vitest("test/linters.test.ts"), reads=re.compile("cdk/lib/")),
    Command(
        (Judge("policy tests", r""),),
        _pytest(f"{B}deployment_policies.py", f"{B}requirements.py", "-k", "key_policy or deployment_policies"),
        reads=re.compile("cdk/policies/"),
    ),
    Command(
        (
            Judge("cfn-lint", r"test_cfn_lint"),
            Judge("checkov", r"checkov"),
            Judge("cloudformation-validate", r"test_cloudformation_validate"),
            Judge("policy tests", r"test_deployment_policies|key_policy"),
        ),
        _pytest(*(f"{B}{it}.py" for it in ("templates", "cloudformation_validate", "deployment_policies", "requirements")), "-k", LINTED),
        reads=re.compile("cdk/lib/"),
    ),
    # The CDK CLI deploys, which takes minutes.
    Command(
        (Judge("deployment to moto", r""),),
        _pytest("-x", f"{B}alert_email.py::test_the_operator_policy_allows_the_question_to_sns", f"{B}account_deployment.py"),
        reads=re.compile(rf"{OF_REST.pattern}|cdk/policies/operator"),
    ),
    Command((Judge("deployment to moto", r""),), _pytest("-x", f"{B}watch.py"), reads=OF_WATCH),
]
NEW_COMMANDS = [
    Command((Judge("ministack", r""),), _pytest("-x", f"{N}function.py"), reads=re.compile("cdk/lib/rule/")),
    Command(
        (Judge("ministack", r""),),
        _pytest("-x", *(f"{N}{it}.py" for it in (
            "definitions", "notification_texts", "account_names", "notification_failures", "re_evaluation", "security_hub",
            "notifications", "weekly_reminder",
        ))),
        reads=re.compile(rf"(?!{POLICIES.pattern}|cdk/lib/rule/){OF_REST.pattern}"),
    ),
    Command(
        (Judge("ministack", r""),), _pytest("-x", *(f"{N}{it}.py" for it in ("definitions", "watch_machine", "watch"))),
        reads=re.compile(rf"(?!{POLICIES.pattern}){OF_WATCH.pattern}"),
    ),
    Command((Judge("parliament", r""),), _pytest("-x", f"{N}policies.py"), reads=POLICIES),
    Command((Judge("roles", r""),), _pytest("-x", "tests/deployment/test_permissions.py"), reads=re.compile(rf"(?=cdk/lib/){POLICIES.pattern}")),
]


def names(commands: list[Command]) -> list[str]:
    """The judges of these commands, each once."""
    return list(dict.fromkeys(it.name for command in commands for it in command.judges))
