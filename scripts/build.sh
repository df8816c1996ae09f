#!/usr/bin/env bash
# Builds the one file that is shipped: the server with the site in it.
set -euo pipefail
source "$(dirname "$0")/environment.sh"
"$repository/scripts/setup.sh" build
cd "$repository"
say "building the release (a first time takes minutes)"
cargo leptos build --release --precompress --bin-features embed-site
