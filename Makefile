# Each target brings what it needs first: a fresh machine wants nothing but Rust, Node.js and make.
.DEFAULT_GOAL := help
.PHONY: help run dev test bench setup build lint unit browser

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

run: ## build the release and serve on http://localhost:3000
	@scripts/run.sh

dev: ## rebuild, serve and reload open pages as you edit
	@scripts/dev.sh

test: ## everything that must hold: format, lints, tests, browser tests
	@scripts/test.sh all

lint: ## format, lints and documentation only
	@scripts/test.sh lint

unit: ## tests of the crates only
	@scripts/test.sh unit

browser: ## browser tests only
	@scripts/test.sh browser

bench: ## measure, and print the table of docs/performance.md
	@scripts/bench.sh

build: ## the release binary
	@scripts/build.sh

setup: ## bring the tools, and nothing else
	@scripts/setup.sh test
