#!/usr/bin/env python3
"""Fails when the packaged function has grown by more than a twentieth.

Run from the repository's root. The record is what `make bench ARGS=--record`
wrote.
"""

import argparse
import json
import os
import sys

MOST_GROWTH = 1.05

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--zip", default="target/lambda/bootstrap/bootstrap.zip")
parser.add_argument("--record", default="bench/record.json")
given = parser.parse_args()

with open(given.record, encoding="utf-8") as record:
    recorded = json.load(record)["zip_bytes"]
size = os.path.getsize(given.zip)
both = f"{given.zip} has {size} bytes, {size / recorded:.3f} times the recorded {recorded}"
if size > recorded * MOST_GROWTH:
    sys.exit(
        f"{both}; at most {MOST_GROWTH} times is fine: make it smaller, "
        "or say why it must be so and run `make bench ARGS=--record`"
    )
print(f"{both}: fine, at most {MOST_GROWTH} times")
