#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: defects of the stock layer on arm64, stock and ours side by side
# needs: stock-arm64 ours-arm64
# packages: arm64 arm32
# limit: 300
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

# every program in one guest
cat >"$CHECK_DIR/all" <<'E2'
#!/bin/sh
cd "$(dirname "$0")"
for p in words tracer signal signal32 kernel space space32; do
	timeout 60 ./arm64_$p
done
./arm64_handler ./arm64_hwbp.ko
E2
chmod +x "$CHECK_DIR/all"

run_all() {
	set -- "$1" arm64 --timeout 120
	for _p in words tracer signal signal32 kernel handler space space32; do
		set -- "$@" --with "$CHECK_DIR/arm64_$_p"
	done
	guest "$@" --with "$CHECK_DIR/$1/arm64_hwbp.ko" "$CHECK_DIR/all" >"$LOG/check/defects-arm64.$1" ||
		say "defects-arm64: the $1 guest ended with status $?"
}

for t in stock ours; do module "$t"; done
run_all ours
run_all stock
exec "$TOP/scripts/defects.py" "$LOG/check/defects-arm64.stock" "$LOG/check/defects-arm64.ours"
