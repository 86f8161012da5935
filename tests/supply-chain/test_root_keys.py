"""`make root-keys` reports what is missing."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


class MakeRootKeys(unittest.TestCase):
    def test_without_the_standard_library_for_musl_names_the_command_that_installs_it(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "ready").touch()
            rustc = Path(folder, "rustc")
            rustc.write_text(f"#!/bin/sh\ncase $1 in -vV) echo host: x86_64-unknown-linux-gnu;; *) echo {folder}/none;; esac\n")
            rustc.chmod(0o700)
            made = subprocess.run(
                ["make", "root-keys", f"PACKAGER={folder}"],
                cwd=REPOSITORY,
                # Make may run this test itself: its level would make the inner one print directories.
                env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "MAKEFLAGS": "", "MAKELEVEL": ""},
                capture_output=True,
                text=True,
            )
        self.assertNotEqual(made.returncode, 0)
        said, *_ = made.stderr.splitlines()
        self.assertIn("`rustup target add x86_64-unknown-linux-musl`", said)
        self.assertIn("`cargo build --locked --release --package root-keys`", said)
        self.assertEqual(made.stdout, "")
