#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Proves the two commands on a machine that has nothing: `make test` and `make demo` in a fresh Debian 12, made by debootstrap. Needs root, debootstrap and some 6 GiB.
# usage: tools/check_fresh_debian.sh [FOLDER] (default: a temporary one, removed at the end)
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

[ "$(id -u)" -eq 0 ] || { echo "check_fresh_debian: run as root" >&2; exit 1; }
command -v debootstrap >/dev/null || apt-get install -y -qq debootstrap >/dev/null
temporary=""
if [ -z "$target" ]; then
  target=$(mktemp -d)
  temporary=$target
fi

cleanup() {
  for mount in dev proc sys; do
    mountpoint -q "$target/$mount" && umount -R "$target/$mount"
  done
  [ -z "$temporary" ] || rm -rf --one-file-system "$temporary"
}
trap cleanup EXIT

[ -x "$target/bin/sh" ] || debootstrap --variant=minbase --include=make,ca-certificates bookworm "$target" "$mirror"
printf 'deb %s bookworm main\ndeb %s bookworm-updates main\ndeb http://deb.debian.org/debian-security bookworm-security main\n' "$mirror" "$mirror" \
  > "$target/etc/apt/sources.list"
cp /etc/resolv.conf "$target/etc/resolv.conf"
for conf in /etc/apt/apt.conf.d/*proxy*; do
  [ ! -f "$conf" ] || cp "$conf" "$target/etc/apt/apt.conf.d/"
done
mount -t proc proc "$target/proc"
mount -t sysfs sys "$target/sys"
mount --rbind /dev "$target/dev"
mount --make-rslave "$target/dev"

mkdir -p "$target/src/tenon"
git -C "$top" archive HEAD | tar -x -C "$target/src/tenon"
chroot "$target" make -C /src/tenon test
chroot "$target" make -C /src/tenon demo
echo "check_fresh_debian: make test and make demo pass on a fresh Debian 12"
