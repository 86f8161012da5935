"""The page of a status and its CSV: what is in them, and that nothing in them acts.

`page`, an example of the package root-keys, writes the report of an invented organization in each format.
"""

import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import unittest
from html.parser import HTMLParser

from local_aws import BINARIES, REPOSITORY

PAGE = BINARIES / "examples/page"
DOCS = "https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs/"
EMPTY = {"meta", "wbr", "rect", "line", "polygon"}
# What a page may be made of; each other element could load, run or send something.
ELEMENTS = EMPTY | set(
    "html head title style body header main footer section h1 h2 h3 p strong code bdi time span a ul li dl dt dd div "
    "details summary table caption thead tbody tr th td svg g text".split()
)
ATTRIBUTES = set(
    "lang charset http-equiv content name class id href datetime scope open aria-labelledby aria-hidden role viewbox "
    "colspan x y x1 x2 y1 y2 width height points text-anchor".split()
)


def written(accounts, *words):
    return subprocess.run([PAGE, str(accounts), *words], capture_output=True, check=True).stdout.decode()


class Element:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent, self.children = tag, dict(attributes), parent, []

    def all(self, *tags):
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags:
                    yield child
                yield from child.all(*tags)

    @property
    def text(self):
        return "".join(child if isinstance(child, str) else child.text for child in self.children)


class Tree(HTMLParser):
    """The elements of a page. A tag that is not closed, or closed twice, is an error."""

    def __init__(self, text):
        super().__init__()
        self.at = self.root = Element("", {}, None)
        self.feed(text)
        self.close()
        assert self.at is self.root, f"<{self.at.tag}> is not closed"

    def handle_starttag(self, tag, attributes):
        assert len(attributes) == len(dict(attributes)), attributes
        element = Element(tag, attributes, self.at)
        self.at.children.append(element)
        if tag not in EMPTY or tag in ("rect", "line", "polygon"):
            self.at = element

    def handle_endtag(self, tag):
        assert self.at.tag == tag, f"</{tag}> in <{self.at.tag}>"
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def element(self, name):
        [found] = [it for it in self.root.all(*ELEMENTS) if it.attributes.get("id") == name]
        return found

    def section(self, name):
        return self.element(name).parent


def inert(page):
    """What in the page could act, or is not ours."""
    tree = Tree(page)
    wrong = []
    for element in tree.root.all(*{it for it in everything(tree)}):
        if element.tag not in ELEMENTS:
            wrong.append(f"<{element.tag}>")
        for name, value in element.attributes.items():
            if name not in ATTRIBUTES:
                wrong.append(f"{element.tag} {name}={value}")
            if name == "href" and not re.fullmatch(rf"#a\d{{12}}|{re.escape(DOCS)}[a-z-]+\.md(#[a-z-]+)?", value):
                wrong.append(f"href={value}")
    return wrong


def everything(tree):
    def tags(element):
        for child in element.children:
            if isinstance(child, Element):
                yield child.tag
                yield from tags(child)

    return set(tags(tree.root))


