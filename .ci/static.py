"""Copies a built program to its place in the release, if it is static.

    python .ci/static.py BINARY PUBLISHED

The script fails for a program that names an interpreter (the dynamic linker) or a
shared library, because it would not start on a machine with another C library.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from artifact import machine
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile


def needs(elf: ELFFile) -> list[str]:
    """The interpreter and the shared libraries that the program names."""
    named = []
    for segment in elf.iter_segments():
        if segment.header.p_type == "PT_INTERP":
            named.append(segment.get_interp_name())
        if isinstance(segment, DynamicSegment):
            named += [tag.needed for tag in segment.iter_tags("DT_NEEDED")]
    return named


def main(binary: Path, published: Path) -> None:
    with binary.open("rb") as file:
        elf = ELFFile(file)
        architecture, needed = machine(elf), needs(elf)
    if needed:
        raise SystemExit(f"static: {binary} is not static, it needs {', '.join(needed)}; build it with `make root-keys`")
    published.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(binary, published)
    digest = hashlib.sha256(published.read_bytes()).hexdigest()
    print(f"{published}: {architecture}, static, {published.stat().st_size} bytes, sha256 {digest}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
