#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: the instructions that a debugger's reservation takes, counted
# needs: ours-x86_64 ours-arm64
# packages: base kernel arm64 bench
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/bench-lib.sh"

tests=$TOP/tools/testing/selftests/hw_breakpoint
# Per CPU, the writes of registers not among them
most=135
# Only the first is started: a debugger's breakpoint is of those too that are not online
cpus=4

# prepare ARCH: the module for our kernel, and the addresses of the layer
prepare() {
	arch_vars "$1"
	_dir=$CHECK_DIR/$1
	mkdir -p "$_dir/module"
	cp "$tests/bench/module"/* "$tests/bench/mark.h" "$_dir/module/"
	make -C "$(kernel_out ours "$1")" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" M="$_dir/module" modules >&2
	python3 "$TOP/scripts/bench_entries.py" "$(kernel_out ours "$1")" "$KARCH" \
		>"$_dir/entries"
}

# count ARCH: what the module does is counted
count() {
	_dir=$CHECK_DIR/$1
	HWB_ACCEL=tcg guest ours "$1" --cpus $cpus --append 'nokaslr maxcpus=1' \
		--qemu -icount --qemu shift=2,sleep=off \
		--qemu -plugin --qemu "file=$BENCH/count.so,entries=$_dir/entries,out=$_dir/csv,kernel=yes" \
		--with "$_dir/module/hwbp_reserve.ko" sh -c 'insmod ./hwbp_reserve.ko && dmesg | grep hwbp_reserve:'
}

# within ARCH: the worst of each operation; KTAP
within() {
	count "$1" >"$CHECK_DIR/printed" || { cat "$CHECK_DIR/printed" >&2; return 1; }
	echo "KTAP version 1"
	sed 's/^/# /' "$CHECK_DIR/printed"
	awk -F, -v one=$most -v all=$((most * cpus)) '
		NR == 1 || /^warm/ { next }
		{ sub(/-[0-9]+$/, "", $1) }
		!($1 in worst) { name[++n] = $1; worst[$1] = 0 }
		$2 > worst[$1] { worst[$1] = $2 }
		$4 > writes[$1] { writes[$1] = $4 }
		END {
			print "1.." n
			for (i = 1; i <= n; i++) {
				op = name[i]
				limit = op ~ /^all/ ? all : one
				bad = op !~ /release/ && (worst[op] > limit || writes[op])
				printf "%s %d %s: at most %d instructions, %d writes of registers\n",
					bad ? "not ok" : "ok", i, op, worst[op], writes[op]
				failed += bad
			}
			exit failed || !n
		}' "$CHECK_DIR/$1/csv"
}

bench_make x86_64 arm64
for arch in x86_64 arm64; do
	prepare $arch
	subtest $arch within $arch
done
check_done
