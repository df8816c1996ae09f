#!/usr/bin/env bash
# Rebuilds, serves and reloads open pages at each edit.
set -euo pipefail
source "$(dirname "$0")/environment.sh"
"$repository/scripts/setup.sh" build
cd "$repository"
exec cargo leptos watch
