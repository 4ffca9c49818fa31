#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: after each patch of ./run series the kernel builds, boots and passes its KUnit suites
# needs: trees ours-x86_64 ours-arm64
# packages: base kernel arm64 cross
# limit: 43200
# full: yes
# alone: yes
#
# On x86_64 and arm64, and on arm, which keeps the old interface, it builds. KVM is a module on
# x86_64, so that a symbol that is not exported yet is found. Of our kernels only what the
# guests' root images need is used.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/patches-lib.sh"
. "$TOP/scripts/kunit-lib.sh"

patches=$CHECK_DIR/patches
tree=$BUILD/series-tree
trap 'rm -rf "$tree" "$CHECK_DIR"' EXIT

applies() {
	./run series --series "$HWB_SERIES" "$patches" && pristine "$BUILD/stock" "$patches" "$tree" &&
		am "$patches" "$tree"
}

# build_for ARCH: what make needs to know of it
build_for() {
	arch=$1
	out=$tree/o-$arch
	case $arch in
	arm) KARCH=arm CROSS=arm-linux-gnueabi- IMAGE=arch/arm/boot/zImage ;;
	*) arch_vars "$arch" ;;
	esac
}

kmake() {
	nice make -C "$tree" -s -j"$JOBS" ARCH="$KARCH" CROSS_COMPILE="$CROSS" CC="ccache ${CROSS}gcc" \
		O="o-$arch" "$@" 2>&1
}

fragments() {
	for _fragment in common "$arch" "$HWB_SERIES" "$HWB_SERIES-$arch" ours; do
		cat "$QEMU_DIR/$_fragment.config" 2>/dev/null || :
	done
	[ "$arch" != x86_64 ] || printf 'CONFIG_%s=m\n' KVM KVM_AMD KVM_INTEL
}

# An ARMv7 with breakpoints, kgdb and the suite of the old core
arm_options() {
	printf 'CONFIG_%s=y\n' MMU ARCH_MULTIPLATFORM AEABI ARCH_VIRT ARCH_MULTI_V7 HAVE_HW_BREAKPOINT SMP \
		DEBUG_KERNEL DEBUG_FS FTRACE ENABLE_DEFAULT_TRACERS KALLSYMS PERF_EVENTS PRINTK TTY KGDB \
		KUNIT RUNTIME_TESTING_MENU HW_BREAKPOINT_KUNIT_TEST WERROR
}

# What the kernel does not know yet falls away
configure() {
	mkdir -p "$out" || return 1
	if [ "$arch" = arm ]; then
		arm_options >"$out/wanted" && kmake KCONFIG_ALLCONFIG="$out/wanted" allnoconfig
	else
		fragments >"$out/wanted" && kmake tinyconfig &&
			(cd "$tree" && sh scripts/kconfig/merge_config.sh -m -O "$out" "$out/.config" "$out/wanted") &&
			kmake olddefconfig
	fi || return 1
	grep -q '^CONFIG_HW_BREAKPOINT_KUNIT_TEST=y' "$out/.config"
}

builds() {
	build_for "$1"
	configure >"$CHECK_DIR/log" || { cat "$CHECK_DIR/log"; return 1; }
	set -- "$(basename "$IMAGE")"
	[ "$arch" = arm ] || set -- "$@" modules
	locked compile kmake "$@" >"$CHECK_DIR/log" || { tail -n 40 "$CHECK_DIR/log"; return 1; }
	! grep -E 'warning:' "$CHECK_DIR/log"
}

# suites that this kernel has; some of x86's and of arm64's have names of their own
has_suites() {
	grep -q '^ok .* hw_breakpoint$' "$1" || return 1
	[ ! -d "$tree/kernel/events/hw_breakpoint/tests" ] || grep -q '^ok .* hw_breakpoint_core$' "$1"
}

boots() {
	build_for "$1"
	passes_kunit "$out/$IMAGE" && has_suites "$CHECK_DIR/suites"
}

# Tests of user space and documents are in no kernel
touches_kernel() {
	! git -C "$tree" diff --quiet "$1~" "$1" -- . ':!tools' ':!Documentation' ':!MAINTAINERS'
}

check_case git-am-takes-them applies
number=0
for commit in $(steps "$tree"); do
	number=$((number + 1))
	git -C "$tree" checkout -q "$commit"
	if ! touches_kernel "$commit"; then
		check_skip "$number" "the kernel is as before: $(git -C "$tree" log -1 --format=%s)"
		continue
	fi
	say "patches: $number $(git -C "$tree" log -1 --format=%s)"
	for a in x86_64 arm64; do
		check_case "$number-$a-builds" builds "$a"
		check_case "$number-$a-boots-and-passes" boots "$a"
	done
	check_case "$number-arm-builds" builds arm
done
check_done
