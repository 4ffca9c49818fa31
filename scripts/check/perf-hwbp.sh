#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: perf hwbp on a scene of which everything is known
# needs: ours-x86_64 ours-arm64
# packages: base kernel arm64
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

tests=$TOP/tools/testing/selftests/hw_breakpoint

# prepare ARCH: the task that is watched, and the module that reserves as a debugger does
prepare() {
	arch_vars "$1"
	_dir=$CHECK_DIR/$1
	mkdir -p "$_dir/module" "$_dir/out"
	"${CROSS}gcc" -g -O1 -Wall -static -no-pie -o "$_dir/counter" "$tests/demo/counter.c"
	cp "$tests/bench/module"/* "$tests/bench/mark.h" "$_dir/module/"
	make -s -C "$tests/bench" CC="${CROSS}gcc" LDFLAGS=-static OUTPUT="$_dir" >&2 || return
	make -C "$(kernel_out ours "$1")" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" M="$_dir/module" modules >&2
}

# address SYMBOL: of that task's program, which is not relocated
address() {
	printf '0x%x\n' "0x$("${CROSS}nm" "$_dir/counter" | awk -v s="$1" '$3 == s { print $1 }')"
}

# scene ARCH: what perf makes of it
scene() {
	prepare "$1" &&
		guest ours "$1" --cpus 2 --append 'kunit.enable=1 kunit.filter_glob=hw_breakpoint_debug' \
			--with "$_dir/counter" --with "$_dir/bench" --with "$_dir/module/hwbp_reserve.ko" \
			"$tests/hwbp/guest.sh" hwbp_reserve.ko "$(address alpha)" "$(address beta)" \
			"$(address epsilon)" >"$_dir/tar" &&
		tar -xf "$_dir/tar" -C "$_dir/out"
}

cases=$(python3 "$TOP/scripts/hwbp_scene.py" --cases)
for arch in x86_64 arm64; do
	check_case "$arch-scene" scene $arch
	for name in $cases; do
		check_case "$arch-$name" \
			python3 "$TOP/scripts/hwbp_scene.py" "$CHECK_DIR/$arch/out" "$name"
	done
done
check_done
