"""Measures how long a browser takes to open the page of a status; `make bench-page` calls it.

The page is that of an invented organization (root-keys/examples/page) of 10,000 accounts, or as many as the argument
says. Each opening is in a new browser. Times are those that the browser gives, from the request on.
"""

import pathlib
import statistics
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/clients"))
sys.path.insert(0, str(REPOSITORY / "tests/screenshots"))

from browser import Browser  # noqa: E402
from local_aws import BINARIES  # noqa: E402

OPENINGS = 7


def main(accounts):
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "status.html"
        page.write_bytes(subprocess.run([BINARIES / "examples/page", accounts], check=True, capture_output=True).stdout)
        loads, paints = [], []
        for _ in range(OPENINGS):
            with Browser() as browser:
                load, paint = browser.open(page)
            loads.append(load)
            paints.append(paint)
        size = page.stat().st_size
    print(f"{int(accounts):,} accounts, {size / 1e6:.1f} MB, {OPENINGS} openings, median (slowest):")
    for name, times in (("first paint", paints), ("loaded", loads)):
        print(f"  {name}: {statistics.median(times):.0f} ms ({max(times):.0f} ms)")


if __name__ == "__main__":
    main(*sys.argv[1:] or ["10000"])
