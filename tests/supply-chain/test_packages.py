"""Packages from npm and PyPI have exact versions, hashes where the lock file has them, and known licenses."""

import json
import re
import subprocess
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

# None of these packages is deployed: the function contains crates (deny.toml), and the templates are text.
LICENSES = {
    "(MIT OR GPL-3.0-or-later)",  # we take it under MIT
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BlueOak-1.0.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Python-2.0",
}
# Word lists of the spelling check.
LICENSES_OF_PACKAGES = {
    "node_modules/@cspell/dict-django": "WTFPL",
    "node_modules/@cspell/dict-en-common-misspellings": "CC BY-SA 4.0",
}


class FromNpm(unittest.TestCase):
    def setUp(self):
        locks = [json.loads((REPOSITORY / folder / "package-lock.json").read_text()) for folder in ("cdk", "tests/language")]
        self.packages = [(path, package) for lock in locks for path, package in lock["packages"].items() if path]
        self.assertGreater(len(self.packages), 250)

    def test_each_package_has_a_known_license(self):
        licenses = [(path, package.get("license")) for path, package in self.packages]
        unknown = [it for it in licenses if it[1] not in LICENSES and it not in LICENSES_OF_PACKAGES.items()]
        self.assertEqual(unknown, [])

    def test_each_package_comes_from_the_registry_with_its_hash(self):
        for path, package in self.packages:
            with self.subTest(path):
                # A bundled package has no hash of its own: the hash of the package around it covers it.
                self.assertTrue(package.get("integrity", "").startswith("sha512-") or package.get("inBundle"))
                # A git repository or another address would be listed here.
                self.assertNotIn("resolved", package)


class FromPyPI(unittest.TestCase):
    def test_each_requirement_names_one_version(self):
        listed = subprocess.run(["git", "ls-files", "*.txt"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
        # The other text files are word lists and test data.
        files = [REPOSITORY / it for it in listed.stdout.split() if not re.search(r"fixtures/|/screens/|^tests/language/|^fuzz/", it)]
        self.assertIn(REPOSITORY / ".ci/requirements.txt", files)
        for file in files:
            for line in file.read_text().splitlines():
                requirement = line.partition("#")[0].strip()
                with self.subTest(file=file.name, requirement=requirement):
                    self.assertTrue(not requirement or re.fullmatch(r"[\w.\-]+(\[[\w-]+\])?==[\w.]+", requirement))
