"""The notifications that the documents and drawings show are those that the CDK app sends."""

import html
import re
import unittest

from local_aws import REPOSITORY

NAME = "root-access-key-rule"
# Each string of the app, with what the state machine fills in as `FILLED`.
SENT = {
    text.replace("${NAME}", NAME)
    for source in (REPOSITORY / "cdk/lib").rglob("*.ts")
    for pair in re.findall(r"`([^`]*)`|'([^'\n]*)'", re.sub(r"^\s*(?:\*|//).*", "", source.read_text(), flags=re.M))
    for text in pair
    if text
}
# An expression, which can hold another one: `${detail('x')}`.
FILLED = re.compile(r"\$\{[^}]*\}")
GUIDES = ("on-call", "operations")


def is_sent(shown):
    """Whether some text of the app begins like this; `…` stands for anything."""
    pattern = re.compile(".*".join(map(re.escape, shown.split("…"))))
    return any(pattern.match(FILLED.sub("X", text)) for text in SENT)


def is_one_of_the_lines_sent(shown):
    """Whether some text of the app, filled in, is this line."""
    lines = [text for text in SENT if re.match(r"\w+[ :]", text)]
    return any(re.fullmatch(".+".join(map(re.escape, FILLED.split(line))), shown) for line in lines)


def shown_by(document):
    """The notifications in the first column of the table that lists them, but those of the watch, which words its own."""
    text = (REPOSITORY / f"docs/{document}.md").read_text()
    [rows, *_] = re.findall(r"^\| (?:you receive|subject) \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.M)
    return [re.search(r"\*([^*]+)\*", row)[1].lstrip("… ") for row in rows.splitlines() if "watch" not in row.split("|")[1]]


def drawn(picture):
    """The text of a drawing, as one line."""
    svg = (REPOSITORY / f"docs/screenshots/{picture}.svg").read_text()
    return " ".join(html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def texts(picture, kind):
    """The texts of a class in a drawing."""
    svg = (REPOSITORY / f"docs/screenshots/{picture}.svg").read_text()
    return [html.unescape(text) for text in re.findall(rf'<text class="{kind}"[^>]*>([^<]*)</text>', svg)]


class Shown(unittest.TestCase):
    def test_in_a_guide_is_sent(self):
        for document in GUIDES:
            shown = shown_by(document)
            self.assertEqual(len(shown), 10)
            for text in shown:
                with self.subTest(document=document, shown=text):
                    self.assertTrue(is_sent(text) or is_sent(f"{NAME} {text}"))

    def test_in_the_drawing_of_the_email_is_sent(self):
        lines = texts("email", "sent")
        [annotation] = [it for it in lines if it.startswith("The root user has")]
        for line in lines:
            with self.subTest(line=line):
                self.assertTrue(line == annotation or is_one_of_the_lines_sent(line))
        self.assertEqual(len(lines), 7)
        self.assertIn(" ".join([annotation, *texts("email", "more")]), drawn("config-console"))

    def test_annotation_is_one_that_the_rule_writes(self):
        [annotation] = re.findall(r"The root user has access keys\..* UTC\.", drawn("email"))
        self.assertIn(annotation, " ".join((REPOSITORY / "README.md").read_text().split()))

    def test_that_is_not_sent_is_found(self):
        self.assertFalse(is_sent("Account … is fine."))
        self.assertFalse(is_one_of_the_lines_sent("Account 333333333333 is fine."))
