"""The screenshots in docs/screenshots: each runs the real program in a terminal and draws what it prints, or opens the page
that it writes in a browser.

Without arguments it writes them. With `--check` it runs the programs again and fails if a screenshot shows other text;
times and milliseconds, which differ from run to run, do not count. A picture of a page contains the SHA-256 of the page,
so the check needs no browser.
"""

import fcntl
import hashlib
import html
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import zlib

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/clients"))

from browser import Browser  # noqa: E402
from local_aws import BINARIES, ORGANIZATION, LocalAws  # noqa: E402

PICTURES = REPOSITORY / "docs/screenshots"
COLUMNS = 100
MANAGEMENT = "123456789012"

THEME = TerminalTheme(
    (255, 255, 255),
    (36, 41, 47),
    [(36, 41, 47), (180, 35, 24), (26, 127, 55), (154, 103, 0), (9, 105, 218), (130, 80, 223), (27, 124, 131), (110, 119, 129)],
)
# Rich's own format loads a font from another site, which a picture in a document may not. A light ground reads on both
# of GitHub's themes.
FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: {char_height}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def in_a_terminal(words, environment):
    """What a program prints to a terminal of this width. What it says of its progress does not stay and is left out."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    base = {"PATH": os.environ["PATH"], "TERM": "xterm-256color"}
    process = subprocess.Popen(words, env=base | environment, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL)
    os.close(theirs)
    printed = b""
    try:
        while chunk := os.read(ours, 65536):
            printed += chunk
    except OSError:
        pass  # Linux says EIO where the other end is closed.
    os.close(ours)
    process.wait()
    return printed.decode().replace("\r\n", "\n")


def make_local():
    return in_a_terminal([BINARIES / "local"], {})


def in_the_organization(*arguments):
    with LocalAws(ORGANIZATION) as organization:
        return in_a_terminal([BINARIES / "root-keys", *arguments], organization.environment(MANAGEMENT))


# The name of each picture, the command that a person types, and what it prints.
SCREENSHOTS = {
    "make-local": ("make local", make_local),
    "root-keys-status": ("root-keys status", lambda: in_the_organization("status")),
    "root-keys-preflight": ("root-keys status --preflight", lambda: in_the_organization("status", "--preflight")),
}


def drawn(name, command, printed):
    console = Console(width=COLUMNS, record=True, file=open(os.devnull, "w"), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(f"$ {command}\n{printed.strip()}"), soft_wrap=True)
    svg = console.export_svg(title=command, theme=THEME, code_format=FORMAT, unique_id=name)
    return "".join(line.rstrip() + "\n" for line in svg.splitlines() if line.strip())


def text_of(svg):
    """The text of a picture, without what differs from run to run."""
    lines = {}
    for tag in re.finditer(r'<text [^>]*y="([\d.]+)"[^>]*>(.*?)</text>', svg):
        lines.setdefault(tag[1], []).append(html.unescape(tag[2]).replace("\xa0", " "))
    text = "\n".join("".join(line).rstrip() for line in lines.values())
    text = re.sub(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?Z?)?", "TIME", text)
    return re.sub(r"(COMPLIANT|run failed) +\d+$", r"\1 MS", text, flags=re.M)


# The page of an invented organization of so many accounts, as the daily watch stores it.
PAGES = {"status-page": "1010"}
PAGE_SIZE = (1280, 1330)
DIGEST = b"SHA-256 of the page"


def page(accounts):
    """The page, and its digest, which the version of the program does not change."""
    written = subprocess.run([BINARIES / "examples/page", accounts], check=True, capture_output=True).stdout
    unversioned = re.sub(rb"</code> \d+\.\d+\.\d+\.", b"", written)
    return written, hashlib.sha256(unversioned).hexdigest().encode()


def photographed(written, digest):
    """A PNG of the page, with the digest as a text chunk before the picture's data."""
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        file = pathlib.Path(folder) / "status.html"
        file.write_bytes(written)
        browser.open(file, *PAGE_SIZE)
        png = browser.picture()
    text = b"tEXt" + DIGEST + b"\0" + digest
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    at = png.index(b"IDAT") - 4
    return png[:at] + chunk + png[at:]


def main(check):
    stale = []
    for name, accounts in PAGES.items():
        path = PICTURES / f"{name}.png"
        written, digest = page(accounts)
        if not check:
            path.write_bytes(photographed(written, digest))
        elif not path.exists() or DIGEST + b"\0" + digest not in path.read_bytes():
            stale.append(path.relative_to(REPOSITORY))
    for name, (command, run) in SCREENSHOTS.items():
        path = PICTURES / f"{name}.svg"
        svg = drawn(name, command, run())
        if not check:
            path.write_text(svg)
        elif not path.exists() or text_of(path.read_text()) != text_of(svg):
            stale.append(path.relative_to(REPOSITORY))
    if stale:
        sys.exit(f"no longer what the program prints: {', '.join(map(str, stale))}; run `make screenshots`")


if __name__ == "__main__":
    main("--check" in sys.argv[1:])
