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
    new: bool = False


@dataclass(frozen=True)
class Command:
    """One run of a test program for several judges; `failed` runs it and returns the IDs of the failed tests."""

    judges: tuple[Judge, ...]
    failed: Callable[[Path, dict[str, str]], list[str]]
    # Whether it reads only what the app synthesizes, and none of the policies in files.
    templates_only: bool = False

    def verdicts(self, copy: Path, environment: dict[str, str], file: str) -> dict[str, str | None]:
        """By judge, the first test that failed, an empty text if none did, or None if it does not read the file."""
        if self.templates_only and not file.startswith("cdk/lib/"):
            return {it.name: None for it in self.judges}
        ids = self.failed(copy, environment)
        strangers = [one for one in ids if not any(re.search(it.tests, one) for it in self.judges)]
        assert not strangers, f"tests of no judge failed: {strangers}"
        return {it.name: next((one for one in ids if re.search(it.tests, one)), "") for it in self.judges}


def _run(command: list, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=1800)


def _vitest(copy: Path, environment: dict[str, str]) -> list[str]:
    """Snapshots are updated, as by the author of a change: they notice every change and judge none."""
    report = copy / "vitest.json"
    command = ["npx", "vitest", "run", "--update", "--reporter=json", f"--outputFile={report}"]
    done = _run(command, copy / "cdk", environment)
    assert report.is_file(), done.stdout + done.stderr
    files = json.loads(report.read_text())["testResults"]
    report.unlink()
    return [it["name"] for it in files if it["status"] == "failed"]


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


D = "tests/deployment/test_"
# Two modes contain every resource; the tests of the linters themselves are left out.
LINTED = "((cfn_lint_finds_only or checkov_finds_only) and (account or stack-set)) or every_finding or key_policy or deployment_policies"
COMMANDS = [
    Command((Judge("unit tests", r"/test/(?!linters)"), Judge("cdk-nag, cfn-guard", r"/linters\.test")), _vitest),
    Command(
        (
            Judge("cfn-lint", r"test_cfn_lint"),
            Judge("checkov", r"checkov"),
            Judge("cloudformation-validate", r"test_cloudformation_validate"),
            Judge("policy tests", r"test_deployment_policies|key_policy"),
        ),
        _pytest(
            f"{D}templates.py", f"{D}cloudformation_validate.py", f"{D}deployment_policies.py", f"{D}requirements.py",
            "-k", LINTED,
        ),
    ),
    Command(
        (Judge("moto", r""),),
        _pytest("-x", f"{D}notifications.py", f"{D}re_evaluation.py", f"{D}forwarding.py", f"{D}security_hub.py"),
        templates_only=True,
    ),
    Command(
        (Judge("ministack", r"", new=True),),
        _pytest("-x", "tests/second-emulator", "--ignore", "tests/second-emulator/test_policies.py"),
        templates_only=True,
    ),
    Command((Judge("parliament", r"", new=True),), _pytest("tests/second-emulator/test_policies.py")),
]
# Deploys with the CDK CLI, which takes minutes: only for a fault that no other judge of before has noticed.
DEPLOYING = Command((Judge("deployment to moto", r""),), _pytest("-x", f"{D}account_deployment.py"))
JUDGES = [it for command in (*COMMANDS[:3], DEPLOYING, *COMMANDS[3:]) for it in command.judges]
