#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: tasks and debuggers reserving at once: every state of two models, and their barriers
# packages: base model
# limit: 1200
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

model=$TOP/tools/testing/hw_breakpoint/model

# holds VERIFY-ARGUMENT...: nothing is wrong
holds() {
	_status=0
	nice "$model/verify.sh" "$@" >"$CHECK_DIR/searched" || _status=$?
	cat "$CHECK_DIR/searched"
	[ "$_status" = 0 ]
}

# reaches_all PROCESSES: each statement, but the end of so many processes that have none; a
# statement that is not reached has not been verified
reaches_all() {
	grep ', state [0-9]*, ' "$CHECK_DIR/searched" >"$CHECK_DIR/unreached" || [ $? = 1 ]
	cat "$CHECK_DIR/unreached"
	[ "$(wc -l <"$CHECK_DIR/unreached")" = "$1" ] &&
		[ "$(grep -c '"-end-"' "$CHECK_DIR/unreached")" = "$1" ]
}

# finds WHAT VERIFY-ARGUMENT...: that, and nothing else before it
finds() {
	_what=$1 _status=0
	shift
	nice "$model/verify.sh" "$@" >"$CHECK_DIR/found" || _status=$?
	cat "$CHECK_DIR/found"
	[ "$_status" = 1 ] && grep -q "^pan:1: .*$_what" "$CHECK_DIR/found"
}

# finds_all MODEL: what is wrong with each variant on stdin: NAME[,OPTION...] WHAT
finds_all() {
	while read -r variant what; do
		# shellcheck disable=SC2046 # words are options
		check_case "$1-finds-$variant" finds "$what" "$1" \
			$(echo "$variant" | sed 's/^/-D/; s/,/ -D/g')
	done
}

check_case level holds level
check_case level-all-reached reaches_all 0
# of two who lower, each is not held up by the other alone
check_case level-ends holds --ends level -DCAST=7
check_case reservation holds reservation
check_case reservation-all-reached reaches_all 1
check_case reservation-ends holds --ends reservation
if [ -n "${CHECK_FULL:-}" ]; then
	for cast in 1 2 3 4 5; do
		check_case "level-ends-$cast" holds --ends level "-DCAST=$cast"
	done
	check_case level-longer holds level -DCAST=1 -DOPERATIONS=2
	check_case level-counts-longer holds level -DCAST=6 -DOPERATIONS=2
	check_case reservation-everything holds reservation -DEVERYTHING
	check_case reservation-longer holds reservation -DOPERATIONS=2
	check_case reservation-twice holds reservation -DROUNDS=2
fi

finds_all level <<'E2'
NO_BARRIER_ENTER assumed>=
NO_BARRIER_LOWER assumed>=
CAME_BEFORE_WENT,CAST=6,OPERATIONS=2 all_the_while
COUNTS_FROM_BELOW,CAST=6 all_the_while
LEAVES_FIRST,CAST=6 all_the_while
LOOKS_ONCE assumed>=
COUNTS_ONCE assumed>=
NO_CHANGES assumed>=
NO_FORGO firm
ALLOWS_EARLY assumed>=
ASSUMES_LATE firm
REFUSED_STAYS came
IGNORES_OTHERS taken||blamed
LEAVES_TO_ASK taken||blamed
NO_KEEP blamed!=
KEEPS_SAME blamed!=
NMI_ASKS invalid end state
E2
check_case level-finds-ALWAYS_CHANGES-for-ever finds 'non-progress cycle' --ends level \
	-DALWAYS_CHANGES -DCAST=7

finds_all reservation <<'E2'
NO_BARRIER_PINNED firm
ASSUMES_LATE firm
NO_BARRIER_DEBUGGER firm
NO_FORGO,OPERATIONS=2 firm
RIDES_BESIDE_CLAIM firm
DEBUGGERS_LAST firm
NO_RETRY blamed
GRANTED_EARLY blamed
UNDOES_ONE_CPU claimants
DEBUGGER_LOCKS invalid end state
DEBUGGER_INSISTS steps
E2
for variant in STAYS_UNDECIDED DEBUGGER_PREEMPTED; do
	check_case "reservation-finds-$variant-for-ever" finds 'non-progress cycle' --ends \
		reservation "-D$variant"
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
	for test in last-slot no-debuggers list latch aim level tally less raised sets fell; do
		check_case "litmus-$test" observes Never "$model/$test.litmus"
	done
	while read -r test expression; do
		check_case "litmus-$test-weakened $expression" weakened "$test" "$expression"
	done <<'E2'
last-slot /smp_mb();/d
last-slot s/fetch_inc/&_relaxed/
last-slot s/atomic_cmpxchg/&_relaxed/
no-debuggers /smp_mb();/d
no-debuggers s/fetch_inc/&_relaxed/
no-debuggers s/atomic_cmpxchg/&_relaxed/
list /smp_rmb();/d
list s/read_acquire/read/
list s/fetch_sub_release/fetch_sub_relaxed/
list s/fetch_add/&_relaxed/
latch /smp_wmb();/d
latch /smp_rmb();/d
latch s/smp_load_acquire(generation)/READ_ONCE(*generation)/
latch s/smp_store_release(generation, 1)/WRITE_ONCE(*generation, 1)/
latch s/smp_store_release(generation, 2)/WRITE_ONCE(*generation, 2)/
aim /smp_mb();/d
aim /smp_rmb();/d
level s/inc_return/&_relaxed/
level s/cmpxchg(word, 2/cmpxchg_relaxed(word, 2/
level s/cmpxchg(word, 1/cmpxchg_relaxed(word, 1/
tally /smp_rmb();/d
tally s/inc_return/&_relaxed/
less /smp_rmb();/d
less s/inc_return/&_relaxed/
raised /smp_rmb();/d
raised s/inc_return/&_relaxed/;s/cmpxchg/&_relaxed/
sets s/inc_return/&_relaxed/
sets s/cmpxchg(word/cmpxchg_relaxed(word/
fell s/inc_return/&_relaxed/
fell s/fetch_inc/&_relaxed/
E2
}

if command -v herd7 >/dev/null; then
	litmus_tests
else
	check_skip litmus "no herd7 here, and Debian has no package of it"
fi
check_done
