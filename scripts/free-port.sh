#!/usr/bin/env bash
# Prints a port of this machine that nobody listens on.
set -euo pipefail
node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
