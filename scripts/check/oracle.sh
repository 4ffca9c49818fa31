#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: random reservations against a model
# needs: stock-x86_64 ours-x86_64 ours-arm64
# packages: base arm64
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

steps=20000
[ -z "${CHECK_FULL:-}" ] || steps=200000

# programs ARCH: static, for the guest
programs() {
	arch_vars "$1"
	mkdir -p "$CHECK_DIR/$1"
	make -C tools/testing/selftests/hw_breakpoint CC="${CROSS}gcc" LDFLAGS=-static \
		OUTPUT="$CHECK_DIR/$1" >&2
}

# in_guest TREE ARCH PROGRAM [ARG...]
in_guest() {
	_tree=$1 _arch=$2 _program=$3
	shift 3
	guest "$_tree" "$_arch" --timeout 400 "$CHECK_DIR/$_arch/$_program" "$@"
}

programs x86_64
programs arm64
# the model is right: stock agrees with it where the two should be the same
subtest oracle-stock-x86_64 in_guest stock x86_64 oracle --as-stock --steps "$steps"
for a in x86_64 arm64; do
	# not the guest's clock: arm64 has none and starts at 0
	subtest "oracle-ours-$a" in_guest ours "$a" oracle --steps "$steps" --seed "$(date +%s)"
done
check_done
