#!/usr/bin/env bash
# Serves with live reload.
set -euo pipefail
source "$(dirname "$0")/environment.sh"
"$repository/scripts/setup.sh" build
cd "$repository"
exec cargo leptos watch
