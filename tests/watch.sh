#!/usr/bin/env bash
# `cargo leptos watch` serves the site, and after an edit it serves the edited page. Restores the edited file.
set -euo pipefail
source "$(dirname "$0")/../scripts/environment.sh"
cd "$repository"
log=$(mktemp)
file=
CNOP_DATA_DIR=$(mktemp -d)
export CNOP_DATA_DIR
setsid cargo leptos watch >"$log" 2>&1 &
watch=$!
trap 'kill -- -$watch 2>/dev/null || :; [ -z "$file" ] || cp "$log.file" "$file"; rm -rf "$log" "$log.file" "$CNOP_DATA_DIR"' EXIT

heading() { curl -sf http://127.0.0.1:3000/login | sed -n 's/.*<h1[^>]*>\([^<]*\)<.*/\1/p'; }

# await SECONDS NAME COMMAND…: until the command succeeds.
await() {
  local began=$SECONDS
  until "${@:3}"; do
    kill -0 "$watch" 2>/dev/null && [ $((SECONDS - began)) -lt "$1" ] || die "$2: did not happen. $(tail -20 "$log")"
    sleep 0.5
  done
  say "$2: after $((SECONDS - began)) s"
}
is_edited() { [ "$(heading)" = "Edited by the test" ]; }

await 1800 "listening" grep -q 'listening on' "$log"
before=$(heading)
file=$(git grep -lE "<h1[^>]*>\"$before\"" app/src | head -1)
[ -n "$file" ] || die "no source file has the heading '$before'"
cp "$file" "$log.file"
sed -i "/<h1/s/\"$before\"/\"Edited by the test\"/" "$file"
await 300 "the edited page" is_edited
