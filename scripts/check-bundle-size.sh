#!/usr/bin/env bash
# Holds the first load of the site under its limits, in bytes after brotli.
set -euo pipefail
source "$(dirname "$0")/environment.sh"

check() { # STEM EXTENSION LIMIT
  size=$(cat "$repository/target/site/pkg/$1".*."$2.br" | wc -c)
  printf '%-24s %7d bytes of %7d\n' "$1.$2" "$size" "$3"
  [ "$size" -le "$3" ] || die "$1.$2 is over its limit"
}
check cnop wasm 260000
check cnop js 20000
check cnop css 20000
# Only pages with a chart load these two.
check chart js 8000
check lightweight-charts js 55000
