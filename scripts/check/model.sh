#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: tasks and debuggers reserving at once: every state of a model, and its barriers
# packages: base model
# limit: 600
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

model=$TOP/tools/testing/hw_breakpoint/model

# holds VERIFY-OPTION...: nothing is wrong
holds() {
	_status=0
	nice "$model/verify.sh" "$@" >"$CHECK_DIR/searched" || _status=$?
	cat "$CHECK_DIR/searched"
	[ "$_status" = 0 ]
}

# hardware() never ends; a statement that is not reached has not been verified
reaches_all() {
	grep ', state [0-9]*, ' "$CHECK_DIR/searched" | tee "$CHECK_DIR/unreached"
	[ "$(wc -l <"$CHECK_DIR/unreached")" = 1 ] && grep -q '"-end-"' "$CHECK_DIR/unreached"
}

# finds WHAT VERIFY-OPTION...: that, and nothing else before it
finds() {
	_what=$1 _status=0
	shift
	nice "$model/verify.sh" "$@" -DOPERATIONS=1 >"$CHECK_DIR/found" || _status=$?
	cat "$CHECK_DIR/found"
	[ "$_status" = 1 ] && grep -q "^pan:1: .*$_what" "$CHECK_DIR/found"
}

check_case reservation holds
check_case reservation-all-reached reaches_all
check_case reservation-ends holds --ends -DOPERATIONS=1
if [ -n "${CHECK_FULL:-}" ]; then
	check_case reservation-everything holds -DEVERYTHING -DOPERATIONS=1
	check_case reservation-twice holds -DROUNDS=2 -DOPERATIONS=1
fi

while read -r variant what; do
	check_case "finds-$variant" finds "$what" "-D$variant"
done <<'E2'
NO_BARRIER_TASK granted
NO_BARRIER_DEBUGGER granted
HISTOGRAM_LEAVES_FIRST granted
DEBUGGERS_LAST granted
NO_RETRY blamed
SEQUENCE_READ_LATE blamed
WITHDRAWN_READ_FIRST blamed
UNDECIDED_ENDS_EARLY blamed
WITHDRAWS_SILENTLY blamed
UNDOES_ONE_CPU claimants
DEBUGGER_LOCKS invalid end state
DEBUGGER_INSISTS steps
STAYS_UNDECIDED undecided
E2
for variant in STAYS_UNDECIDED DEBUGGER_PREEMPTED; do
	check_case "finds-$variant-for-ever" finds 'non-progress cycle' --ends "-D$variant"
done

# observes WORD FILE: never or sometimes what its last line asks for
observes() {
	(cd "$BUILD/stock/tools/memory-model" && nice herd7 -conf linux-kernel.cfg "$2") |
		tee "$CHECK_DIR/herd"
	grep -q "^Observation [^ ]* $1 " "$CHECK_DIR/herd"
}

# weakened TEST SED-EXPRESSION: without one of its barriers it must be possible
weakened() {
	sed "$2" "$model/$1.litmus" >"$CHECK_DIR/weak.litmus"
	! cmp -s "$model/$1.litmus" "$CHECK_DIR/weak.litmus" &&
		observes Sometimes "$CHECK_DIR/weak.litmus"
}

litmus_tests() {
	for test in last-slot no-debuggers withdrawal latch; do
		check_case "litmus-$test" observes Never "$model/$test.litmus"
	done
	while read -r test expression; do
		check_case "litmus-$test-weakened $expression" weakened "$test" "$expression"
	done <<'E2'
last-slot /smp_mb();/d
last-slot s/fetch_inc/&_relaxed/
no-debuggers /smp_mb();/d
no-debuggers s/fetch_inc/&_relaxed/
withdrawal /smp_mb();/d
withdrawal /smp_rmb();/d
withdrawal s/read_acquire/read/
withdrawal s/fetch_inc/&_relaxed/
withdrawal /atomic_dec(claims);/{n;d;}
withdrawal /atomic_inc(withdrawn);/{n;d;}
latch /smp_wmb();/d
latch /smp_rmb();/d
latch s/smp_load_acquire(generation)/READ_ONCE(*generation)/
latch s/smp_store_release(generation, 1)/WRITE_ONCE(*generation, 1)/
latch s/smp_store_release(generation, 2)/WRITE_ONCE(*generation, 2)/
E2
}

if command -v herd7 >/dev/null; then
	litmus_tests
else
	check_skip litmus "no herd7 here, and Debian has no package of it"
fi
check_done
