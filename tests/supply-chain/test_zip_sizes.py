"""A packaged function that grew by more than 5% is noticed, for each architecture."""

import json
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# e_machine of the ELF header.
MACHINES = {"x86_64": 62, "arm64": 183}


class ZipSizes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.zip, self.sizes = Path(folder.name, "bootstrap.zip"), Path(folder.name, "sizes.json")

    def package(self, machine, size):
        """A zip of this many bytes with a program for this architecture."""
        program = b"\x7fELF".ljust(18, b"\0") + MACHINES[machine].to_bytes(2, "little")
        self.write(program)
        self.write(program + bytes(size - self.zip.stat().st_size))
        self.assertEqual(self.zip.stat().st_size, size)

    def write(self, program):
        with zipfile.ZipFile(self.zip, "w") as archive:
            archive.writestr("bootstrap", program)

    def guard(self, recorded, *arguments):
        self.sizes.write_text(json.dumps({"rule": {}, "watch": recorded}))
        command = [sys.executable, "bench/guard.py", "watch", self.zip, "--sizes", self.sizes, *arguments]
        return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)

    def test_a_twentieth_more_is_fine_and_a_little_over_is_not(self):
        for machine, other in (("x86_64", "arm64"), ("arm64", "x86_64")):
            for size, fails in ((1050, 0), (1051, 1)):
                self.package(machine, size)
                done = self.guard({machine: 1000, other: 1})
                self.assertEqual(done.returncode, fails, done.stderr)
                self.assertIn(f"for {machine} has {size} bytes", done.stdout + done.stderr)

    def test_an_architecture_without_a_recorded_size_fails(self):
        self.package("arm64", 1000)
        done = self.guard({"x86_64": 1000})
        self.assertEqual(done.returncode, 1)
        self.assertIn("no size of the watch is recorded", done.stderr)

    def test_records_a_size_beside_those_of_other_architectures(self):
        self.package("arm64", 1000)
        self.assertEqual(self.guard({"x86_64": 2000}, "--record").returncode, 0)
        self.assertEqual(json.loads(self.sizes.read_text()), {"rule": {}, "watch": {"arm64": 1000, "x86_64": 2000}})

    def test_sizes_are_recorded_for_both_architectures(self):
        sizes = json.loads((REPOSITORY / "bench/sizes.json").read_text())
        self.assertEqual({name: set(it) for name, it in sizes.items()}, dict.fromkeys(("rule", "watch"), set(MACHINES)))


if __name__ == "__main__":
    unittest.main()