class ThePage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = written(600)
        cls.tree = Tree(cls.page)
        cls.report = json.loads(written(600, "json"))

    def test_nothing_in_it_acts_and_every_link_is_to_an_account_or_our_documents(self):
        self.assertEqual([], inert(self.page))
        for acts in ("<script>", "<p onclick=x>", "<a href=https://example.com>", "<img src=x>", '<p style="x">'):
            tag = re.match(r"<(\w+)", acts)[1]
            self.assertNotEqual([], inert(acts + ("" if tag == "img" else f"</{tag}>") + ("</img>" if tag == "img" else "")), acts)

    def test_its_policy_allows_its_style_and_nothing_else(self):
        [style] = self.tree.root.all("style")
        digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
        [policy] = [it for it in self.tree.root.all("meta") if it.attributes.get("http-equiv") == "Content-Security-Policy"]
        self.assertEqual(
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
            policy.attributes["content"],
        )
        self.assertNotRegex(style.text, r"url\(|@import|https?:")

    def test_names_and_annotations_that_look_like_code_are_text(self):
        page = written(120, "hostile")
        self.assertEqual([], inert(page))
        report = json.loads(written(120, "hostile", "json"))
        tree = Tree(page)
        ids = {it.attributes["id"]: it for it in tree.root.all("tr") if "id" in it.attributes}
        for account in report["accounts"]:
            shown = ids["a" + account["account"]].text
            printable = re.sub("[\u202e\u2066\0\x07\x85\u2028]", " ", account["name"])
            self.assertIn(printable, shown)
        self.assertNotRegex(page, "[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
        self.assertEqual(1, len(list(tree.root.all("h1"))))

    def test_every_account_is_once_among_all_accounts_in_its_organizational_unit(self):
        shown = {}
        for unit in self.tree.section("all").all("details"):
            [summary] = unit.all("summary")
            rows = [row for row in unit.all("tr") if "id" in row.attributes]
            self.assertIn(f"{len(rows)} account", summary.text)
            for row in rows:
                [account] = row.all("th")
                self.assertNotIn(account.text, shown)
                self.assertEqual("a" + account.text, row.attributes["id"])
                shown[account.text] = summary.text.split(" ")[0]
        expected = {it["account"]: it["organizationalUnitPath"] or "Organizational" for it in self.report["accounts"]}
        self.assertEqual(expected, shown)

    def test_the_counts_are_those_of_the_json_document(self):
        counts = self.tree.section("counts")
        shown = dict(zip((it.text for it in counts.all("dt")), (int(it.text) for it in counts.all("dd"))))
        summary = self.report["summary"]
        expected = {
            "Accounts": len(self.report["accounts"]),
            "Open": self.report["open"],
            "Exempt": self.report["exempt"],
        }
        for label in ("NON_COMPLIANT", "Not visible", "No result", "Stale", "COMPLIANT", "Not active"):
            expected[label] = summary.get(label if label.isupper() else label.lower(), 0)
        self.assertEqual(expected, shown)
        self.assertTrue(all(expected.values()), "each kind of account is in the invented organization")

    def test_every_open_account_and_no_other_is_among_the_open_ones_with_its_cause(self):
        shown = set()
        causes = {}
        for child in self.tree.section("open").children:
            if child.tag == "h3":
                cause = child.text
            for row in child.all("tr"):
                for account in row.all("a"):
                    shown.add(account.text)
                    causes.setdefault(account.text, []).append(cause)
        self.assertEqual({it["account"] for it in self.report["accounts"] if it["open"]}, shown)
        for account in self.report["accounts"]:
            if account["account"] in shown:
                for problem, cause in zip(account["problems"], causes[account["account"]]):
                    self.assertTrue(cause.startswith(problem["what"].split(":")[0]), (cause, problem))

    def test_accounts_of_which_no_result_is_known_are_open_too(self):
        report = json.loads(written(60, "blind", "json"))
        tree = Tree(written(60, "blind"))
        shown = {row.text for row in tree.section("open").all("a")}
        self.assertEqual({it["account"] for it in report["accounts"] if it["open"]}, shown)
        self.assertGreater(len(shown), 50)

    def test_what_could_not_be_seen_comes_before_everything_that_was(self):
        headings = [it.attributes.get("id") for it in self.tree.root.all("h2")]
        self.assertEqual(["counts", "not-visible", "trend", "open", "watch", "exemptions", "all"], headings)
        shown = self.tree.section("not-visible").text.replace("`", "")
        for line in self.report["notVisible"]:
            self.assertIn(line.replace("`", ""), shown)

    def test_whoever_cannot_see_it_finds_headings_captions_and_the_numbers_of_the_chart(self):
        for table in self.tree.root.all("table"):
            self.assertEqual("caption", table.children[0].tag)
            self.assertTrue(all(it.attributes.get("scope") for it in table.all("th")))
        names = [it.attributes["id"] for it in self.tree.root.all(*ELEMENTS) if "id" in it.attributes]
        self.assertEqual(len(names), len(set(names)))
        linked = {it.attributes["href"][1:] for it in self.tree.root.all("a") if it.attributes["href"].startswith("#")}
        self.assertLessEqual(linked, set(names))
        trend = self.tree.section("trend")
        drawn = [it.text for it in trend.all("title")]
        rows = [[cell.text for cell in row.all("th", "td")] for row in trend.all("tr")][1:]
        self.assertEqual(90, len(drawn))
        for title, (day, accounts, open_accounts, keys, kind) in zip(reversed(drawn), rows, strict=True):
            partial = ", partial" if kind == "partial" else ""
            self.assertEqual(f"{day}: {open_accounts} open, {keys} NON_COMPLIANT of {accounts} accounts{partial}", title)

    def test_the_same_report_makes_the_same_page(self):
        self.assertEqual(self.page, written(600))

    def test_its_colors_have_enough_contrast_in_light_and_in_dark(self):
        style = (REPOSITORY / "root-keys/src/status/html/page.css").read_text()
        themes = re.findall(r":root \{(.*?)\}", style, re.S)
        self.assertEqual(3, len(themes))
        for theme in themes:
            colors = dict(re.findall(r"--([a-z-]+): #([0-9a-f]{6});", theme))
            self.assertEqual(14, len(colors), theme)
            for text in ("text", "quiet", "link", "bad", "warn", "good"):
                for ground in ("ground", "panel", "warn-ground"):
                    ratio = contrast(colors[text], colors[ground])
                    self.assertGreaterEqual(ratio, 4.5, f"{text} on {ground} in {theme}")
            for text in ("bad", "good"):
                self.assertGreaterEqual(contrast(colors[text], colors[f"{text}-ground"]), 4.5)
            for bar in ("bar-line", "bad", "warn"):
                self.assertGreaterEqual(contrast(colors[bar], colors["ground"]), 3)


def contrast(one, other):
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""

    def luminance(color):
        channels = [int(color[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


class TheCsv(unittest.TestCase):
    COLUMNS = (
        "account,account_name,state,organizational_unit_path,management_account,compliance,open,problems,details,function,"
        "rule,last_result,annotations,prevention,exemption,exemption_expires,exemption_owner,exemption_reason,"
        "exemption_ticket"
    )

    def test_it_has_one_line_for_each_account_with_the_facts_of_the_json_document(self):
        text = written(600, "csv")
        self.assertEqual(self.COLUMNS, text.split("\r\n")[0])
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        report = json.loads(written(600, "json"))
        self.assertEqual(601, text.count("\r\n"))
        for row, account in zip(rows, report["accounts"], strict=True):
            exemption = account["exemption"] or {}
            for column, value in (
                ("account", account["account"]),
                ("account_name", account["name"]),
                ("state", account["state"]),
                ("organizational_unit_path", account["organizationalUnitPath"] or ""),
                ("compliance", account["compliance"]),
                ("open", str(account["open"]).lower()),
                ("problems", "; ".join(it["kind"] for it in account["problems"])),
                ("details", "; ".join(it["what"] for it in account["problems"])),
                ("last_result", max((it["recorded"] for it in account["evaluations"]), default="")),
                ("exemption", exemption.get("state", "")),
                ("exemption_expires", exemption.get("expires", "")),
                ("exemption_ticket", exemption.get("ticket", "")),
            ):
                self.assertEqual(value, row[column], (column, account["account"]))

    def test_no_cell_is_a_formula_or_has_a_character_that_is_not_printed(self):
        text = written(120, "hostile", "csv")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        self.assertEqual(121, len(rows))
        for row in rows:
            self.assertEqual(19, len(row))
            for cell in row:
                self.assertNotRegex(cell, r"^\s*[=+\-@]")
                self.assertNotRegex(cell, "[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


if __name__ == "__main__":
    unittest.main()
