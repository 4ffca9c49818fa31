#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# tracers.sh ARCH: Debian's own trace-cmd and perf with all that they need, as a disk for a guest
# to change its root to: build/tracers-ARCH.ext4. Prints its path.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/apt.sh"

arch=$1
arch_vars "$arch"
image=$BUILD/tracers-$arch.ext4
packages='bash coreutils trace-cmd linux-perf'

fetch_tree() {
	private_apt "$DEB_ARCH"
	need_space 1500
	# shellcheck disable=SC2086 # words are packages
	apt_get $packages
	mkdir -p "$image.tree/usr/bin" "$image.tree/usr/sbin" "$image.tree/usr/lib" "$image.tree/usr/lib64"
	for d in bin sbin lib lib64; do ln -s "usr/$d" "$image.tree/$d"; done
	for d in dev proc sys tmp; do mkdir "$image.tree/$d"; done
	apt_unpack "$image.tree" || die "cannot unpack packages below $BUILD: is the disk full?"
}

make_image() {
	mke2fs -q -t ext4 -O ^has_journal,^metadata_csum -E root_owner=0:0,lazy_itable_init=0 -m 0 \
		-d "$image.tree" "$image.new" "$(($(du -sm "$image.tree" | cut -f 1) * 5 / 4 + 32))M"
}

tracers() {
	"$TOP/scripts/packages.sh" base
	key="$(codename) $(sha256sum <"$TOP/scripts/tracers.sh")"
	if made_from "$image" "$key"; then return 0; fi
	rm -rf "$image.tree" "$image.new"
	fetch_tree
	step "$LOG/tracers-$arch.log" "making the disk with trace-cmd and perf ($arch)" make_image
	rm -rf "$image.tree"
	mv "$image.new" "$image"
	stamp "$image.stamp" "$key"
}

locked "tracers-$arch" tracers
echo "$image"
