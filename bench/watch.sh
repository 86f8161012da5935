#!/bin/bash
# Runs the packaged watch (`make package`) through Lambda's Runtime API on an emulated
# organization whose AWS Config admits few calls a second, and prints time, memory and calls.
# Takes about ACCOUNTS / PER_SECOND seconds.
set -euo pipefail
cd "$(dirname "$0")/.."

exec cargo run --locked --release --package root-access-key-watch --example scale -- \
    target/lambda/watch/bootstrap "${ACCOUNTS:-10000}" "${PER_SECOND:-10}" "${BURST:-20}"
