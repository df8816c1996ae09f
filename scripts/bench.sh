#!/usr/bin/env bash
# Measures the release on this machine and prints the table of docs/performance.md. The load runs beside the
# server, on the same cores. SECONDS_EACH (10) is the length of each run.
set -euo pipefail
source "$(dirname "$0")/environment.sh"
"$repository/scripts/build.sh"
cd "$repository"
examples=$(realpath "${CARGO_TARGET_DIR:-target}/release")/examples
cnop=${examples%/examples}/cnop
seconds=${SECONDS_EACH:-10}
cargo build --quiet --release --package cnop --example load --features embed-site
cargo build --quiet --release --package cnop-domain --package cnop-services --package cnop-sim --example book --example orders --example day
data=$(mktemp -d)
export CNOP_QUOTA_MULTIPLIER=1000000 CNOP_DAILY_DEPOSIT_LIMIT=1000000 CNOP_LOG=warn
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || :; fi; rm -rf "$data"' EXIT

# start: a server on the data directory; sets address and ready_ms.
start() {
  local began line
  began=$(date +%s%N)
  exec 9< <(exec "$cnop" serve --listen 127.0.0.1:0 --data-dir "$data/store")
  server=$!
  read -r line <&9
  ready_ms=$((($(date +%s%N) - began) / 1000000))
  address=${line#listening on http://}
}

stop() {
  kill "$server"
  while kill -0 "$server" 2>/dev/null; do sleep 0.05; done
  server=
}

row() { printf '| %s | %s |\n' "$1" "$2"; }

say "measuring"
start
row "ready, first start" "$ready_ms ms"
row "memory after start" "$(awk '/VmRSS/ {print int($2 / 1024)}' "/proc/$server/status") MB"
stop
start
row "ready, later starts" "$ready_ms ms"
for path in / /market; do
  row "page $path, 16 connections" "$("$examples/load" "$address" page "$path" 16 "$seconds")"
done
row "market orders, 64 accounts" "$("$examples/load" "$address" orders 64 "$seconds")"
row "memory after the load" "$(awk '/VmRSS/ {print int($2 / 1024)}' "/proc/$server/status") MB"
stop
start
scripts/lighthouse.sh "http://$address" / /market | while IFS= read -r line; do row "Lighthouse, phone" "$line"; done
stop
"$cnop" audit --data-dir "$data/store" >/dev/null
row "audit after the load" "agrees"
row "WASM, brotli" "$(stat -c %s target/site/pkg/*.wasm.br) bytes"

say "measuring orders, and running a simulated day twice"
"$examples/book"
(cd "$data" && "$examples/orders")
"$examples/day"
