# shellcheck shell=bash
# Sourced by the other scripts: where tools live and which versions are wanted.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export CNOP_TOOLS=${CNOP_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/cnop}

cargo_leptos_version=0.3.10
nextest_version=0.9.143
hadolint_version=2.15.1
# The command-line tool must be of exactly the version of the library.
wasm_bindgen_version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p;}' "$repository/Cargo.lock")

export PATH="$repository/scripts/bin:$CNOP_TOOLS/bin:$CNOP_TOOLS/node/node_modules/.bin:$HOME/.cargo/bin:$PATH"
# `@import "tailwindcss"` in the style sheet is looked for here.
export NODE_PATH="$CNOP_TOOLS/node/node_modules"
# cargo-leptos finds `tailwindcss` on the path; the version only tells it that no JavaScript configuration is wanted.
export LEPTOS_TAILWIND_VERSION=v4.3.5

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
