#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: every tracepoint as Debian's own trace-cmd and perf script print it
# needs: ours-x86_64 ours-arm64
# packages: base kernel arm64
# limit: 1200
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

tests=$TOP/tools/testing/selftests/hw_breakpoint
header=$TOP/include/trace/events/hw_breakpoint.h

# prepare ARCH: the module, and a program that runs guests and one that hits what cannot be stepped
prepare() {
	arch_vars "$1"
	_dir=$CHECK_DIR/$1
	mkdir -p "$_dir/out"
	cp -r "$tests/oops" "$_dir/module"
	make -C "$(kernel_out ours "$1")" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" M="$_dir/module" modules >&2 || return
	make -s -C "$tests/bench" CC="${CROSS}gcc" LDFLAGS=-static OUTPUT="$_dir" >&2 || return
	[ "$1" != arm64 ] || make -s -C "$tests" CC="${CROSS}gcc" LDFLAGS=-static OUTPUT="$_dir" \
		"$_dir/arm64_pairs" >&2
}

# recorded ARCH [PROGRAM]
recorded() {
	prepare "$1" || return
	_disk=$("$TOP/scripts/tracers.sh" "$1") || return
	guest ours "$1" --cpus 2 --timeout 500 --append 'kunit.enable=1 kunit.filter_glob=hw_breakpoint_*' \
		--qemu -drive --qemu "file=$_disk,if=none,id=tracers,format=raw,readonly=on" \
		--qemu -device --qemu virtio-blk-pci,drive=tracers \
		--with "$_dir/module/hwbp_oops.ko" --with "$_dir/bench" ${2:+--with "$_dir/$2"} \
		"$tests/tracing.sh" /dev/vdc './bench -n 2 kvm' ${2:+"./$2"} >"$_dir/tar" &&
		tar -xf "$_dir/tar" -C "$_dir/out" && cat "$_dir/out/versions"
}

# whether ARCH EVENT: x86_64 has nothing that cannot be stepped over
whether() { [ "$1-$2" != x86_64-hwbp_unwatched ] || echo MISSING; }

check_tracing() { python3 "$TOP/scripts/tracing.py" "$header" "$@"; }

for arch in x86_64 arm64; do
	case $arch in arm64) program=arm64_pairs ;; *) program='' ;; esac
	check_case "$arch-recorded" recorded $arch $program
	for name in $(python3 "$TOP/scripts/tracing.py" "$header") complaints refusals; do
		# shellcheck disable=SC2046 # a word or nothing
		check_case "$arch-$name" check_tracing "$CHECK_DIR/$arch/out" "$name" $(whether $arch "$name")
	done
done
check_done
