#!/usr/bin/env bash
# Runs the Dockerfile's build stage, instruction by instruction, in a bare Debian, then the binary in a root that holds
# nothing but what it links to. That is as near to an image build as a machine without a container engine gets: Rust and
# Node.js are this machine's, in place of the base images'. Needs root and debootstrap.
set -euo pipefail
source "$(dirname "$0")/../scripts/environment.sh"
cd "$repository"
[ "$(id -u)" = 0 ] || die "Only root can make a root file system."
have debootstrap || die "debootstrap is missing. Run: apt-get install debootstrap"
root=${CNOP_CONTAINER_ROOT:-$(mktemp -d)} # a root that is named is kept
trap 'umount "$root/proc" "$root/dev" || :; [ -n "${CNOP_CONTAINER_ROOT:-}" ] || rm -rf "$root"' EXIT

if [ ! -x "$root/usr/bin/gcc" ]; then
  say "making a bare Debian with a C compiler"
  debootstrap --variant=minbase --include=ca-certificates,gcc,libc6-dev bookworm "$root" >"$root.log"
  cp -a "$(rustc --print sysroot)/." "$root/usr/local/"
  cp -a /etc/ssl/certs /usr/local/share/ca-certificates "$root/tmp/"
  cp -a "$root/tmp/certs/." "$root/etc/ssl/certs/"
fi
cp /etc/resolv.conf /etc/hosts "$root/etc/"
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"

folder=/
environment=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root)
copy() {
  case $1 in
    --from=node)
      mkdir -p "$(dirname "$root$3")"
      [ -e "$root$3" ] || cp -aL "$(dirname "$(dirname "$(command -v node)")")/${2#/usr/local/}" "$root$3"
      ;;
    .) git ls-files -z | tar -c --null -T - | tar -x -C "$root$folder" ;;
    *)
      mkdir -p "$root$folder/${*: -1}"
      # A folder's contents are copied, not the folder.
      for source in "${@:1:$#-1}"; do
        if [ -d "$source" ]; then source=$source/.; fi
        cp -a "$source" "$root$folder/${*: -1}"
      done
      ;;
  esac
}
while read -r instruction arguments; do
  say "$instruction $arguments"
  case $instruction in
    ENV) environment+=("$arguments") ;;
    WORKDIR) folder=$arguments && mkdir -p "$root$folder" ;;
    COPY) read -ra parts <<<"$arguments" && copy "${parts[@]}" ;;
    RUN) chroot "$root" env -u CARGO_TARGET_DIR -u CNOP_TOOLS -u BASH_ENV "${environment[@]}" \
      bash -o pipefail -ec "cd $folder; $arguments" </dev/null ;;
    SHELL) ;;
    *) die "this test does not know the instruction $instruction" ;;
  esac
done < <(sed -n '/ AS build$/,/^FROM gcr/{/^FROM/d;/^#/d;/^$/d;p}' Dockerfile | sed -e ':a;/\\$/{N;s/\\\n *//;ba}')

say "the binary, with nothing but the libraries it links to"
bare=$(mktemp -d)
(cd "$root" && cp --parents out/cnop lib64/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/{libc.so.6,libm.so.6,libgcc_s.so.1} "$bare")
chroot "$bare" /out/cnop --version
chroot "$bare" /out/cnop check --help >/dev/null
rm -rf "$bare"
say "the build stage holds"
