"""Writes the CycloneDX bill of materials of a program.

    python .ci/sbom.py PACKAGE LIBC BINARY PUBLISHED BILL

PACKAGE is the crate that the program is built from, LIBC the C library of its
target (`gnu` or `musl`), and PUBLISHED the file that a release contains: the
program or the zip around it. The components are the crates that cargo builds into
the program for the binary's architecture and with the package's own features, and
musl, which is linked in. Crates that run only during the build (procedural macros
and their own dependencies) have the scope `excluded`. The bill contains no time of
day, and its serial number is derived from the published file, so that equal files
of equal lock files have equal bills. The script fails if the bill breaks
CycloneDX's schema, or if the binary names a crate that the bill does not.
"""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
import uuid
from importlib.metadata import version
from pathlib import Path

from artifact import machine
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from elftools.elf.elffile import ELFFile
from packageurl import PackageURL

PROCESSORS = {"x86_64": "x86_64", "arm64": "aarch64"}
# The path that the Makefile maps the sources of crates to. Panic messages contain such paths.
SOURCE = re.compile(rb"/cargo/registry/src/[^/]+/([\w-]+?)-(\d+\.\d+\.\d+[^/]*)/")


def tree(package: str, target: str, edges: str) -> list[tuple[int, str, str, str, str]]:
    """The crates of the program as cargo prints them: depth, name, version, license, repository."""
    ran = subprocess.run(
        ["cargo", "tree", "--locked", "--package", package, "--target", target, "--edges", edges]
        + ["--prefix", "depth", "--format", "\t{p}\t{l}\t{r}"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    lines = [line.split("\t") for line in ran.stdout.splitlines()]
    crates = [(int(depth), *crate.split()[:2], license, home) for depth, crate, license, home in lines]
    # A repeated crate is marked in the last column.
    return [(d, name, v.removeprefix("v"), lic, home.removesuffix("(*)").strip()) for d, name, v, lic, home in crates]


def component(
    name: str, number: str, license: str, home: str, checksum: str | None, scope: ComponentScope
) -> Component:
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=number,
        bom_ref=f"{name}@{number}",
        purl=PackageURL("cargo", None, name, number),
        scope=scope,
        # Older crates write a slash for "or".
        licenses=[LicenseFactory().make_from_string(re.sub(" ?/ ?", " OR ", license))] if license else None,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else None,
        external_references=[ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(home))] if home else None,
    )


def bill(package: str, libc: str, architecture: str, published: bytes) -> Bom:
    target = f"{PROCESSORS[architecture]}-unknown-linux-{libc}"
    built_in = {crate[1:3] for crate in tree(package, target, "normal,no-proc-macro")}
    packages = tomllib.loads(Path("Cargo.lock").read_text())["package"]
    checksums = {(locked["name"], locked["version"]): locked.get("checksum") for locked in packages}

    bom = Bom()
    crates, path = {}, []
    for depth, *crate in tree(package, target, "normal"):
        key = tuple(crate[:2])
        if key not in crates:
            scope = ComponentScope.REQUIRED if key in built_in else ComponentScope.EXCLUDED
            crates[key] = component(*crate, checksums[key], scope)
        path[depth:] = [crates[key]]
        if depth:
            bom.components.add(crates[key])
            bom.register_dependency(path[depth - 1], [crates[key]])

    program = path[0]
    program.type = ComponentType.APPLICATION
    digest = hashlib.sha256(published).hexdigest()
    program.hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest)]
    program.properties = [Property(name="architecture", value=architecture), Property(name="rustc", value=rustc())]
    bom.metadata.component = program
    if libc == "musl":
        bom.components.add(musl())
    bom.serial_number = uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_DNS, f"bill-of-materials.{package}"), digest)
    return bom


def musl() -> Component:
    """The C library that is linked in: the one of zig, which says no version of it other than its own."""
    return Component(
        type=ComponentType.LIBRARY,
        name="musl",
        bom_ref="musl",
        scope=ComponentScope.REQUIRED,
        licenses=[LicenseFactory().make_from_string("MIT")],
        properties=[Property(name="zig", value=version("ziglang"))],
        external_references=[
            ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri("https://musl.libc.org"))
        ],
    )


def rustc() -> str:
    """The compiler, and with it the standard library, which is in the binary too."""
    return subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def written(bom: Bom) -> str:
    """The bill as JSON, without the time of day that the library puts in."""
    content = json.loads(JsonV1Dot6(bom).output_as_string())
    del content["metadata"]["timestamp"]
    return json.dumps(content, indent=2) + "\n"


def refuse_if_wrong(text: str, binary: bytes) -> None:
    if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SystemExit(f"sbom: the bill breaks CycloneDX's schema: {fault}")
    named = {f"{name.decode()}@{version.decode()}" for name, version in SOURCE.findall(binary)}
    if not named:
        raise SystemExit("sbom: the binary names no crate, so the bill cannot be checked: build it with make")
    listed = {c["bom-ref"] for c in json.loads(text)["components"] if c["scope"] == "required"}
    if missing := sorted(named - listed):
        raise SystemExit(f"sbom: the binary holds crates that the bill does not list: {', '.join(missing)}")
    print(f"{len(listed)} crates are listed; the binary names {len(named)} of them and no other")


def main(package: str, libc: str, binary: Path, published: Path, to: Path) -> None:
    with binary.open("rb") as file:
        architecture = machine(ELFFile(file))
    text = written(bill(package, libc, architecture, published.read_bytes()))
    refuse_if_wrong(text, binary.read_bytes())
    to.write_text(text)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(Path, sys.argv[3:6]))
