#!/bin/bash
# Runs the packaged watch (`make package`) through Lambda's Runtime API on an emulated
# organization whose AWS Config admits few calls a second, and prints time, memory and calls.
# Takes about ACCOUNTS / PER_SECOND seconds. The emulator is the one of the tests, built for them.
set -euo pipefail
cd "$(dirname "$0")/.."

exec "${CARGO_TARGET_DIR:-target}/debug/examples/scale" target/lambda/watch/bootstrap \
    "${ACCOUNTS:-10000}" "${PER_SECOND:-10}" "${BURST:-20}"
