#!/usr/bin/env bash
# Scores a running release with Lighthouse, as a slow phone sees it.
#   lighthouse.sh ADDRESS [PATH…]
# COOKIE="name=value" scores the pages as a signed-in trader sees them.
# Prints for each page: performance, accessibility, best practices, search; largest contentful paint; layout shift.
set -euo pipefail
source "$(dirname "$0")/environment.sh"
address=${1:?usage: lighthouse.sh ADDRESS [PATH…]}
shift
CHROME_PATH=${CHROME_PATH:-$(command -v chromium google-chrome chromium-browser | head -1)}
export CHROME_PATH
signed_in=()
[ -z "${COOKIE:-}" ] || signed_in=(--extra-headers "{\"Cookie\":\"$COOKIE\"}")
for path in "${@:-/}"; do
  npx --yes lighthouse@13.5.0 "$address$path" "${signed_in[@]}" --quiet --output=json --only-categories=performance,accessibility,best-practices,seo \
    --chrome-flags="--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking" |
    node -e '
      const { categories, audits } = JSON.parse(require("fs").readFileSync(0, "utf8"));
      const scores = Object.values(categories).map(({ score }) => Math.round(score * 100)).join(", ");
      const paint = (audits["largest-contentful-paint"].numericValue / 1000).toFixed(1);
      const shift = audits["cumulative-layout-shift"].numericValue.toFixed(3);
      console.log("%s: %s; LCP %s s, layout shift %s", process.argv[1], scores, paint, shift);' "$path"
done
