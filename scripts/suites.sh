#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# suites.sh ARCH: build upstream's own test programs, unmodified and static, from
# the pristine source, and our comparison programs beside them. Prints the folder
# that goes into the guest: build/suites/ARCH/bin.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$1
arch_vars "$arch"
tests=$BUILD/stock/tools/testing/selftests
ours=$TOP/tools/testing/selftests/hw_breakpoint
out=$BUILD/suites/$arch
headers=$out/headers
bin=$out/bin

# smake FOLDER TARGET... [VARIABLE=...]: a selftest folder's own Makefile, outside
# its source tree, restricted to these targets
smake() {
	_folder=$1
	shift
	mkdir -p "$out/$_folder"
	nice make -C "$tests/$_folder" -j"$JOBS" OUTPUT="$out/$_folder" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" KHDR_INCLUDES="-isystem $headers/usr/include" "$@"
}

# simple FOLDER PROGRAM...: a folder that honours lib.mk's variables
simple() {
	_f=$1
	shift
	# shellcheck disable=SC2046
	smake "$_f" ARCH="$KARCH" USERCFLAGS=-static USERLDFLAGS=-static $(printf "$out/$_f/%s " "$@")
	keep "$_f" "$@"
}

# keep FOLDER PROGRAM...: what goes into the guest
keep() {
	_f=$1
	shift
	_to=$bin/$(basename "$_f")
	mkdir -p "$_to"
	for p in "$@"; do "${CROSS}strip" -o "$_to/$(basename "$p")" "$out/$_f/$p"; done
}

uapi_headers() {
	mkdir -p "$headers"
	nice make -C "$BUILD/stock" -j"$JOBS" O="$headers" ARCH="$KARCH" headers
}

# The folder of KVM's tests, and of its headers, for this architecture: its name has changed
kvm_folder() {
	if [ -d "$tests/kvm/$KARCH" ]; then
		echo "$KARCH"
	else
		case $arch in arm64) echo aarch64 ;; *) echo "$arch" ;; esac
	fi
}

# the KVM library writes generated headers below abs_objdir, not into the source
kvm_test() {
	_test=$(kvm_folder)/$1
	mkdir -p "$out/kvm/tools"
	smake kvm ARCH="$KARCH" EXTRA_CFLAGS=-static INSTALL_HDR_PATH="$headers/usr" \
		abs_objdir="$out/kvm" "$out/kvm/$_test"
	keep kvm "$_test"
}

# The same debug_regs.o with the emulator's missing #BP intercept made up for
kvm_without_int3_intercept() {
	_tools=$BUILD/stock/tools _folder=$(kvm_folder)
	objcopy --globalize-symbol=sw_bp "$out/kvm/$_folder/debug_regs.o" "$out/kvm/debug_regs_steps.o"
	# shellcheck disable=SC2046
	ccache gcc -std=gnu99 -O2 -Wall -static -no-pie -march=x86-64-v2 -U_FORTIFY_SOURCE \
		-D_GNU_SOURCE -DCONFIG_64BIT -I"$_tools/include" -I"$_tools/arch/x86/include" \
		-I"$headers/usr/include" -I"$tests/kvm/include" -I"$tests/kvm/include/$_folder" \
		-I"$tests" -Wl,--wrap=vcpu_run -o "$out/kvm/debug_regs_steps" "$ours/kvm_steps.c" \
		"$out/kvm/debug_regs_steps.o" $(find "$out/kvm/lib" -name '*.o') -pthread
	keep kvm debug_regs_steps
}

build_x86_64() {
	simple breakpoints breakpoint_test
	smake x86 ARCH="$KARCH" EXTRA_CFLAGS=-static "$out/x86/mov_ss_trap_64" \
		"$out/x86/single_step_syscall_64" "$out/x86/sigtrap_loop_64"
	keep x86 mov_ss_trap_64 single_step_syscall_64 sigtrap_loop_64
	kvm_test debug_regs
	kvm_without_int3_intercept
}

build_arm64() {
	simple breakpoints breakpoint_test_arm64
	smake arm64/abi CFLAGS="-Wall -O2 -g -static -I$tests -isystem $headers/usr/include -I$BUILD/stock/tools/include" \
		"$out/arm64/abi/ptrace"
	keep arm64/abi ptrace
	kvm_test debug-exceptions
}

compile() {
	uapi_headers
	simple perf_events sigtrap_threads remove_on_exec
	"build_$arch"
}

compile_ours() {
	ccache "${CROSS}gcc" -O2 -Wall -Wextra -static -I"$headers/usr/include" \
		-o "$out/attrs" "$ours/attrs.c"
	"${CROSS}strip" -o "$bin/attrs" "$out/attrs"
}

build_suites() {
	"$TOP/scripts/packages.sh" base kernel
	[ "$arch" != arm64 ] || "$TOP/scripts/packages.sh" arm64
	"$TOP/scripts/source.sh" stock
	key=$(cat "$BUILD/stock.stamp" "$TOP/scripts/suites.sh" "$ours/kvm_steps.c" | sha256sum)
	if ! made_from "$bin" "$key"; then
		need_space 300
		rm -rf "$out"
		mkdir -p "$bin"
		step "$LOG/suites-$arch.log" "building upstream's tests ($arch)" "$0" "$arch" compile
		stamp "$bin.stamp" "$key"
	fi
	key=$(cat "$ours/attrs.c" "$bin.stamp" | sha256sum)
	if ! made_from "$bin/attrs" "$key"; then
		step "$LOG/suites-attrs-$arch.log" "building the attribute comparison ($arch)" "$0" "$arch" compile_ours
		stamp "$out/attrs.stamp" "$key"
		mv "$out/attrs.stamp" "$bin/attrs.stamp"
	fi
	cp "$ours/upstream.sh" "$bin/"
}

# the steps are processes of their own: -e holds in them
case ${2:-} in
compile | compile_ours) "$2"; exit 0 ;;
esac
locked "suites-$arch" build_suites
echo "$bin"
