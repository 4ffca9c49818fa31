#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: tasks that die where breakpoints are off or on loan; who may see addresses
# needs: ours-x86_64 ours-arm64
# packages: base kernel arm64
# limit: 600
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

tests=$TOP/tools/testing/selftests/hw_breakpoint

# dying ARCH
dying() {
	arch_vars "$1"
	mkdir -p "$CHECK_DIR/$1"
	cp "$tests"/oops/* "$CHECK_DIR/$1/"
	make -C "$(kernel_out ours "$1")" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" M="$CHECK_DIR/$1" modules >&2
	guest ours "$1" --timeout 280 --with "$CHECK_DIR/$1/hwbp_oops.ko" "$tests/oops.sh" ./hwbp_oops.ko
}

subtest x86_64 dying x86_64
subtest arm64 dying arm64
check_done
