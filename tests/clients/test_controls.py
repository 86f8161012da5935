"""docs/controls.md says what cdk/controls.json says."""

import json
import unittest

from controls import CONTROLS, DOCUMENT, document


class TheControls(unittest.TestCase):
    def test_are_the_same_in_the_document_and_in_the_json(self):
        hint = "update it with .tools/venv/bin/python tests/clients/controls.py"
        self.assertEqual(DOCUMENT.read_text(), document(), hint)

    def test_are_either_verified_or_marked_as_our_reading(self):
        for control in json.loads(CONTROLS.read_text()):
            self.assertEqual(control["verified"], not control["source"].startswith("our reading: "), control)

    def test_are_named_once_each(self):
        names = [(c["framework"], c["version"], c["control"]) for c in json.loads(CONTROLS.read_text())]
        self.assertEqual(len(names), len(set(names)))
