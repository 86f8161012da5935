#!/usr/bin/env python3
"""Fails if a packaged function is more than 5% larger than the recorded size.

Run from the repository's root. The record of the rule is what `make bench ARGS=--record`
wrote, that of the watch is bench/watch.json, each on a machine of one architecture; a
function for another is not compared.
"""

import argparse
import json
import os
import sys
import zipfile

MAX_GROWTH = 1.05
MACHINES = {62: "x86_64", 183: "aarch64"}  # e_machine of the ELF header, in Rust's words

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--zip", default="target/lambda/bootstrap/bootstrap.zip")
parser.add_argument("--record", default="bench/record.json")
arguments = parser.parse_args()

with open(arguments.record, encoding="utf-8") as file:
    record = json.load(file)
with zipfile.ZipFile(arguments.zip) as archive, archive.open("bootstrap") as program:
    architecture = MACHINES.get(int.from_bytes(program.read(20)[18:], "little"))
if architecture != record["architecture"]:
    print(f"{arguments.zip} is for {architecture}, the record for {record['architecture']}: not compared")
    sys.exit()

recorded = record["zip_bytes"]
size = os.path.getsize(arguments.zip)
both = f"{arguments.zip} has {size} bytes, {size / recorded:.3f} times the recorded {recorded}"
if size > recorded * MAX_GROWTH:
    sys.exit(
        f"{both}; the limit is {MAX_GROWTH} times; reduce the size, "
        f"or explain the growth in the commit and record the size in {arguments.record} (the rule's: `make bench ARGS=--record`)"
    )
print(f"{both}: within the limit of {MAX_GROWTH} times")
