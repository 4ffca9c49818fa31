#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: random reservations against a model, and contexts that perf swaps
# needs: stock-x86_64 ours-x86_64 ours-arm64
# packages: base arm64
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

steps=20000
[ -z "${CHECK_FULL:-}" ] || steps=200000

# programs ARCH: static, for the guest
programs() {
	arch_vars "$1"
	mkdir -p "$CHECK_DIR/$1"
	make -C tools/testing/selftests/hw_breakpoint CC="${CROSS}gcc" LDFLAGS=-static \
		OUTPUT="$CHECK_DIR/$1" >&2
}

# runs TREE ARCH PROGRAM [ARG...]: what it printed becomes a subtest
runs() {
	_n=$((_n + 1)) _ok=ok _name="$3-$1-$2"
	_tree=$1 _arch=$2 _program=$3
	shift 3
	guest "$_tree" "$_arch" --timeout 400 "$CHECK_DIR/$_arch/$_program" "$@" >"$CHECK_DIR/out" ||
		_ok='not ok'
	sed 's/^/    /' "$CHECK_DIR/out"
	echo "$_ok $_n $_name"
	[ "$_ok" = ok ] || _failed=1
}

_n=0 _failed=0
echo "KTAP version 1"
echo "1..5"
programs x86_64
programs arm64
# the model is right: without context swaps stock agrees with it
runs stock x86_64 oracle --no-inherit --steps "$steps"
for a in x86_64 arm64; do
	runs ours "$a" oracle --steps "$steps"
	runs ours "$a" context_swap
done
exit "$_failed"
