"""What comes from npm and PyPI: named to the last version, whole, and under licences that somebody has read."""

import json
import re
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

# None of these packages is part of what is deployed: the function holds crates (deny.toml), the templates hold text.
LICENCES = {
    "(MIT OR GPL-3.0-or-later)",  # we take it under MIT
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BlueOak-1.0.0",
    "ISC",
    "MIT",
    "MPL-2.0",
}


class FromNpm(unittest.TestCase):
    def setUp(self):
        lock = json.loads((REPOSITORY / "cdk/package-lock.json").read_text())
        self.packages = {path: package for path, package in lock["packages"].items() if path}
        self.assertGreater(len(self.packages), 50)

    def test_each_has_a_licence_that_is_known(self):
        unknown = {path: p.get("license") for path, p in self.packages.items() if p.get("license") not in LICENCES}
        self.assertEqual(unknown, {})

    def test_each_comes_from_the_registry_with_its_hash(self):
        for path, package in self.packages.items():
            with self.subTest(path):
                # What is bundled has no hash of its own: that of the package around it covers it.
                self.assertTrue(package.get("integrity", "").startswith("sha512-") or package.get("inBundle"))
                self.assertNotIn("resolved", package)  # a git repository or a foreign address would stand there


class FromPyPI(unittest.TestCase):
    def test_each_is_asked_for_by_one_version(self):
        files = [file for folder in (".ci", "bench", "tests") for file in (REPOSITORY / folder).rglob("*.txt")]
        files = [file for file in files if "fixtures" not in file.parts]
        self.assertIn(REPOSITORY / ".ci/requirements.txt", files)
        for file in files:
            for line in file.read_text().splitlines():
                requirement = line.partition("#")[0].strip()
                with self.subTest(file=file.name, requirement=requirement):
                    self.assertTrue(not requirement or re.fullmatch(r"[\w.\-]+(\[[\w-]+\])?==[\w.]+", requirement))


if __name__ == "__main__":
    unittest.main()
