#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: one event for a whole process: exact counts, whichever threads come and go; what ends it, what is refused
# needs: ours-x86_64 ours-arm64
# packages: base arm64
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

# process ARCH
process() {
	arch_vars "$1"
	mkdir -p "$CHECK_DIR/$1"
	make -s -C "$TOP/tools/testing/selftests/hw_breakpoint" CC="${CROSS}gcc" LDFLAGS=-static \
		OUTPUT="$CHECK_DIR/$1" "$CHECK_DIR/$1/process" >&2 &&
		guest ours "$1" --strict --timeout 300 "$CHECK_DIR/$1/process"
}

for arch in x86_64 arm64; do
	subtest "$arch" process $arch
done
check_done
