#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: perf hwbp on a scene of which everything is known, and perf's own test of it
# needs: ours-x86_64 ours-arm64
# packages: base kernel arm64
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

tests=$TOP/tools/testing/selftests/hw_breakpoint
perf_test=$TOP/tools/perf/tests/shell/hwbp.sh

# prepare ARCH: the task that is watched, and the module that reserves as a debugger does
prepare() {
	arch_vars "$1"
	mkdir -p "$CHECK_DIR/$1/module" "$CHECK_DIR/$1/out"
	"${CROSS}gcc" -g -O1 -Wall -static -no-pie -o "$CHECK_DIR/$1/counter" "$tests/demo/counter.c"
	cp "$tests/bench/module"/* "$tests/bench/mark.h" "$CHECK_DIR/$1/module/"
	make -C "$(kernel_out ours "$1")" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" M="$CHECK_DIR/$1/module" modules >&2
}

# address ARCH SYMBOL
address() {
	printf '0x%x\n' "0x$("${CROSS}nm" "$CHECK_DIR/$1/counter" | awk -v s="$2" '$3 == s { print $1 }')"
}

# scene ARCH: what perf makes of it
scene() {
	prepare "$1" &&
		guest ours "$1" --cpus 2 --with "$CHECK_DIR/$1/counter" \
			--with "$CHECK_DIR/$1/module/hwbp_reserve.ko" "$tests/hwbp/guest.sh" hwbp_reserve.ko \
			"$(address "$1" alpha)" "$(address "$1" beta)" "$(address "$1" epsilon)" \
			>"$CHECK_DIR/$1/tar" &&
		tar -xf "$CHECK_DIR/$1/tar" -C "$CHECK_DIR/$1/out"
}

cases=$(python3 "$TOP/scripts/hwbp_scene.py" --cases)
for arch in x86_64 arm64; do
	check_case "$arch-scene" scene $arch
	for case in $cases; do
		check_case "$arch-$case" python3 "$TOP/scripts/hwbp_scene.py" "$CHECK_DIR/$arch/out" "$case"
	done
	check_case "$arch-perf-test" guest ours $arch --cpus 2 "$perf_test"
done
check_done
