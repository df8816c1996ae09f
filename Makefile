# Each target installs the tools that are missing. A fresh machine needs Rust, Node.js 20, a C compiler and make.
.DEFAULT_GOAL := help
.PHONY: help run dev test bench setup build lint unit browser day hostile chaos check-watch check-container
.NOTPARALLEL:
SHELL := /bin/bash
# Every recipe runs in the environment of the scripts: tools on the path, pinned compiler.
export BASH_ENV := $(CURDIR)/scripts/environment.sh

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

run: build ## build the release and serve on http://localhost:3000
	@exec "$${CARGO_TARGET_DIR:-target}/release/cnop" serve

dev: ## rebuild, serve and reload open pages while you edit
	@scripts/setup.sh dev
	@exec cargo leptos watch

test: lint unit browser day ## everything that a change must pass

lint: .tools ## format, lints, documentation, dependencies, spelling, prose
	cargo fmt --all --check
	cargo clippy --quiet --all-targets --features cnop-app/ssr -- --deny warnings
	cargo clippy --quiet --package frontend --target wasm32-unknown-unknown -- --deny warnings
	RUSTDOCFLAGS='--cfg erase_components --deny warnings' cargo doc --quiet --no-deps --features cnop-app/ssr
	cargo deny --log-level error check bans licenses sources
	@if timeout 60 cargo deny fetch db 2>/dev/null; then cargo deny --log-level error check advisories; \
	  else echo 'advisories: NOT CHECKED, the advisory database cannot be fetched'; fi
	cargo shear --deny-warnings
	shellcheck scripts/*.sh tests/*.sh .ci/run
	hadolint Dockerfile
	tsc --project end2end
	typos
	@! git grep -nwiE "$$(grep -v '^#' scripts/prose.txt | paste -sd'|')" -- '*.md'
	@! git grep -nE '^ *//[/!] (How|If|What|When|Where|Whether|Which|Who|Whose|Why)\b' -- '*.rs'

unit: .tools ## tests of the crates, with DynamoDB Local
	CNOP_REQUIRE_DYNAMODB=1 scripts/dynamodb-local.sh run cargo nextest run --features cnop-app/ssr

browser: .tools build ## browser tests on the release, and the size of the bundle
	scripts/check-bundle-size.sh
	cd end2end && playwright test

day: ## a simulated day of 100,000 commands, twice, optimized
	cargo run --quiet --release --package cnop-sim --example day

hostile: .tools build ## hostile clients beside an honest trader, on the release; compares their times with a quiet server
	CNOP_HOSTILE_PROGRAM="$$(realpath "$${CARGO_TARGET_DIR:-target}/release/cnop")" cargo nextest run --package cnop --features cnop-app/ssr \
	  --no-capture --test api hostile_clients

chaos: .tools build ## three servers on DynamoDB Local and Redis, on the release, while parts fail for half an hour; take-over times
	CNOP_CHAOS_PROGRAM="$$(realpath "$${CARGO_TARGET_DIR:-target}/release/cnop")" CNOP_REQUIRE_DYNAMODB=1 CNOP_CHAOS_TAKEOVERS=50 \
	  CNOP_CHAOS_SECONDS="$${CNOP_CHAOS_SECONDS:-1800}" scripts/dynamodb-local.sh run \
	  cargo nextest run --package cnop --features cnop-app/ssr --no-capture --run-ignored all --test cluster

bench: ## measure, and print the table of docs/performance.md
	@scripts/bench.sh

build: ## the release binary
	@scripts/build.sh

check-watch: ## `cargo leptos watch` serves, and rebuilds after an edit
	@scripts/setup.sh dev
	@tests/watch.sh

check-container: ## the commands of the Dockerfile, in a bare Debian (root only)
	@tests/container.sh

setup: ## install all tools, and nothing else
	@scripts/setup.sh test
	@scripts/setup.sh dev

.PHONY: .tools
.tools:
	@scripts/setup.sh test
