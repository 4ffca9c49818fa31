#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: debuggers and tracers of Debian, as they are, on stock and on ours
# needs: stock-x86_64 ours-x86_64 stock-arm64 ours-arm64 clients-x86_64 clients-arm64
# packages: base kernel arm64
# limit: 3600
# full: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

clients=$TOP/tools/testing/selftests/hw_breakpoint/clients
mkdir -p "$LOG/check"

compile() {
	arch_vars "$1"
	mkdir -p "$CHECK_DIR/$1"
	"${CROSS}gcc" -g -O1 -Wall -Wextra -static -no-pie -pthread -o "$CHECK_DIR/$1/watched" \
		"$clients/watched.c"
}

# symbols ARCH: SYMBOL=ADDRESS of what is watched; the program is not relocated
symbols() {
	"${CROSS}nm" "$CHECK_DIR/$1/watched" |
		sed -nE 's/^0*([0-9a-f]+) . (alpha|beta|gamma_|delta|epsilon|store)$/\2=0x\1/p'
}

# session LOG TREE ARCH CLIENTS [EXEC-OPTION...]: these, in a guest
session() {
	_log=$LOG/check/$1-$3.$2 _tree=$2 _arch=$3 _names=$4
	shift 4
	for _f in gdb.py lib.sh gdb.sh perf.sh bpftrace.sh lldb.sh criu.sh; do
		set -- "$@" --with "$clients/$_f"
	done
	# shellcheck disable=SC2046 # words
	guest "$_tree" "$_arch" "$@" --timeout 1400 --with "$CHECK_DIR/$_arch/watched" \
		"$clients/all.sh" "$_names" $(symbols "$_arch") >"$_log" ||
		say "$_log: the guest ended with status $?"
}

# beside LOG ARCH CLIENTS [EXEC-OPTION...]: on both kernels
beside() {
	_name=$1
	shift
	for _tree in stock ours; do (session "$_name" "$_tree" "$@"); done
	"$TOP/scripts/defects.py" "$LOG/check/$_name-$1.stock" "$LOG/check/$_name-$1.ours"
}

words="perf bpftrace lldb criu gdb"
[ -z "${CHECK_FULL:-}" ] || words="$words gdb-more"
for arch in x86_64 arm64; do
	compile $arch
	subtest $arch beside clients $arch "$words" --clients
	# the gdb of this machine's own release
	[ -z "${CHECK_FULL:-}" ] || subtest "$arch-gdb" beside clients-gdb $arch gdb
done
check_done
