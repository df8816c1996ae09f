# shellcheck shell=bash
# The environment of the build. The other scripts source it, and so does a shell for `cargo leptos watch`.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export CNOP_TOOLS=${CNOP_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/cnop}
export PATH="$CNOP_TOOLS/bin:$repository/node_modules/.bin:$HOME/.cargo/bin:$PATH"

have() { command -v "$1" >/dev/null 2>&1; }
say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2 && exit 1; }

# An installed stable toolchain of the pinned version serves as well as one under the version's name.
rust_version=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$repository/rust-toolchain.toml")
if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && have rustup && ! rustup toolchain list | grep -q "^$rust_version-" &&
  rustup run stable rustc --version 2>/dev/null | grep -q "^rustc $rust_version "; then
  export RUSTUP_TOOLCHAIN=stable
fi
