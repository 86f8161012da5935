# The few commands people type. Everything they need beyond Rust, Node and
# Python is installed into .tools (and cdk/node_modules) by these rules.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .tools/venv
PY := $(VENV)/bin/python
BUILD := cargo build --locked --workspace --all-targets
ARGS ?=

.PHONY: help test local package check-rust check-python clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

local: ## See the real function judge a fleet of accounts on this machine (ARGS=--serve, ARGS='--event FILE')
	@$(BUILD) --quiet
	@target/debug/local $(ARGS)

test: check-rust check-python ## Everything that must hold: format, lints, unit, wire and whole-process tests

check-rust:
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
	$(BUILD)
	cargo test --locked --workspace

check-python: $(VENV)/ready
	$(PY) -m pytest -q tests/clients

package: $(VENV)/ready ## The artifact: target/lambda/bootstrap/bootstrap.zip
	tests/package.sh

$(VENV)/ready: tests/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@

clean: ## Remove what was built and installed here
	rm -rf target .tools cdk/node_modules cdk/cdk.out
