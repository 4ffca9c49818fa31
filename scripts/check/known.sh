#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: who may know who holds breakpoints: users, PID namespaces, files that are passed on
# needs: ours-x86_64 ours-arm64
# packages: base arm64
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

# known ARCH
known() {
	arch_vars "$1"
	mkdir -p "$CHECK_DIR/$1"
	make -s -C "$TOP/tools/testing/selftests/hw_breakpoint" CC="${CROSS}gcc" LDFLAGS=-static \
		OUTPUT="$CHECK_DIR/$1" "$CHECK_DIR/$1/known" >&2 &&
		guest ours "$1" --strict "$CHECK_DIR/$1/known"
}

for arch in x86_64 arm64; do
	subtest "$arch" known $arch
done
check_done
