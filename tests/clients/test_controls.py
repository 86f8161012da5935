"""docs/controls.md says what cdk/controls.json says."""

import json
import unittest

from controls import CONTROLS, DOCUMENT, document


class TheControls(unittest.TestCase):
    def test_stand_in_the_document_as_in_the_json(self):
        hint = "bring it up to date: .tools/venv/bin/python tests/clients/controls.py"
        self.assertEqual(DOCUMENT.read_text(), document(), hint)

    def test_say_what_is_verified_and_what_is_our_reading(self):
        for control in json.loads(CONTROLS.read_text()):
            self.assertEqual(control["verified"], not control["source"].startswith("our reading: "), control)

    def test_are_named_once_each(self):
        names = [(c["framework"], c["version"], c["control"]) for c in json.loads(CONTROLS.read_text())]
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main()
