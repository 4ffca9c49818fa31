#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: defects of the stock layer on arm64, stock and ours side by side
# needs: stock-arm64 ours-arm64
# packages: arm64 arm32
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

arch_vars arm64
tests=$TOP/tools/testing/selftests/hw_breakpoint
mkdir -p "$LOG/check"
make -C "$tests" CC="${CROSS}gcc" LDFLAGS=-static OUTPUT="$CHECK_DIR" >&2
# the same signals, and the same addresses, in a 32-bit program
for p in signal space; do
	arm-linux-gnueabi-gcc -O2 -Wall -Wextra -marm -static -o "$CHECK_DIR/arm64_${p}32" \
		"$tests/arm64_$p.c" >&2
done

# module TREE: the kernel client, for that kernel
module() {
	mkdir -p "$CHECK_DIR/$1"
	cp "$tests"/arm64_module/* "$CHECK_DIR/$1/"
	make -C "$(kernel_out "$1" arm64)" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" M="$CHECK_DIR/$1" modules >&2
}

# Every program in one guest. On the stock kernel the last leaves a loop that nobody can
# kill, and a CPU with nothing else to do.
cat >"$CHECK_DIR/all" <<'E2'
#!/bin/sh
cd "$(dirname "$0")"
for p in words tracer registers signal signal32 kernel space space32; do
	timeout 60 ./arm64_$p
done
./arm64_handler ./arm64_hwbp.ko
timeout 100 ./arm64_pairs
E2
chmod +x "$CHECK_DIR/all"

# run_all TREE NAME [EXEC-OPTION...]
run_all() {
	_tree=$1 _name=$2
	shift 2
	set -- "$_tree" arm64 --timeout 240 "$@"
	for _p in words tracer registers signal signal32 kernel pairs handler space space32; do
		set -- "$@" --with "$CHECK_DIR/arm64_$_p"
	done
	guest "$@" --with "$CHECK_DIR/$_tree/arm64_hwbp.ko" "$CHECK_DIR/all" >"$LOG/check/$_name.$_tree" ||
		say "$_name: the $_tree guest ended with status $?"
}

# beside NAME NAME: stock's results of one machine and ours of another
beside() {
	"$TOP/scripts/defects.py" "$LOG/check/$1.stock" "$LOG/check/$2.ours"
}

in_protected_mode() {
	grep 'Protected .* mode initialized' "$HWB_CONSOLE"
}

# pairs [EXEC-OPTION...]: with an atomic operation. That is a pair of instructions, everywhere
# in the kernel, on a CPU that has none for it; stock would hang with a lock.
pairs() {
	guest ours arm64 "$@" --timeout 120 "$CHECK_DIR/arm64_pairs" all
}

for t in stock ours; do
	module "$t"
	run_all "$t" defects-arm64
done
subtest beside-stock beside defects-arm64 defects-arm64
subtest pairs pairs --cpu cortex-a57
subtest pairs-and-atomic-instructions pairs
# the kernel at EL1 and under a stage 2 itself: its own breakpoints are the same
export HWB_CONSOLE="$LOG/check/defects-arm64-pkvm.console"
run_all ours defects-arm64-pkvm --append kvm-arm.mode=protected
check_case in-protected-mode in_protected_mode
subtest under-pkvm beside defects-arm64 defects-arm64-pkvm
check_done
