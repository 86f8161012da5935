"""No text in the repository uses a phrase of phrases.txt."""

import re
import subprocess
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("phrases.txt")
ENTRIES = [line for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
PHRASES = {phrase.lower(): instead for phrase, instead in (line.split(" => ") for line in ENTRIES)}
TEXTS = {".json", ".md", ".py", ".rs", ".sh", ".toml", ".ts", ".yaml", ".yml"}
# Between two words: white space, or the end of a line and the comment mark or quotation mark of the next one.
GAP = r"(?:\s|\\?\n[ \t]*(?://[/!]?|#|\*|\"|')[ \t]*)+"
# The longest first: it names the better replacement.
LONGEST_FIRST = sorted(PHRASES, key=len, reverse=True)
ANY = re.compile(r"(?<![\w`-])(" + "|".join(re.escape(it).replace(r"\ ", GAP) for it in LONGEST_FIRST) + r")(?![\w`-])", re.I)


def found(text: str) -> list[tuple[int, str]]:
    """Each phrase in a text, with the number of its line."""
    return [(text.count("\n", 0, it.start()) + 1, " ".join(re.findall(r"[\w'-]+", it[0].lower()))) for it in ANY.finditer(text)]


class Phrases(unittest.TestCase):
    def test_of_the_list_stand_in_no_file_of_the_repository(self):
        listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
        paths = [Path(it) for it in listed.splitlines()]
        hits = [
            f"{path}:{line}: {phrase} → {PHRASES[phrase]}"
            for path in paths
            if (path.suffix in TEXTS or path.name == "Makefile") and path.parent != Path("tests/language") and (REPOSITORY / path).is_file()
            for line, phrase in found((REPOSITORY / path).read_text("utf-8"))
        ]
        self.assertEqual(hits, [], "\n" + "\n".join(hits))

    def test_are_found_across_lines_and_not_inside_words_or_names(self):
        text = "# Nobody\n# is told.\n/// it is\n/// told\n`mend` recommend stand-ins mend"
        self.assertEqual(found(text), [(1, "nobody is told"), (3, "is told"), (5, "mend")])


if __name__ == "__main__":
    unittest.main()
