#!/usr/bin/env bash
# Builds the release where needed and serves it.
set -euo pipefail
source "$(dirname "$0")/environment.sh"
"$repository/scripts/build.sh"
cd "$repository"
exec "${CARGO_TARGET_DIR:-target}/release/cnop" serve "$@"
