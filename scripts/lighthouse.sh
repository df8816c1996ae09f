#!/usr/bin/env bash
# Scores the first page and the market with Lighthouse as a slow phone sees them.
#   lighthouse.sh http://127.0.0.1:3000     a running release, which serves compressed files
# Prints a line for each page: performance, accessibility, best practices, search; largest paint; layout shift.
set -euo pipefail
source "$(dirname "$0")/environment.sh"
address=${1:?usage: lighthouse.sh ADDRESS}
version=13.5.0
folder=$CNOP_TOOLS/lighthouse
lighthouse=$folder/node_modules/.bin/lighthouse
if [ "$("$lighthouse" --version 2>/dev/null)" != "$version" ]; then
  have npm || die "Node.js is missing: install version 20 or newer with npm."
  say "installing Lighthouse $version"
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-save --no-package-lock --no-audit --no-fund --loglevel=error "lighthouse@$version" >&2
fi
if [ -z "${CHROME_PATH:-}" ]; then
  CHROME_PATH=$(command -v chromium || command -v google-chrome || command -v chromium-browser) ||
    die "Chromium is missing: set CHROME_PATH."
fi
export CHROME_PATH
report=$(mktemp)
trap 'rm -f "$report"' EXIT
for path in / /market; do
  "$lighthouse" "$address$path" --quiet --output=json --output-path="$report" \
    --only-categories=performance,accessibility,best-practices,seo \
    --chrome-flags="--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
  node -e '
    const { categories, audits } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    const scores = Object.values(categories).map((category) => Math.round(category.score * 100));
    const paint = (audits["largest-contentful-paint"].numericValue / 1000).toFixed(1);
    const shift = audits["cumulative-layout-shift"].numericValue.toFixed(3);
    console.log(`${process.argv[2]}: ${scores.join(", ")}; LCP ${paint} s, layout shift ${shift}`);
  ' "$report" "$path"
done
