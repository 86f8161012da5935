# The commands of users and developers. These rules install what they need beyond Rust, Node
# and Python into .tools and cdk/node_modules.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .tools/venv
DEPLOYMENT := .tools/deployment
SECOND := .tools/second-emulator
PY := $(VENV)/bin/python
PACKAGER := .tools/package
LAMBDA_TARGET = $(shell rustc -vV | sed -n 's/^host: \([^-]*\).*/\1/p')-unknown-linux-gnu.2.34
LAMBDA := target/lambda
SUPPLY := .tools/supply-chain
# Cargo's target folder, however it is configured. Cargo is asked once, and only for the targets
# that need it; scripts and tests read it from the environment. Artifacts are always in ./target.
TARGET = $(eval TARGET := $$(shell cargo metadata --format-version 1 --no-deps --offline | \
	sed 's/.*"target_directory":"\([^"]*\)".*/\1/'))$(TARGET)
# One build both lints the crates of the workspace and makes the programs that are tested. What is released is built without.
LINTED := RUSTC_WORKSPACE_WRAPPER="$(CURDIR)/.ci/rustc-with-lints" cargo
BUILD := $(LINTED) build --locked --workspace --all-targets
TEST := $(LINTED) test --locked --workspace
ARGS ?=
export CDK_DISABLE_CLI_TELEMETRY := true
check-clients compare screenshots bench-page bench-watch bench-members check-deployment check-ministack faults: export CARGO_TARGET_DIR = $(TARGET)

.PHONY: help test local package dist check-package check-arm check-root-keys check-landing-zones member-template compare screenshots check-rust check-clients check-cdk check-docs check-supply-chain advisories check-deployment check-ministack faults bootstrap synth deploy diff destroy template soak fuzz mutants bench bench-page bench-watch bench-members root-keys clean

documented = awk -F ':.*\#\# $(1): ' '/^[a-z-]+:.*\#\# $(1): / {printf "  make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
# A target is listed with its comment after `## use:` or `## work:`, at most 56 characters.
help: ## use: This list
	@echo 'Use it:'; $(call documented,use); echo; echo 'Work on it:'; $(call documented,work)

# Builds only what it starts. With `--workspace` and a test (a tiny one), Cargo chooses the features of BUILD for the
# dependencies, so that neither compiles again what the other has compiled.
local: ## use: Evaluate a fleet of emulated accounts (ARGS=--help)
	@test -e $(TARGET)/debug/local -a -e $(TARGET)/debug/bootstrap || echo "Building, about 3 minutes on 2 cores ..." >&2
	@cargo build --locked --workspace --bin local --bin bootstrap --test readme
	@$(TARGET)/debug/local $(ARGS)

# Two checks at a time, because most of them keep one core busy. The output of a command is printed when the command ends.
test: ## work: Run every check: format, lints, tests, documents
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=line checks

.PHONY: checks check-format build
checks: check-rust check-cdk check-clients check-landing-zones check-docs check-supply-chain
check-format:
	cargo fmt --all --check
build:
	$(BUILD)

check-rust: check-format build
	$(TEST)

check-clients: build $(VENV)/ready
	$(PY) -m unittest discover -s tests/clients -t tests/clients
	$(PY) tests/screenshots/screenshots.py --check

compare: $(VENV)/ready .tools/peers/c7n/ready .tools/peers/prowler/ready ## work: Compare with other tools (ARGS=--write)
	@$(BUILD) --quiet
	@$(PY) tests/compare/compare.py $(ARGS)

screenshots: $(VENV)/ready ## work: Draw docs/screenshots (ARGS=--check only compares)
	@$(BUILD) --quiet
	@$(PY) tests/screenshots/screenshots.py $(ARGS)

# These tests need no built function: some read templates and policies and match events, and the others run state machines
# in ministack.
TEMPLATE_TESTS := $(addprefix tests/deployment/test_,templates.py cloudformation_validate.py deployment_policies.py \
	event_patterns.py permissions.py)
MACHINE_TESTS := $(addprefix tests/second-emulator/test_,account_names.py definitions.py notification_failures.py \
	notification_texts.py notifications.py re_evaluation.py security_hub.py watch_machine.py weekly_reminder.py)
check-cdk: cdk/node_modules/.package-lock.json $(DEPLOYMENT)/ready $(SECOND)/ready
	cd cdk && npm test
	$(DEPLOYMENT)/bin/pytest -q $(TEMPLATE_TESTS)
	$(DEPLOYMENT)/bin/pytest -q $(MACHINE_TESTS)

