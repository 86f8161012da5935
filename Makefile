# The few commands people type. Everything they need beyond Rust, Node and
# Python is installed into .tools (and cdk/node_modules) by these rules.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .tools/venv
PY := $(VENV)/bin/python
PACKAGER := .tools/package
BUILD := cargo build --locked --workspace --all-targets
ARGS ?=

.PHONY: help test local package check-rust check-clients clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

local: ## See the real function judge a fleet of accounts on this machine (ARGS=--serve, ARGS='--event FILE')
	@$(BUILD) --quiet
	@target/debug/local $(ARGS)

test: check-rust check-clients ## Everything that must hold: format, lints, unit, wire and whole-process tests

check-rust:
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
	$(BUILD)
	cargo test --locked --workspace

check-clients: $(VENV)/ready
	$(BUILD)
	$(PY) -m unittest discover -s tests/clients -t tests/clients

# The build is the same wherever it is made: no path of this machine in it.
package: $(PACKAGER)/ready ## The artifact for AWS: target/lambda/bootstrap/bootstrap.zip
	PATH="$(CURDIR)/$(PACKAGER)/bin:$$PATH" \
	RUSTFLAGS="--remap-path-prefix=$${CARGO_HOME:-$$HOME/.cargo}=/cargo" \
		cargo lambda build --locked --release --package root-access-key-rule
	$(PACKAGER)/bin/python .ci/artifact.py target/lambda/bootstrap/bootstrap target/lambda/bootstrap/bootstrap.zip

$(VENV)/ready: tests/requirements.txt
$(PACKAGER)/ready: .ci/requirements.txt
%/ready:
	python3 -m venv $*
	$*/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

clean: ## Remove what was built and installed here
	rm -rf target .tools cdk/node_modules cdk/cdk.out
