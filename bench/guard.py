#!/usr/bin/env python3
"""Fails when the packaged function has grown by more than a twentieth.

Run from the repository's root. The record is what `make bench ARGS=--record`
wrote, on a machine of one architecture; a function for another is not compared.
"""

import argparse
import json
import os
import sys
import zipfile

MOST_GROWTH = 1.05
MACHINES = {62: "x86_64", 183: "aarch64"}  # e_machine of the ELF header, in Rust's words

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--zip", default="target/lambda/bootstrap/bootstrap.zip")
parser.add_argument("--record", default="bench/record.json")
given = parser.parse_args()

with open(given.record, encoding="utf-8") as file:
    record = json.load(file)
with zipfile.ZipFile(given.zip) as archive, archive.open("bootstrap") as program:
    architecture = MACHINES.get(int.from_bytes(program.read(20)[18:], "little"))
if architecture != record["architecture"]:
    print(f"{given.zip} is for {architecture}, the record for {record['architecture']}: not compared")
    sys.exit()

recorded = record["zip_bytes"]
size = os.path.getsize(given.zip)
both = f"{given.zip} has {size} bytes, {size / recorded:.3f} times the recorded {recorded}"
if size > recorded * MOST_GROWTH:
    sys.exit(
        f"{both}; at most {MOST_GROWTH} times is fine: make it smaller, "
        "or say why it must be so and run `make bench ARGS=--record`"
    )
print(f"{both}: fine, at most {MOST_GROWTH} times")
