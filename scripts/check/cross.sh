#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: architectures without a back end still compile and link with the core
# needs: trees
# packages: base kernel cross
# limit: 900
# alone: yes
#
# Only the files concerned are compiled: perf, the core with legacy.c, the
# stock layer's KUnit suite, and what of the architecture uses breakpoints. Then
# one object is linked of them, and no name of the layer may be undefined there.
# Debian 12 has no gcc for loongarch: clang 19 is used, as in later releases.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

# Names that this layer, its architecture half or its users must define
layer='^(arch_.*(hw_breakpoint|bp_)|.*hw_breakpoint|hw_break.*|hwbp_.*|(dbg_)?(reserve|release)_bp_slot|perf_bp_event|__tracepoint_hwbp_.*)$'

# arch_setup ARCH: its compiler, further options and files
arch_setup() {
	files="kernel/events/ kernel/exit.o kernel/ptrace.o"
	case $1 in
	arm | arm-without)
		karch=arm cc=arm-linux-gnueabi-gcc prefix=arm-linux-gnueabi-
		kmake_args="CROSS_COMPILE=$prefix"
		options='MMU ARCH_MULTIPLATFORM AEABI ARCH_VIRT ARCH_MULTI_V7'
		files="$files arch/arm/kernel/ptrace.o" ;;
	powerpc)
		karch=powerpc cc=powerpc64le-linux-gnu-gcc prefix=powerpc64le-linux-gnu-
		kmake_args="CROSS_COMPILE=$prefix"
		options='PPC64 PPC_BOOK3S_64 CPU_LITTLE_ENDIAN PPC_PSERIES VIRTUALIZATION
			KVM_BOOK3S_64'
		files="$files arch/powerpc/kernel/hw_breakpoint_constraints.o
			arch/powerpc/kernel/dawr.o arch/powerpc/kernel/signal.o
			arch/powerpc/kernel/ptrace/ virt/kvm/debug_share.o" ;;
	loongarch)
		karch=loongarch cc=clang-19 prefix=''
		kmake_args='LLVM=-19'
		options='64BIT MACH_LOONGSON64'
		files="$files arch/loongarch/kernel/ptrace.o" ;;
	esac
	files="$files arch/$karch/kernel/process.o arch/$karch/kernel/kgdb.o"
	out=$BUILD/ours/o-cross-$1
	if [ "$1" = arm-without ]; then
		# an ARMv5, which has no debug registers: the stubs of the header
		options='MMU ARCH_MULTIPLATFORM AEABI ARCH_MULTI_V5'
		files='kernel/events/ kernel/exit.o kernel/ptrace.o arch/arm/kernel/ptrace.o'
	else
		options="$options HAVE_HW_BREAKPOINT KGDB KUNIT RUNTIME_TESTING_MENU HW_BREAKPOINT_KUNIT_TEST"
		files="$files arch/$karch/kernel/hw_breakpoint.o"
	fi
	options="$options SMP DEBUG_KERNEL DEBUG_FS FTRACE ENABLE_DEFAULT_TRACERS KALLSYMS PERF_EVENTS WERROR"
}

kmake() {
	# shellcheck disable=SC2086 # words are arguments
	nice make -C "$BUILD/ours" -s -j"$JOBS" ARCH="$karch" CC="ccache $cc" \
		O="o-cross-$arch" $kmake_args "$@" 2>&1
}

# (errexit is off in what check_case calls)
configure() {
	command -v "$cc" >/dev/null || { echo "no $cc"; return 1; }
	mkdir -p "$out" || return 1
	: >"$out/wanted"
	for o in $options; do
		echo "CONFIG_$o=y" >>"$out/wanted"
	done
	kmake KCONFIG_ALLCONFIG="$out/wanted" allnoconfig || return 1
	# SMP is no choice everywhere
	lost=$(grep -v _SMP= "$out/wanted" | grep -vxFf "$out/.config" || :)
	[ -z "$lost" ] || { echo "options that did not survive: $lost"; return 1; }
}

# No warning: unconverted code must not get worse than the kernel's own
compile() {
	# shellcheck disable=SC2086 # words are files
	locked compile kmake $files >"$out/log" || { cat "$out/log"; return 1; }
	! grep -i warning "$out/log"
}

tool() {
	_tool=$1
	shift
	case $karch in
	loongarch) case $_tool in ld) ld.lld-19 -m elf64loongarch "$@" ;; *) "llvm-$_tool-19" "$@" ;; esac ;;
	*) "$prefix$_tool" "$@" ;;
	esac
}

# What drives the registers: legacy.c, or nothing where there are none
core_is_right() {
	[ ! -e kernel/events/hw_breakpoint/slots.o ] || return 1
	case $arch in
	arm-without) [ ! -e kernel/events/hw_breakpoint/pmu.o ] ;;
	*) [ -e kernel/events/hw_breakpoint/legacy.o ] ;;
	esac
}

# Nothing of the layer is missing
links() {
	cd "$out" || return 1
	rm -f layer.o
	# shellcheck disable=SC2046,SC2086 # words are files
	tool ld -r -o layer.o --whole-archive kernel/events/built-in.a \
		$(find arch/*/kernel/ptrace -name built-in.a 2>/dev/null) --no-whole-archive \
		$(for f in $files; do case $f in *.o) echo "$f" ;; esac; done) || return 1
	tool nm -u layer.o | awk '{ print $NF }' >undefined || return 1
	! grep -E "$layer" undefined && core_is_right
}

for arch in arm arm-without powerpc loongarch; do
	arch_setup "$arch"
	check_case "$arch-configures" configure
	check_case "$arch-compiles" compile
	check_case "$arch-links" links
done
check_done
