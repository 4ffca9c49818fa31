#!/bin/bash
# perf bench breakpoint tests
# SPDX-License-Identifier: GPL-2.0

set -e

fail() {
	echo "[Fail] $*"
	exit 1
}

# An entry of the machine's perf, and what it says of its work
bench() {
	out=$(perf bench -r 100 breakpoint "$@" 2>&1) || fail "perf bench breakpoint $*: $out"
	case $out in
	*Skipping*) echo "[Skip] No hardware support"; exit 2 ;;
	esac
	echo "$out" | grep -q '^ *[0-9.]* usecs/op$' || fail "No time of perf bench breakpoint $*: $out"
}

# says LINE: the work was done as often as it was asked for
says() {
	echo "$out" | grep -qx "$1" || fail "Not '$1': $out"
}

bench switch
says '# Switched 200 times between two threads with 1 breakpoints each'
bench switch -b 0
says '# Switched 200 times between two threads with 0 breakpoints each'
bench switch -b 2 -d
says '# Switched 200 times between two threads with 2 breakpoints each, at different addresses'
bench modify -p 5
says '# Modified breakpoint 100 times with 5 passive threads'
bench hit
says '# 100 stores hit a breakpoint 100 times'
bench hit -x
says '# 100 calls hit a breakpoint 100 times'
[ "$(perf bench -r 100 -f simple breakpoint hit | grep -cx '[0-9]*\.[0-9]*')" = 1 ] ||
	fail "No simple format"
! perf bench breakpoint switch -b 1000 > /dev/null 2>&1 || fail "1000 breakpoints"
