#!/usr/bin/env bash
# Builds the release: the browser's bundle, the styles, and the server that embeds both. Skips what has not changed.
# cargo-leptos does the same for development; this needs no tool that takes longer to compile than the application.
set -euo pipefail
source "$(dirname "$0")/environment.sh"
"$repository/scripts/setup.sh" build
cd "$repository"
target=${CARGO_TARGET_DIR:-target}
package=$target/package

say "building the release (the first build takes minutes)"
cargo build --package frontend --target wasm32-unknown-unknown --profile wasm-release
wasm=$target/wasm32-unknown-unknown/wasm-release/frontend.wasm
if [ "$wasm" -nt "$package/cnop.js" ] || [ scripts/build.sh -nt "$package/cnop.js" ] ||
  [ scripts/drop-async-hydration.js -nt "$package/cnop.js" ]; then
  rm -rf "$package"
  wasm-bindgen --target web --no-typescript --out-dir "$package" --out-name cnop "$wasm"
  node scripts/drop-async-hydration.js "$package/cnop_bg.wasm"
  # Restructuring the control flow between two rounds of -Oz saves about 1 % of the compressed size.
  wasm-opt -Oz --flatten --rereloop -Oz --enable-bulk-memory --enable-nontrapping-float-to-int \
    "$package/cnop_bg.wasm" -o "$package/cnop.wasm"
  rm "$package/cnop_bg.wasm"
  terser --module --compress --mangle --output "$package/cnop.min.js" "$package/cnop.js"
  mv "$package/cnop.min.js" "$package/cnop.js"
fi
node scripts/chart.js "$package"
tailwindcss --input style/main.css --output "$package/cnop.css" --minify 2>/dev/null
node scripts/site.js "$package" public target/site
cargo build --package cnop --release --features embed-site
