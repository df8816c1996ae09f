#!/usr/bin/env bash
# Waits until something listens on a local port, one minute at the most.
set -euo pipefail
for _ in $(seq 600); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then exit 0; fi
  sleep 0.1
done
echo "error: nothing listens on port $1" >&2
exit 1
