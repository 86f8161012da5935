#!/bin/bash
# Builds the peers and the floor, unpacks the packaged function, and measures
# them all; `make bench` calls it. Options are bench's own (src/settings.rs).
# SAMPLE=DIR, a checkout of awslabs/aws-config-rules, adds AWS's own sample.
set -euo pipefail
cd "$(dirname "$0")/.."

package=target/lambda/bootstrap/bootstrap.zip
built=target/bench
venv=.tools/bench

of_bench=(--quiet --locked --manifest-path bench/Cargo.toml --target-dir "$built")
cargo test "${of_bench[@]}" --release --package bench
cargo build "${of_bench[@]}" --release --package bench
cargo build "${of_bench[@]}" --release --package ordinary
cargo build "${of_bench[@]}" --profile product --package floor

if [ ! -e "$venv/ready" ] || [ bench/requirements.txt -nt "$venv/ready" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r bench/requirements.txt
    touch "$venv/ready"
fi
"$venv/bin/python" -m compileall -q bench/rdklib "$venv/lib"

mkdir -p "$built/ours"
cp "$package" "$built/ours/bootstrap.zip"
python3 -m zipfile -e "$package" "$built/ours"
chmod +x "$built/ours/bootstrap"
for program in product/empty product/two_calls product/two_calls_all_roots release/ordinary; do
    python3 -m zipfile -c "$built/$program.zip" "$built/$program"
done

sample=()
if [ -n "${SAMPLE:-}" ]; then
    folder=$built/sample/python/ROOT_NO_ACCESS_KEY # byte-compiled beside a copy: the checkout stays as it is
    mkdir -p "$folder"
    cp "$SAMPLE/python/ROOT_NO_ACCESS_KEY/ROOT_NO_ACCESS_KEY.py" "$folder"
    "$venv/bin/python" -m compileall -q "$folder"
    sample=(--sample "$built/sample")
fi
exec "$built/release/bench" "${sample[@]}" "$@"
