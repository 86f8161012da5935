"""`make help` and `make local`, as a new user meets them."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
MAKEFILE = (REPOSITORY / "Makefile").read_text()


def make(*arguments, **variables):
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    environment.pop("CARGO_TARGET_DIR", None)
    command = ["make", "--no-print-directory", *arguments]
    ran = subprocess.run(command, cwd=REPOSITORY, env=environment | variables, capture_output=True, text=True)
    return ran.stdout, ran.stderr


class MakeHelp(unittest.TestCase):
    def test_lists_every_documented_target_in_two_sections_within_80_columns(self):
        printed, _ = make("help")
        use, work = printed.removeprefix("Use it:\n").split("\nWork on it:\n")
        self.assertTrue(printed.startswith("Use it:\n"))
        self.assertEqual([line for line in printed.splitlines() if len(line) > 80], [])
        for section, text in (("use", use), ("work", work)):
            documented = re.findall(rf"^([a-z-]+):.*## {section}: ", MAKEFILE, re.M)
            self.assertEqual(re.findall(r"^  make ([a-z-]+) ", text, re.M), documented)
            self.assertGreater(len(documented), 9)
        self.assertEqual(re.findall(r"^[a-z-]+:.*## (?!use: |work: ).*", MAKEFILE, re.M), [])


class MakeLocal(unittest.TestCase):
    def test_runs_what_cargo_builds_wherever_that_is(self):
        for built, variables in (
            (f"{REPOSITORY}/target", {}),
            ("/elsewhere/built", {"CARGO_TARGET_DIR": "/elsewhere/built"}),
            ("/configured/built", {"CARGO_BUILD_TARGET_DIR": "/configured/built"}),
        ):
            recipe, _ = make("--dry-run", "local", "ARGS=--log", **variables)
            self.assertEqual(recipe.splitlines()[-1], f"{built}/debug/local --log")

    def test_says_how_long_a_first_build_takes_and_shows_its_progress(self):
        first, build, _ = make("--dry-run", "local", CARGO_TARGET_DIR="/elsewhere/built")[0].splitlines()
        said = subprocess.run(["bash", "-c", first], capture_output=True, text=True, check=True).stderr
        self.assertEqual(said, "Building, about 3 minutes on 2 cores ...\n")
        built = first.replace("/elsewhere/built/debug/local", "/").replace("/elsewhere/built/debug/bootstrap", "/")
        self.assertEqual(subprocess.run(["bash", "-c", built], capture_output=True, check=True).stderr, b"")
        self.assertNotIn("--quiet", build)

    def test_no_other_recipe_expects_cargo_to_build_in_the_repository(self):
        for target in ("check-clients", "check-deployment", "check-ministack", "root-keys", "compare", "screenshots", "bench-page"):
            recipe, _ = make("--dry-run", target, CARGO_TARGET_DIR="/elsewhere/built")
            self.assertNotRegex(recipe, r"(?<![\w/])target/(\S+/)?(debug|release)/", target)


class MakeChecks(unittest.TestCase):
    def test_compile_the_workspace_with_lints_and_fail_for_a_warning(self):
        recipe, _ = make("--dry-run", "check-rust", "check-package", "check-root-keys")
        builds = [line.strip() for line in recipe.splitlines() if re.search(r"\bcargo (build|test)\b", line)]
        self.assertEqual(len(builds), 4)
        [wrapper] = {re.search(r'RUSTC_WORKSPACE_WRAPPER="(\S+)" cargo', line)[1] for line in builds}
        for code, warning in (
            ("it.is_some()", None),
            ("return it.is_some();", "clippy::needless-return"),
            ("let unread = 1; it.is_some()", "unused-variables"),
        ):
            with tempfile.TemporaryDirectory() as folder:
                source = pathlib.Path(folder) / "lint.rs"
                source.write_text(f"pub fn is_there(it: Option<u8>) -> bool {{ {code} }}\n")
                compiler = [wrapper, "rustc", "--crate-type=lib", "--emit=metadata", f"--out-dir={folder}", source]
                compiled = subprocess.run(compiler, capture_output=True, text=True)
            self.assertEqual(compiled.returncode == 0, warning is None, compiled.stderr)
            self.assertIn(warning or "", compiled.stderr)

    def test_what_is_released_is_compiled_without_lints(self):
        for target in ("package-rule", "package-watch"):
            recipe, _ = make("--dry-run", target)
            self.assertIn("cargo lambda build", recipe)
            self.assertNotIn("RUSTC_WORKSPACE_WRAPPER", recipe, target)


if __name__ == "__main__":
    unittest.main()
