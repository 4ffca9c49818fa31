#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: a tracer steps over a store that it watches (in Bochs: QEMU hangs on any kernel)
# needs: stock-x86_64 ours-x86_64
# packages: base bochs
# limit: 1800
# full: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

mkdir -p "$LOG/check"
make -C tools/testing/selftests/hw_breakpoint LDFLAGS=-static OUTPUT="$CHECK_DIR" \
	"$CHECK_DIR/x86_step" >&2

# step TREE
step() {
	_flags=
	[ "$1" = ours ] || _flags=--stock
	# shellcheck disable=SC2086
	"$TOP/scripts/bochs.sh" $_flags "$CHECK_DIR/x86_step" >"$LOG/check/x86_step.$1" ||
		say "x86_step: the $1 guest ended with status $?"
}

compare() {
	for _tree in stock ours; do step "$_tree"; done
	"$TOP/scripts/defects.py" "$LOG/check/x86_step.stock" "$LOG/check/x86_step.ours"
}

subtest step compare
check_done