LANGUAGE := tests/language/node_modules/.bin
check-docs: tests/language/node_modules/.package-lock.json
	$(LANGUAGE)/cspell lint --config tests/language/cspell.json --no-progress --no-summary
	$(LANGUAGE)/markdownlint-cli2 --config tests/language/.markdownlint-cli2.yaml
	python3 -m unittest discover -s tests/language

# Each adapter is checked by the parser or schema of its ecosystem, and compared with the template that accounts get.
ZONES := .tools/landing-zones
check-landing-zones: cdk/node_modules/.package-lock.json $(ZONES)/ready $(DEPLOYMENT)/ready
	$(ZONES)/bin/python -m unittest discover -s tests/landing-zones -t tests/landing-zones
	$(DEPLOYMENT)/bin/checkov --framework terraform cloudformation --directory landing-zone --quiet --compact --skip-download
	$(DEPLOYMENT)/bin/cfn-lint landing-zone/artifact-bucket.yaml

# bench and fuzz may contain crates that the product bans, because bench compares some of them.
DENY := $(SUPPLY)/bin/cargo-deny --locked --workspace --config deny.toml
WORKSPACES := $(wildcard Cargo.toml bench/Cargo.toml fuzz/Cargo.toml)
check-supply-chain: $(SUPPLY)/ready
	$(DENY) check bans
	set -e; for workspace in $(WORKSPACES); do \
		$(DENY) --manifest-path $$workspace check --allow license-exception-not-encountered licenses sources; \
		$(SUPPLY)/bin/cargo-shear $$(dirname $$workspace); \
	done
	$(SUPPLY)/bin/zizmor --offline --quiet .github
	$(SUPPLY)/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(SUPPLY)/bin/check-jsonschema --builtin-schema vendor.github-actions .github/actions/*/action.yml
	$(SUPPLY)/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(SUPPLY)/bin/python -m unittest discover -s tests/supply-chain

advisories: $(SUPPLY)/ready ## work: Check for known vulnerabilities (queries RustSec)
	set -e; for workspace in $(WORKSPACES); do $(DENY) --manifest-path $$workspace check advisories; done

check-deployment: build cdk/node_modules/.package-lock.json $(DEPLOYMENT)/ready ## work: Deploy, evaluate and destroy against moto
	$(DEPLOYMENT)/bin/pytest -q tests/deployment $(addprefix --ignore ,$(TEMPLATE_TESTS))

# moto runs in the process of these tests, ministack as a server. Their packages need different versions of botocore.
check-ministack: build cdk/node_modules/.package-lock.json $(DEPLOYMENT)/ready $(SECOND)/ready ## work: Run what is deployed in a second emulator
	$(DEPLOYMENT)/bin/pytest -q tests/second-emulator $(addprefix --ignore ,$(MACHINE_TESTS))

faults: package build cdk/node_modules/.package-lock.json $(DEPLOYMENT)/ready $(SECOND)/ready ## work: Seed faults in what is deployed (ARGS=--write)
	$(DEPLOYMENT)/bin/python tests/faults/seed.py $(ARGS)

define BOOTSTRAP_USAGE
usage: make bootstrap ACCOUNT=111122223333 REGION=us-east-1 [ARGS='--profile NAME']
  ACCOUNT  id of the AWS account that the rule is deployed from
  REGION   its home region
Prepares the account for the CDK, once; see "Before you start" in docs/deploy.md.
endef
define BOOTSTRAP_FAILED
could not bootstrap account $(ACCOUNT) in $(REGION). If the message above is about credentials: sign in or set AWS_PROFILE
until `aws sts get-caller-identity` shows that account. Otherwise see "Troubleshooting" in docs/deploy.md.
endef
export BOOTSTRAP_USAGE BOOTSTRAP_FAILED
.PHONY: bootstrap-arguments
bootstrap-arguments:
	@[[ "$(ACCOUNT)" =~ ^[0-9]{12}$$ && "$(REGION)" =~ ^[a-z]+(-[a-z]+)+-[0-9]+$$ ]] || { echo "$$BOOTSTRAP_USAGE" >&2; exit 2; }
bootstrap: bootstrap-arguments cdk/node_modules/.package-lock.json ## use: Prepare ACCOUNT= and REGION= for the CDK, once
	@cd cdk && npx cdk bootstrap --app '' aws://$(ACCOUNT)/$(REGION) $(ARGS) || { echo "$$BOOTSTRAP_FAILED" >&2; exit 1; }
# ARGS passes the settings of a deployment. STACKS selects stacks; by default, all of them.
STACKS ?= --all
# Removes the last lines of the CDK CLI about a synthesis, because the app lists what it wrote.
WITHOUT_CDK_WORDS := 2>&1 | sed -e '/^Successfully synthesized to /d' -e '/^Supply a stack id /d'
synth deploy destroy diff: cdk/node_modules/.package-lock.json
synth: ## use: Write the templates (settings: ARGS='-c NAME=VALUE')
	@set -o pipefail; cd cdk && npx cdk synth --quiet $(ARGS) $(WITHOUT_CDK_WORDS)
deploy: ## use: Deploy what `make package` built (the same settings)
	cd cdk && npx cdk deploy $(STACKS) $(ARGS)
diff: ## use: Show what a deployment would change
	cd cdk && npx cdk diff $(ARGS)
destroy: ## use: Remove what was deployed
	cd cdk && npx cdk destroy $(STACKS) $(ARGS)
template: cdk/node_modules/.package-lock.json ## use: Write one plain template, for use without the CDK
	@set -o pipefail; cd cdk && npx cdk synth --quiet -c mode=template --output cdk.out/template $(ARGS) $(WITHOUT_CDK_WORDS)
member-template: cdk/node_modules/.package-lock.json ## use: Write the template of a member, for landing-zone/
	@set -o pipefail; cd cdk && npx cdk synth --quiet -c mode=member-template --output cdk.out/member-template $(ARGS) $(WITHOUT_CDK_WORDS)

soak: ## work: Run many histories (HISTORIES=, SEED=, INVOCATIONS=)
	HISTORIES=$${HISTORIES:-10000} $(TEST) --test simulation -- --nocapture
	INVOCATIONS=$${INVOCATIONS:-100000} $(TEST) --test process soak -- --nocapture

fuzz: .tools/cargo/bin/cargo-fuzz ## work: Fuzz the parsers with over ten million inputs (TIMES=)
	PATH="$(CURDIR)/.tools/cargo/bin:$$PATH" fuzz/run.sh

mutants: .tools/cargo/bin/cargo-mutants ## work: Mutate the source; tests must fail (ARGS='--re FILE')
	PATH="$(CURDIR)/.tools/cargo/bin:$$PATH" cargo mutants --package root-access-key-rule --output target $(ARGS)

bench-watch: package-watch ## work: Run the watch on 10,000 accounts (17 minutes)
	@$(BUILD) --quiet
	bench/watch.sh

bench-members: package-watch ## work: Measure 100, 1,000 and 10,000 members
	@$(BUILD) --quiet
	@python3 bench/members.py $(ARGS)

bench: package-rule ## work: Measure the packaged function (docs/performance.md)
	bench/run.sh $(ARGS)

bench-page: $(VENV)/ready ## work: Measure opening a status page (ARGS=ACCOUNTS)
	@$(BUILD) --quiet
	@$(PY) bench/page.py $(ARGS)

# The builds are reproducible: they contain no path of this machine. They are for this
# machine's architecture and Amazon Linux 2023's glibc, and leave out log lines
# below INFO, which are never printed. Each is a build of its own, so that neither function
# gets the features that the other one needs; crates with equal features are compiled once.
# Arguments: the package, and the binary in it.
define PACKAGE_FUNCTION
	PATH="$(CURDIR)/$(PACKAGER)/bin:$$PATH" \
	RUSTFLAGS="--remap-path-prefix=$${CARGO_HOME:-$$HOME/.cargo}=/cargo" \
		cargo lambda build --locked --release --package $(1) \
			--target $(LAMBDA_TARGET) --features tracing/release_max_level_info --lambda-dir $(LAMBDA)
	$(PACKAGER)/bin/python .ci/artifact.py $(LAMBDA)/$(2)/bootstrap $(LAMBDA)/$(2)/bootstrap.zip
	$(PACKAGER)/bin/python .ci/sbom.py $(1) gnu $(LAMBDA)/$(2)/bootstrap{,.zip,.cdx.json}
	$(PACKAGER)/bin/python .ci/notices.py $(LAMBDA)/$(2)/bootstrap.{cdx.json,notices.txt}
endef
.PHONY: package-rule package-watch
# One build after the other, because both use the same folder of Cargo.
package: package-rule ## use: Build the functions for AWS: target/lambda
	@$(MAKE) --no-print-directory package-watch
package-rule: $(PACKAGER)/ready
	$(call PACKAGE_FUNCTION,root-access-key-rule,bootstrap)
package-watch: $(PACKAGER)/ready
	$(call PACKAGE_FUNCTION,root-access-key-watch,watch)

check-package: ## work: Test what `make package` built
	BOOTSTRAP="$(CURDIR)/target/lambda/bootstrap/bootstrap" WATCH="$(CURDIR)/target/lambda/watch/bootstrap" \
		$(TEST) --test process --test watch_process --test architecture -- --include-ignored

check-arm: $(PACKAGER)/ready ## work: Package for arm64 and test it under qemu-user
	.ci/arm64

# A static binary: musl, the C library of the target, is linked into it (by zig, which brings musl with it).
MUSL := $(shell rustc -vV | sed -n 's/^host: \([^-]*\).*/\1/p')-unknown-linux-musl
ROOT_KEYS := target/root-keys/root-keys
root-keys: $(PACKAGER)/ready ## use: Build the operator's command: target/root-keys
	@test -d "$$(rustc --print target-libdir --target $(MUSL))" || { \
		echo "make root-keys: Rust's standard library for $(MUSL) is missing: install it with" \
			"\`rustup target add $(MUSL)\`, or build for this machine only with" \
			"\`cargo build --locked --release --package root-keys\`" >&2; exit 1; }
	PATH="$(CURDIR)/$(PACKAGER)/bin:$$PATH" \
	RUSTFLAGS="--remap-path-prefix=$${CARGO_HOME:-$$HOME/.cargo}=/cargo" \
		cargo zigbuild --locked --release --package root-keys --target $(MUSL)
	$(PACKAGER)/bin/python .ci/static.py $(TARGET)/$(MUSL)/release/root-keys $(ROOT_KEYS)
	$(PACKAGER)/bin/python .ci/sbom.py root-keys musl $(ROOT_KEYS) $(ROOT_KEYS){,.cdx.json}
	$(PACKAGER)/bin/python .ci/notices.py $(ROOT_KEYS).{cdx.json,notices.txt} \
		--with-musl "$$($(PACKAGER)/bin/python -c 'import ziglang; print(ziglang.__path__[0])')/lib/libc/musl/COPYRIGHT"

