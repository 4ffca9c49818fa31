#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# gdb's breakpoints in hardware, as KTAP: each case of gdb.py. With the word gdb-more what takes
# long, and some of them with gdbserver between gdb and the program.
. ./lib.sh
version=$(gdb --version | sed -n 's/^GNU gdb .* \([0-9]*\)\.[0-9.]*$/\1/p')
cases=${GDB_CASES:-$(CASE=list gdb -batch -nx -x gdb.py)} served=
if [ "${1:-}" = gdb-more ]; then
	cases=attach-to-100-threads
	served="hbreak watch-a-word rwatch awatch all-slots one-too-many"
	# What is longer than one register watches takes two on arm64. gdbserver 16 tells gdb of a hit
	# there as of a breakpoint's, and gdb goes on into the same hit for ever, on either kernel.
	[ "$(uname -m)" = aarch64 ] || served="$served watch-16-bytes watch-32-bytes"
fi

# gdb_case NAME [SERVER]
gdb_case() {
	CASE=$1 SERVER=${2:-} timeout -k 5 250 gdb -batch -nx -x gdb.py ./watched >$out 2>&1 ||
		{ cat $out; return 1; }
	[ "$1" != one-too-many ] || grep 'too many hardware breakpoints/watchpoints' $out
}

[ -n "$cases" ] || { echo "Bail out! gdb has no python"; exit 1; }
echo "1..$(wc -w <<<"$cases $served")"
for c in $cases; do one "gdb $version: $c" gdb_case "$c"; done
for c in $served; do one "gdb $version with gdbserver: $c" gdb_case "$c" 1; done
