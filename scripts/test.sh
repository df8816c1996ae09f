#!/usr/bin/env bash
# Runs what must hold. `test.sh all`, or one of its parts: lint, unit, browser, day.
set -euo pipefail
source "$(dirname "$0")/environment.sh"
"$repository/scripts/setup.sh" test
cd "$repository"

lint() {
  say "format"
  cargo fmt --all --check
  say "lints, server"
  cargo clippy --quiet --all-targets --features cnop-app/ssr -- --deny warnings
  say "lints, browser"
  cargo clippy --quiet --package frontend --target wasm32-unknown-unknown -- --deny warnings
  say "lints, container"
  "$CNOP_TOOLS/python/bin/hadolint" Dockerfile
}

unit() {
  local port
  port=$(scripts/free-port.sh)
  say "tests, with DynamoDB Local on port $port"
  scripts/dynamodb-local.sh start "$port" >"$CNOP_TOOLS/dynamodb-local.log" 2>&1 &
  local dynamodb=$!
  # shellcheck disable=SC2064 # the process id of now is the one to stop
  trap "kill $dynamodb 2>/dev/null; wait $dynamodb 2>/dev/null || :" EXIT
  scripts/wait-for-port.sh "$port"
  CNOP_REQUIRE_DYNAMODB=1 CNOP_TEST_DYNAMODB="http://127.0.0.1:$port" cargo nextest run --features cnop-app/ssr
  kill "$dynamodb"
  wait "$dynamodb" 2>/dev/null || :
  trap - EXIT
}

browser() {
  scripts/build.sh
  scripts/check-bundle-size.sh
  say "browser tests"
  (cd end2end && npx playwright test)
}

# Optimised: it takes a tenth of the time.
day() {
  say "a simulated day of 100,000 commands, lived twice"
  cargo run --quiet --release --package cnop-sim --example day
}

case ${1:-all} in
  all)
    lint
    unit
    browser
    day
    say "all of it holds"
    ;;
  lint | unit | browser | day) "$1" ;;
  *) die "usage: test.sh [all|lint|unit|browser|day]" ;;
esac
