#!/usr/bin/env bash
# A first visit on a phone downloads this much: it may not grow unnoticed.
set -euo pipefail
source "$(dirname "$0")/environment.sh"
cd "$repository"

# check NAME PATTERN LIMIT: the size of the one file in brotli, against a limit in bytes.
check() {
  local files size
  files=$(find target/site/pkg -name "$2")
  [ -n "$files" ] || die "there is no $2 in target/site/pkg"
  [ "$(printf '%s\n' "$files" | wc -l)" = 1 ] || die "more than one $2 in target/site/pkg: $files"
  size=$(stat -c %s "$files")
  printf '%-12s %7d bytes of %7d\n' "$1" "$size" "$3"
  [ "$size" -le "$3" ] || die "$1 is over its limit"
}
check WebAssembly '*.wasm.br' 300000
check JavaScript '*.js.br' 20000
check styles '*.css.br' 20000
