#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# selftests.sh ARCH: the selftests with kselftest's runner, static, as its own Makefile
# installs them, for a machine without a compiler. Prints their folder.
set -eu
. "$(dirname "$0")/lib.sh"

arch=$1
arch_vars "$arch"
out=$BUILD/selftests/$arch
installed=$out/installed

# Upstream's own that use breakpoints
case $arch in
x86_64) upstream='breakpoints:breakpoint_test perf_events:sigtrap_threads' ;;
arm64) upstream='breakpoints:breakpoint_test_arm64 perf_events:sigtrap_threads' ;;
esac

kmake() {
	_folder=$1
	shift
	nice make -C "$_folder" -j"$JOBS" O="$out/headers" ARCH="$KARCH" CROSS_COMPILE="$CROSS" "$@"
}

# The kernel's headers, then the programs
compile() {
	mkdir -p "$out/headers"
	kmake "$BUILD/ours" headers
	kmake "$BUILD/ours/tools/testing/selftests" TARGETS="hw_breakpoint breakpoints perf_events" \
		USERLDFLAGS=-static KSFT_INSTALL_PATH="$installed.new" install
}

# The others of upstream's folders suspend the machine, or test something else
choose() {
	cd "$installed.new"
	{
		grep '^hw_breakpoint:' kselftest-list.txt
		for t in $upstream; do grep -x "$t" kselftest-list.txt; done
	} >listed
	mv listed kselftest-list.txt
	for f in breakpoints/* perf_events/*; do
		grep -qx "${f%/*}:${f##*/}" kselftest-list.txt || [ "${f##*/}" = settings ] || rm "$f"
	done
}

install_all() {
	rm -rf "$installed.new"
	compile
	choose
}

# What the programs are made of
inputs() {
	cat "$BUILD/stock.stamp" "$TOP/scripts/selftests.sh"
	grep '"tools/testing/selftests/' "$BUILD/ours/.overlay.json"
	"${CROSS}gcc" --version
}

build_selftests() {
	"$TOP/scripts/packages.sh" base kernel tools
	[ "$arch" != arm64 ] || "$TOP/scripts/packages.sh" arm64
	"$TOP/scripts/source.sh" ours
	key=$(inputs | sha256sum)
	if made_from "$installed" "$key"; then return 0; fi
	need_space 300
	step "$LOG/selftests-$arch.log" "building the selftests ($arch)" "$0" "$arch" install_all
	rm -rf "$installed"
	mv "$installed.new" "$installed"
	stamp "$installed.stamp" "$key"
}

# the step is a process of its own: -e holds in it
case ${2:-} in
install_all) install_all; exit 0 ;;
esac
locked "selftests-$arch" build_selftests
echo "$installed"
