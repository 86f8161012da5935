"""Packs the built function into a zip for Lambda, if Lambda can run it.

    python .ci/artifact.py BINARY ZIP

The zip contains one file, `bootstrap`, and no time of day, so that equal binaries
produce equal zips. Lambda accepts only deflate compression, and zopfli compresses
deflate further than zlib does. The script fails for a binary that needs a newer C
library than Amazon Linux 2023 has, and for one that is not a 64-bit Linux program
for x86-64 or arm64.
"""

import hashlib
import re
import sys
import zipfile
from pathlib import Path

import zopfli.zlib
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

AMAZON_LINUX_2023_GLIBC = (2, 34)
PASSES = 5  # zopfli recommends this for several MB; 30 passes save 300 bytes more
MACHINES = {"EM_X86_64": "x86_64", "EM_AARCH64": "arm64"}


def machine(elf: ELFFile) -> str:
    """Lambda's name for the architecture the binary is for."""
    kind = elf.header["e_machine"]
    if elf.elfclass != 64 or kind not in MACHINES:
        raise SystemExit(f"artifact: {kind} is not an architecture that Lambda supports")
    return MACHINES[kind]


def newest_glibc(elf: ELFFile) -> tuple[int, ...]:
    """The newest glibc version that a symbol of the binary asks for."""
    sections = [s for s in elf.iter_sections() if isinstance(s, GNUVerNeedSection)]
    names = [aux.name for s in sections for _, auxs in s.iter_versions() for aux in auxs]
    versions = [re.fullmatch(r"GLIBC_([0-9.]+)", name) for name in names]
    found = [tuple(map(int, match[1].split("."))) for match in versions if match]
    if not found:
        raise SystemExit("artifact: the binary names no glibc version, so this script cannot check it: build it with `make package`")
    return max(found)


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


class Deflate:
    """What `zipfile` asks of a compressor, done by zopfli at the end."""

    def __init__(self) -> None:
        self.data = b""

    def compress(self, data: bytes) -> bytes:
        self.data += data
        return b""

    def flush(self) -> bytes:
        # Without the two bytes before and the four after that make it zlib's.
        return zopfli.zlib.compress(self.data, numiterations=PASSES)[2:-4]


def pack(program: bytes, archive: Path) -> None:
    """Writes `program` as the one file of `archive`, and reads it back."""
    entry = zipfile.ZipInfo("bootstrap")  # of 1980-01-01, always
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100755 << 16
    entry.create_system = 3  # Unix, so that the mode counts
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as out, out.open(entry, "w") as file:
        file._compressor = Deflate()  # there is no public place for another one
        file.write(program)
    with zipfile.ZipFile(archive) as written:
        if written.testzip():
            raise SystemExit(f"artifact: {archive} does not hold what was put into it")


def main(binary: Path, archive: Path) -> None:
    with binary.open("rb") as file:
        elf = ELFFile(file)
        architecture, glibc = machine(elf), newest_glibc(elf)
    if glibc > AMAZON_LINUX_2023_GLIBC:
        raise SystemExit(
            f"artifact: {binary} needs glibc {dotted(glibc)}, but provided.al2023 has "
            f"{dotted(AMAZON_LINUX_2023_GLIBC)}; build it with `make package`"
        )
    pack(binary.read_bytes(), archive)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    print(
        f"{archive}: {architecture}, glibc {dotted(glibc)} or newer, "
        f"{binary.stat().st_size} bytes in {archive.stat().st_size}, sha256 {digest}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
