#!/usr/bin/env bash
# Runs each fuzz target the given number of times, from the corpus beside this file and
# the test fixtures. New inputs go to target/fuzz, failing ones to fuzz/artifacts. TIMES
# multiplies the runs. libFuzzer requires a C++ compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
export RUSTC_BOOTSTRAP=1 # cargo-fuzz needs flags that are not stable

fuzz() { # TARGET RUNS SEEDS...
    mkdir -p "target/fuzz/$1"
    # The code under test has no unsafe line for a sanitizer to watch.
    cargo fuzz run --sanitizer none --debug-assertions "$1" \
        "target/fuzz/$1" "fuzz/corpus/$1" "${@:3}" -- \
        -runs=$(($2 * ${TIMES:-1})) -max_len=8192 -timeout=10 -print_final_stats=1
}

fixtures=tests/fixtures
fuzz event 4000000 $fixtures/events/valid
fuzz credential_report 1000000 $fixtures/credential-report/{readable,unreadable}
fuzz annotation 6000000
fuzz iam_response 500000 $fixtures/iam/{complete,unusable}
