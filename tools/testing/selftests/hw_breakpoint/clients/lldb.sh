#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's lldb with breakpoints in hardware, as KTAP.
. ./lib.sh

# told 'ARG...' COMMAND...: what lldb says of these, from the program's beginning on
told() {
	args=()
	for c in "${@:2}"; do args+=(-o "$c"); done
	# shellcheck disable=SC2086
	lldb --batch -o 'breakpoint set -n main' -o run "${args[@]}" -- ./watched $1 >$out 2>&1 </dev/null || :
	cat $out
}

# times N COMMAND: so many of them, for mapfile
times() { for ((i = 0; i < $1; i++)); do echo "$2"; done; }

# seen: the values at the stops
seen() { sed -n 's/^new value: //p' $out | xargs; }

watched() {
	mapfile -t more < <(times 4 continue)
	told 'rounds 3' 'watchpoint set variable alpha.value' "${more[@]}"
	same values "$(seen)" "0 1 2 3"
	grep 'exited with status = 0' $out
}

accessed() {
	mapfile -t more < <(times 8 continue)
	told 'rounds 3' 'watchpoint set variable -w read_write alpha.value' "${more[@]}"
	# lldb notes the value, and all that it was told before
	same values "$(seen)" "0 1 1 2 2 3 3 3"
	grep 'exited with status = 0' $out
}

one_too_many() {
	told 'rounds 1' 'watchpoint set variable alpha.value' 'watchpoint set variable beta.value' \
		'watchpoint set variable gamma_.value' 'watchpoint set variable delta.value' \
		'watchpoint set variable epsilon.value'
	grep 'Setting one of the watchpoint resources failed' $out
	same 'watchpoints' "$(grep -c '^Watchpoint created' $out)" 4
}

threads() {
	mapfile -t more < <(times 25 continue)
	told 'threads 8 3' 'watchpoint set variable alpha.value' "${more[@]}"
	same values "$(seen)" "$(seq -s ' ' 0 24)"
	grep 'exited with status = 0' $out
}

code() {
	told 'rounds 3' 'breakpoint set -H -n one_round' continue continue continue continue
	same stops "$(grep -c 'stop reason = breakpoint 2.1' $out)" 3
	grep 'exited with status = 0' $out
}

# lldb has no breakpoints in hardware on x86
[ "$(uname -m)" = aarch64 ] && arm64=1 || arm64=
echo 1..$((4 + ${arm64:-0}))
one "lldb watches" watched
one "lldb watches reads" accessed
one "lldb with one too many" one_too_many
one "lldb watches 8 threads" threads
[ -z "$arm64" ] || one "lldb with an instruction" code
