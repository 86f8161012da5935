#!/usr/bin/env python3
"""Fails if a packaged function is more than 5% larger than the size recorded for its architecture.

    python3 bench/guard.py rule|watch ZIP [--record]

The sizes are in bench/sizes.json, by function and architecture. `--record` stores the size of the zip there.
"""

import argparse
import json
import os
import sys
import zipfile
from pathlib import Path

MAX_GROWTH = 1.05
SIZES = Path(__file__).with_name("sizes.json")
MACHINES = {62: "x86_64", 183: "arm64"}  # e_machine of the ELF header, in Lambda's words


def architecture(package: str) -> str:
    """The architecture of the program in the zip."""
    with zipfile.ZipFile(package) as archive, archive.open("bootstrap") as program:
        return MACHINES[int.from_bytes(program.read(20)[18:], "little")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("function", choices=("rule", "watch"))
    parser.add_argument("zip")
    parser.add_argument("--record", action="store_true", help="store the size")
    parser.add_argument("--sizes", type=Path, default=SIZES, help="the recorded sizes")
    options = parser.parse_args()
    sizes = json.loads(options.sizes.read_text())
    machine, size = architecture(options.zip), os.path.getsize(options.zip)
    if options.record:
        sizes[options.function][machine] = size
        options.sizes.write_text(json.dumps(sizes, indent=2, sort_keys=True) + "\n")
        return
    recorded = sizes[options.function].get(machine)
    if recorded is None:
        sys.exit(f"{options.zip} is for {machine}, for which no size of the {options.function} is recorded: record it with --record")
    both = f"{options.zip} for {machine} has {size} bytes, {size / recorded:.3f} times the recorded {recorded}"
    if size > recorded * MAX_GROWTH:
        sys.exit(
            f"{both}; the limit is {MAX_GROWTH} times; reduce the size, or explain the growth in the commit and record the size"
            " with --record"
        )
    print(f"{both}: within the limit of {MAX_GROWTH} times")


if __name__ == "__main__":
    main()
