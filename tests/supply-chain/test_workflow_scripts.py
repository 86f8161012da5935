"""The scripts of GitHub's workflows, run from a clean clone as GitHub runs them. What cannot run here is listed with the reason."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from workflow_steps import REPOSITORY, all_steps, found

# The scripts that `.ci/run` runs itself, or is.
IN_CI = {".ci/run", "make check-cdk", "make check-package"}
NOT_HERE = {
    "make advisories": "downloads RustSec's database",
    'rustup target add "$(uname -m)-unknown-linux-musl"': "downloads Rust's standard library",
    "rustup toolchain install": "downloads Rust",
    "make dist": "needs Rust's standard library for musl",
    "make check-root-keys": "tests what `make dist` builds",
}
FILES = {"function.zip": b"zip", "root-keys-x86_64": b"\x7fELF"}
# Stands for GitHub's command line. It prints its arguments, one a line.
GH = '#!/bin/sh\nprintf "%s\\n" "$@"\n'


def is_listed(script, listed):
    return any(script == it or it.endswith("install") and script.startswith(it) for it in listed)


class Scripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.clone = Path(folder.name) / "clone"
        clone = ["git", "clone", "--quiet", "--depth=1", f"file://{REPOSITORY}", str(cls.clone)]
        subprocess.run(clone, check=True, capture_output=True)
        (cls.clone / "dist").mkdir()
        for name, content in FILES.items():
            (cls.clone / "dist" / name).write_bytes(content)
        cls.programs = Path(folder.name) / "programs"
        cls.programs.mkdir()
        (cls.programs / "gh").write_text(GH)
        (cls.programs / "gh").chmod(0o755)

    def run_step(self, name, **variables):
        """Runs the step with this name, as GitHub does: `bash -e`, in its folder, with its literal variables."""
        [step] = [step for step in all_steps() if step.get("name") == name and "run" in step]
        literal = {key: value for key, value in step.get("env", {}).items() if "${{" not in value}
        path = f"{self.programs}:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-e", "-c", step["run"]], cwd=self.clone / step.get("working-directory", "."),
            env={"PATH": path, **literal, **variables}, capture_output=True, text=True,
        )

    def version(self):
        return re.search(r'^version = "(.+)"$', (self.clone / "Cargo.toml").read_text(), re.M)[1]

    def test_are_run_here_or_by_ci_or_listed_with_a_reason(self):
        here = {step["run"] for step in all_steps() if step.get("name") in {"The tag is the version", "Checksums", "Release"}}
        self.assertEqual(len(here), 3)
        for script in found("run"):
            listed = [script in IN_CI, script in here, is_listed(script, NOT_HERE)]
            self.assertEqual(sum(listed), 1, f"{script!r} is in {sum(listed)} of the lists")
            self.assertNotIn("${{", script, "an expression in a script can be code of somebody else: pass it in `env`")
        for script in {*IN_CI, *NOT_HERE}:
            self.assertTrue(any(is_listed(run, [script]) for run in found("run")), f"no workflow runs {script!r}")

    def test_what_is_not_run_is_in_the_document(self):
        document = (REPOSITORY / "docs/emulators.md").read_text()
        for script in NOT_HERE:
            command, *_ = script.split(' "')
            self.assertIn(f"`{command}`", document)

    def test_ci_runs_what_it_is_said_to_run(self):
        commands = re.findall(r"^make (.+)$", (self.clone / ".ci/run").read_text(), re.M)
        targets = [word for command in commands for word in command.split() if re.fullmatch(r"[a-z-]+", word)]
        made = subprocess.run(
            ["make", "--dry-run", *targets], cwd=REPOSITORY, capture_output=True, text=True, env=without_make()
        ).stdout
        self.assertIn("cd cdk && npm test\n", made)
        self.assertIn("--test process", made)
        self.assertIn("--package root-access-key-watch", made)
        self.assertIn("pytest -q tests/second-emulator --ignore", made)

    def test_a_tag_that_is_not_the_version_stops_the_release(self):
        name = "The tag is the version"
        self.assertEqual(self.run_step(name, GITHUB_REF_NAME=f"v{self.version()}").returncode, 0)
        for tag in (f"v{self.version()}1", "v9.9.9", self.version()[1:]):
            self.assertNotEqual(self.run_step(name, GITHUB_REF_NAME=tag).returncode, 0, tag)

    def test_checksums_are_of_every_published_file_and_verify(self):
        ran = self.run_step("Checksums")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        dist = self.clone / "dist"
        sums = (dist / "SHA256SUMS").read_text()
        self.assertEqual({line.split()[1] for line in sums.splitlines()}, set(FILES))
        verify = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
        self.assertEqual(subprocess.run(verify, cwd=dist, capture_output=True).returncode, 0)
        (dist / "SHA256SUMS").unlink()

    def test_the_release_publishes_every_file_under_an_existing_tag(self):
        ran = self.run_step("Release", GITHUB_REF_NAME="v1.2.3", GH_TOKEN="none")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        arguments = ran.stdout.splitlines()
        self.assertEqual(arguments[:3], ["release", "create", "v1.2.3"])
        self.assertIn("--verify-tag", arguments)
        self.assertEqual({it for it in arguments if it.startswith("dist/")}, {f"dist/{name}" for name in FILES})

    def test_run_on_machines_with_a_named_version(self):
        runners = re.findall(r"^\s*(?:runs-on|runner): (.+)$", "\n".join(
            path.read_text() for path in (REPOSITORY / ".github/workflows").glob("*.yml")), re.M)
        self.assertGreater(len(runners), 4)
        for runner in runners:
            self.assertRegex(runner, r"^(ubuntu-\d\d\.\d\d(-arm)?|\$\{\{ matrix\.runner \}\})$")


def without_make():
    return {name: value for name, value in os.environ.items() if "MAKE" not in name}
