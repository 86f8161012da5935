"""Writes the licenses of what is in a program, as they require of whoever passes a binary on.

    python .ci/notices.py BILL NOTICES [--with-musl COPYRIGHT]

The crates are those that the bill of materials says are built in. Each license
text stands once, below the crates whose packages carry it; packages without one
are listed with the license that they name.
"""

import argparse
import json
import subprocess
from collections import defaultdict
from pathlib import Path

# Some crates use the British spelling. cspell:ignore LICENCE
NAMES = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")


def folders() -> dict[tuple[str, str], Path]:
    """Where cargo has the sources of each crate."""
    ran = subprocess.run(
        ["cargo", "metadata", "--locked", "--format-version", "1"], stdout=subprocess.PIPE, check=True
    )
    packages = json.loads(ran.stdout)["packages"]
    return {(p["name"], p["version"]): Path(p["manifest_path"]).parent for p in packages}


def texts(folder: Path) -> list[str]:
    files = (file for file in sorted(folder.iterdir()) if file.is_file() and file.name.upper().startswith(NAMES))
    return [file.read_text(errors="replace").strip() for file in files]


def main(bill: Path, notices: Path, musl: Path | None) -> None:
    where = folders()
    crates_of, without = defaultdict(list), []
    for component in json.loads(bill.read_text())["components"]:
        if component["scope"] != "required":
            continue
        if component["name"] == "musl":
            if musl is None:
                raise SystemExit("notices: the program contains musl; name its license text with --with-musl")
            crates_of[musl.read_text().strip()].append("musl")
            without.append("LLVM's libunwind and compiler-rt: Apache-2.0 WITH LLVM-exception")
            continue
        crate = f"{component['name']} {component['version']}"
        found = texts(where[component["name"], component["version"]])
        for text in found:
            crates_of[text].append(crate)
        if not found:
            [license] = component["licenses"]
            without.append(f"{crate}: {license.get('expression') or license['license']['id']}")
    if not crates_of:
        raise SystemExit(f"notices: no crate of {bill} carries a license text")
    parts = ["\n".join(crates) + f"\n\n{text}" for text, crates in crates_of.items()]
    without.append("Rust's standard library: MIT OR Apache-2.0")
    parts.append("Without a text in their packages:\n\n" + "\n".join(without))
    notices.write_text(f"\n\n{'-' * 80}\n\n".join(parts) + "\n")
    print(f"{notices}: {len(crates_of)} texts; {len(without)} parts bring none")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("bill", type=Path)
    arguments.add_argument("notices", type=Path)
    arguments.add_argument("--with-musl", type=Path)
    given = arguments.parse_args()
    main(given.bill, given.notices, given.with_musl)
