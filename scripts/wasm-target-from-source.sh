#!/usr/bin/env bash
# Builds the wasm32 standard library from Debian's copy of its sources, for a machine that reaches a Debian
# mirror but not the toolchain's own server. The version of the sources must be the compiler's.
set -euo pipefail
source "$(dirname "$0")/environment.sh"
have apt-get || exit 1

version=$(rustc --version | cut -d' ' -f2)
sysroot=$(rustc --print sysroot)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p;s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)
[ -n "$mirror" ] || exit 1
for suite in trixie-backports trixie sid; do
  echo "deb $mirror $suite main"
done >"$work/sources.list"
private=(-o "Dir::Etc::sourcelist=$work/sources.list" -o "Dir::Etc::sourceparts=-" -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o "APT::Get::List-Cleanup=0")

say "building the wasm32 standard library $version from source"
apt-get "${private[@]}" update -qq || true # a suite that is missing is no reason to stop: the look-up below decides
found=$(apt-cache "${private[@]}" madison rust-src | awk -F'|' '{gsub(/ /,"",$2); print $2}' | grep "^$version+" | head -1)
[ -n "$found" ] || exit 1
(cd "$work" && apt-get "${private[@]}" download "rust-src=$found" -qq)
dpkg-deb --fsys-tarfile "$work"/rust-src_*.deb | tar -x -C "$work" "./usr/src/rustc-$version/library"
mkdir -p "$sysroot/lib/rustlib/src/rust"
cp -r "$work/usr/src/rustc-$version/library" "$sysroot/lib/rustlib/src/rust/"

cargo new --lib --quiet --vcs none "$work/empty"
(
  cd "$work/empty"
  : >src/lib.rs
  # Bitcode lets the browser's bundle be optimised as a whole, standard library included.
  CARGO_TARGET_DIR="$work/target" RUSTFLAGS="-Cembed-bitcode=yes" RUSTC_BOOTSTRAP=1 cargo build --release --quiet \
    -Zbuild-std=std,panic_abort,proc_macro -Zbuild-std-features= --target wasm32-unknown-unknown
)
target="$sysroot/lib/rustlib/wasm32-unknown-unknown/lib"
mkdir -p "$target"
find "$work/target/wasm32-unknown-unknown/release/deps" -name '*.rlib' ! -name 'libempty*' -exec cp {} "$target/" \;
