#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# packages.sh GROUP...: install what is missing of Debian's packages.
set -eu
. "$(dirname "$0")/lib.sh"

group() {
	case $1 in
	base) echo python3 xz-utils e2fsprogs gcc libc6-dev make ;;
	kernel) echo bc bison ccache coccinelle flex libelf-dev lz4 perl-base ;;
	tools) echo debhelper dpkg-dev rsync ;;
	package) echo cpio dwarves kmod libdw-dev libssl-dev openssl ;;
	disk) echo debootstrap debian-archive-keyring dosfstools fakeroot fdisk mtools ;;
	perf) echo libtraceevent-dev pkg-config zlib1g-dev ;;
	arm64) echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross ;;
	arm32) echo gcc-arm-linux-gnueabi libc6-dev-armel-cross ;;
	check) echo shellcheck sparse perl python3-docutils python3-pyflakes universal-ctags ;;
	model) echo spin ;;
	gdb) echo gdb-multiarch ;;
	statistics) echo python3-scipy ;;
	bochs) echo bochs bochs-term bochsbios vgabios grub-common grub-pc-bin xorriso mtools bsdutils ;;
	bench) echo python3-matplotlib python3-pyelftools ;;
	entry) echo libssl-dev python3-capstone python3-pyelftools ;;
	cross) echo gcc-arm-linux-gnueabi gcc-powerpc64le-linux-gnu clang-19 lld-19 llvm-19 ;;
	clang-[0-9]*) echo "$1 lld-${1#clang-} llvm-${1#clang-}" ;;
	gcc-[0-9]*) echo "$1" ;;
	*) die "packages.sh: no group $1" ;;
	esac
}

missing() {
	for p in "$@"; do
		s=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) || s=
		[ "$s" = installed ] || echo "$p"
	done
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo DEBIAN_FRONTEND=noninteractive "$@"
	else
		die "needs the Debian packages: $lacking
run: neither root nor sudo is here; have them installed and run again"
	fi
}

install_missing() {
	# shellcheck disable=SC2046 # words are package names
	lacking=$(missing $(for g in "$@"; do group "$g"; done) | tr '\n' ' ')
	[ -n "$lacking" ] || return 0
	command -v apt-get >/dev/null || die "this is not Debian: install by hand: $lacking"
	say "installing from Debian: $lacking"
	# shellcheck disable=SC2086
	{
		as_root apt-get update &&
		as_root apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 $lacking
	} >"$LOG/packages.log" 2>&1 </dev/null || {
		show_tail "$LOG/packages.log"
		die "apt-get could not install: $lacking
run: check the network and the machine's apt sources, then run again"
	}
}

locked packages install_missing "$@"
