#!/usr/bin/env bash
# Holds the first load of the site under its limits, in bytes after brotli.
set -euo pipefail
source "$(dirname "$0")/environment.sh"

check() { # EXTENSION LIMIT
  size=$(cat "$repository"/target/site/pkg/cnop.*."$1.br" | wc -c)
  printf '%-5s %7d bytes of %7d\n' "$1" "$size" "$2"
  [ "$size" -le "$2" ] || die "cnop.$1 is over its limit"
}
check wasm 260000
check js 20000
check css 20000
