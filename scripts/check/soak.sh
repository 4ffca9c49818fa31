#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: all clients at random, with exact counts
# needs: ours-x86_64 ours-arm64
# packages: base arm64
# limit: 600
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

steps=3000
[ -z "${CHECK_FULL:-}" ] || steps=100000

# soak ARCH
soak() {
	arch_vars "$1"
	mkdir -p "$CHECK_DIR/$1"
	make -C tools/testing/selftests/hw_breakpoint CC="${CROSS}gcc" LDFLAGS=-static \
		OUTPUT="$CHECK_DIR/$1" >&2
	guest ours "$1" --strict --cpus 3 --timeout 250 "$CHECK_DIR/$1/soak" \
		--steps "$steps" --seed "$(date +%s)"
}

subtest soak-x86_64 soak x86_64
subtest soak-arm64 soak arm64
check_done
