"""GitHub's workflows do what the Makefile does, and no more may come in than is named."""

import platform
import re
import subprocess
import unittest

from workflow_steps import GITHUB, REPOSITORY, found, read

MACHINE = platform.machine().replace("aarch64", "arm64")


class Workflows(unittest.TestCase):
    def test_call_targets_that_the_makefile_has(self):
        targets = {target for run in found("run") for target in re.findall(r"\bmake ([\w-]+)", run)}
        self.assertLessEqual({"advisories", "dist", "check-package"}, targets)
        for target in targets:
            asked = subprocess.run(["make", "--dry-run", target], cwd=REPOSITORY, capture_output=True, text=True)
            self.assertEqual(asked.returncode, 0, asked.stderr)

    def test_release_what_the_document_downloads(self):
        document = (REPOSITORY / "docs/deploy.md").read_text()
        [listed] = re.findall(r"releases/download/\$VERSION/\{SHA256SUMS,([^}]+)\}", document)
        made = subprocess.run(["make", "--dry-run", "dist"], cwd=REPOSITORY, capture_output=True, text=True).stdout
        for name in listed.split(","):
            self.assertIn(f" target/dist/root-access-key-rule-{MACHINE}{name.removeprefix('$FILE')}\n", made)

    def test_release_the_command_under_the_name_that_the_document_installs(self):
        document = (REPOSITORY / "docs/root-keys.md").read_text()
        [install] = re.findall(r"^\$ (\(.*releases/latest/download/\{SHA256SUMS,\$FILE\}.*\))$", document, re.M)
        [named] = re.findall(r"FILE=([^;]+);", install)
        name = subprocess.run(["bash", "-c", f"echo {named}"], capture_output=True, text=True).stdout.strip()
        made = subprocess.run(["make", "--dry-run", "dist"], cwd=REPOSITORY, capture_output=True, text=True).stdout
        for released in (name, f"{name}.cdx.json", f"{name}.notices.txt"):
            self.assertIn(f" target/dist/{released}\n", made)

    def test_give_the_release_what_make_root_keys_needs(self):
        runs = read(GITHUB / "workflows/release.yml")["jobs"]["build"]["steps"]
        runs = [step["run"] for step in runs if "run" in step]
        added = runs.index('rustup target add "$(uname -m)-unknown-linux-musl"')
        self.assertLess(added, runs.index("make dist"))
        self.assertLess(runs.index("make dist"), runs.index("make check-root-keys"))

    def test_run_scripts_that_are_there(self):
        self.assertIn(".ci/run", found("run"))
        self.assertTrue((REPOSITORY / ".ci/run").stat().st_mode & 0o100, ".ci/run is not executable")

    def test_use_actions_of_github_alone_and_our_own_that_are_there(self):
        uses = found("uses")
        self.assertTrue(uses)
        for action in uses:
            if action.startswith("./"):
                self.assertTrue((REPOSITORY / action).exists(), action)
            else:
                self.assertRegex(action, r"^actions/[\w-]+@[0-9a-f]{40}$")

    def test_name_one_commit_for_an_action(self):
        pins = {(name, commit) for name, _, commit in (action.partition("@") for action in found("uses")) if commit}
        self.assertEqual(len(pins), len({name for name, _ in pins}), pins)
