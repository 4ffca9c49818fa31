#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# root.sh ARCH [clients | nested]: the guest's root image, build/root-ARCH.ext4, made of
# Debian's packages, the perf built here and our init; no root rights, no loop mounts. That
# of the clients, build/root-ARCH-clients.ext4, has Debian's own perf and what else uses
# breakpoints, as they are: of this machine's release, or of 13 if that is older. That of
# nested guests has QEMU beside the rest.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/apt.sh"

arch=$1 variant=${2:-}
arch_vars "$arch"
name=$arch${variant:+-$variant}
tree=$BUILD/root-$name.tree
image=$BUILD/root-$name.ext4
release=
packages="base-files bash coreutils dash findutils gawk gdb grep hostname kmod libc-bin
libelf1 libtraceevent1 mount ncurses-base procps psmisc sed strace tar util-linux zlib1g"
case $variant in
'')
	perf=$BUILD/ours/o-$arch-perf/perf.stripped ;;
clients)
	perf=
	packages="$packages bpftrace criu gdbserver iproute2 linux-perf lldb"
	[ "$(codename)" != bookworm ] || release=trixie ;;
nested)
	perf=$BUILD/ours/o-$arch-perf/perf.stripped
	case $arch in
	x86_64) packages="$packages qemu-system-x86" ;;
	arm64) packages="$packages qemu-system-arm" ;;
	esac ;;
*)
	usage_error "no root image '$variant'" ;;
esac

# Merged /usr, and what a package's install script would have made
lay_base() {
	for d in bin sbin lib lib64; do
		mkdir -p "$1/usr/$d"
		ln -s "usr/$d" "$1/$d"
	done
	for d in dev proc sys run tmp root payload var/tmp etc; do mkdir -p "$1/$d"; done
}

finish_base() {
	[ -e "$1/usr/bin/sh" ] || ln -s dash "$1/usr/bin/sh"
	[ -e "$1/usr/bin/awk" ] || ln -s gawk "$1/usr/bin/awk"
	echo root:x:0:0:root:/root:/bin/bash >"$1/etc/passwd"
	echo root:x:0: >"$1/etc/group"
	echo hwb >"$1/etc/hostname"
	rm -rf "$1/usr/share/gdb/auto-load" "$1/usr/share/bash-completion" "$1/usr/share/perl5"
}

fetch_tree() {
	private_apt "$DEB_ARCH" "$release"
	need_space 1500
	# libelf1 and libtraceevent1 have other names on newer Debians
	wanted=
	for p in $packages; do
		for v in "$p" "${p}t64"; do
			[ -z "$(apt_version "$v")" ] || [ "$(apt_version "$v")" = "(none)" ] ||
				{ wanted="$wanted $v"; break; }
		done
	done
	# shellcheck disable=SC2086
	apt_get $wanted
	rm -rf "$tree" "$tree.new"
	mkdir -p "$tree.new"
	lay_base "$tree.new"
	apt_unpack "$tree.new" || die "cannot unpack packages below $BUILD: is the disk full?"
	finish_base "$tree.new"
	mv "$tree.new" "$tree"
}

compile_init() {
	"${CROSS}gcc" -Wall -Wextra -Wno-unused-result -O2 -static \
		-o "$BUILD/init-$name" "$QEMU_DIR/init.c"
}

make_image() {
	install -D "$BUILD/init-$name" "$tree/usr/sbin/init"
	[ -z "$perf" ] || install -D "$perf" "$tree/usr/bin/perf"
	size=$(du -sm "$tree" | cut -f1)
	rm -f "$image.new"
	PATH=$PATH:/usr/sbin:/sbin mke2fs -q -t ext4 -O ^has_journal,^metadata_csum \
		-E root_owner=0:0,lazy_itable_init=0 -m 0 -L root -d "$tree" \
		"$image.new" "$((size * 5 / 4 + 128))M"
}

# What the image is made of, as one word
inputs() {
	{
		# shellcheck disable=SC2086 # a file or nothing
		cat "$TOP/scripts/root.sh" "$QEMU_DIR/init.c" $perf
		codename
	} | sha256sum | cut -d' ' -f1
}

root_image() {
	[ -z "$perf" ] || "$TOP/scripts/perf.sh" "$arch"
	key=$(inputs)
	if made_from "$image" "$key"; then return 0; fi
	tree_key="$(codename) $(echo "$packages" | sha256sum)"
	if ! made_from "$tree" "$tree_key"; then
		fetch_tree
		stamp "$tree.stamp" "$tree_key"
	fi
	step "$LOG/root-$name.log" "compiling the guest's init ($arch)" compile_init
	step "$LOG/root-$name.log" "making the root image ($name)" make_image
	mv "$image.new" "$image"
	stamp "$image.stamp" "$key"
}

locked "root-$name" root_image