check-root-keys: ## work: Test what `make root-keys` built
	ROOT_KEYS="$(CURDIR)/$(ROOT_KEYS)" $(TEST) --test command -- check:: exit_codes:: list:: shell::

# This machine's architecture as Lambda names it. The template is rejected if the function is for another one.
ARCHITECTURE := $(patsubst aarch64,arm64,$(shell uname -m))
DIST := target/dist/root-access-key-rule-$(ARCHITECTURE)
WATCH := target/dist/root-access-key-watch-$(ARCHITECTURE)
dist: ARGS += -c architecture=$(ARCHITECTURE)
dist: package template member-template root-keys ## use: Collect what a release publishes in target/dist
	rm -rf target/dist
	mkdir -p target/dist
	cp target/lambda/bootstrap/bootstrap.zip $(DIST).zip
	cp target/lambda/bootstrap/bootstrap.cdx.json $(DIST).cdx.json
	cp target/lambda/bootstrap/bootstrap.notices.txt $(DIST).notices.txt
	cp target/lambda/watch/bootstrap.zip $(WATCH).zip
	cp target/lambda/watch/bootstrap.cdx.json $(WATCH).cdx.json
	cp target/lambda/watch/bootstrap.notices.txt $(WATCH).notices.txt
	cp cdk/cdk.out/template/RootAccessKeyRule.template.json $(DIST).template.json
	cp cdk/cdk.out/member-template/RootAccessKeyRuleMember.template.json $(DIST).member.template.json
	cp $(DIST).zip target/dist/$$(sha256sum <$(DIST).zip | cut -c-64).zip
	cp $(DIST).member.template.json target/dist/$$(sha256sum <$(DIST).member.template.json | cut -c-64).member.template.json
	cp $(ROOT_KEYS) target/dist/root-keys-$(ARCHITECTURE)
	cp $(ROOT_KEYS).cdx.json target/dist/root-keys-$(ARCHITECTURE).cdx.json
	cp $(ROOT_KEYS).notices.txt target/dist/root-keys-$(ARCHITECTURE).notices.txt

$(VENV)/ready: tests/requirements.txt
$(PACKAGER)/ready: .ci/requirements.txt
$(SUPPLY)/ready: .ci/supply-chain.txt
$(DEPLOYMENT)/ready: tests/deployment/requirements.txt
$(SECOND)/ready: tests/second-emulator/requirements.txt
$(ZONES)/ready: tests/landing-zones/requirements.txt
.tools/peers/c7n/ready: tests/compare/c7n.txt
.tools/peers/prowler/ready: tests/compare/prowler.txt
%/ready:
	python3 -m venv $*
	$*/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

.tools/cargo/bin/cargo-fuzz: CRATE := cargo-fuzz@0.13.2
.tools/cargo/bin/cargo-mutants: CRATE := cargo-mutants@27.1.0
.tools/cargo/bin/cargo-%:
	cargo install --locked --quiet --root .tools/cargo $(CRATE)

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	touch $@

clean: ## use: Remove what was built and installed here
	rm -rf target .tools cdk/node_modules cdk/cdk.out tests/language/node_modules
