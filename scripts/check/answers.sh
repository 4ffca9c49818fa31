#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: how many breakpoints there are, and how many free: sysfs, tables, KVM, ptrace and perf agree
# needs: ours-x86_64 ours-arm64
# packages: base arm64
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

# build ARCH
build() {
	arch_vars "$1"
	mkdir -p "$CHECK_DIR/$1"
	make -s -C "$TOP/tools/testing/selftests/hw_breakpoint" CC="${CROSS}gcc" LDFLAGS=-static \
		OUTPUT="$CHECK_DIR/$1" "$CHECK_DIR/$1/answers" >&2
}

# answers ARCH [EXEC-OPTION...]: all are there to be asked, so nothing is skipped
answers() {
	_arch=$1 _status=0
	shift
	guest ours "$_arch" --strict "$@" "$CHECK_DIR/$_arch/answers" >"$CHECK_DIR/said" || _status=1
	cat "$CHECK_DIR/said"
	! grep -q SKIP "$CHECK_DIR/said" || _status=1
	return "$_status"
}

build x86_64
build arm64
subtest x86_64 answers x86_64
subtest arm64-vhe answers arm64 --cpu max,pauth-impdef=on
subtest arm64-nvhe answers arm64 --cpu cortex-a57
check_done
