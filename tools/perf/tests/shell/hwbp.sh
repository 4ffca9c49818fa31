#!/bin/bash
# perf hwbp tests
# SPDX-License-Identifier: GPL-2.0

set -e

# until all has passed: set -e ends the test with this, too
err=1
python=$(command -v python3 || :)
dir=$(mktemp -d /tmp/__perf_test.hwbp.XXXXX)

cleanup() {
	rm -rf "${dir}"
	trap - EXIT TERM INT
}

trap_cleanup() {
	cleanup
	exit ${err}
}
trap trap_cleanup EXIT TERM INT

skip() {
	echo "[Skip] $*"
	err=2
	exit
}

fail() {
	echo "[Fail] $*"
	err=1
	exit
}

# is_json FILE, is_xml FILE: not looked at where there is no python
is_json() {
	[ -z "$python" ] || $python -c 'import json, sys; json.load(open(sys.argv[1]))' "$1"
}

is_xml() {
	[ -z "$python" ] ||
		$python -c 'import sys, xml.dom.minidom as dom; dom.parse(sys.argv[1])' "$1"
}

check() {
	[ "$(id -u)" = 0 ] || skip "No root permission"
	perf list | grep -q hw_breakpoint:hwbp_held || skip "No hw_breakpoint tracepoints"
	slots=/sys/kernel/debug/hw_breakpoint/slots
	grep -q '^0 0 ' $slots 2>/dev/null || skip "No table of slots"
	! grep -qv -e '^#' -e ' free$' $slots || skip "Somebody uses breakpoints"
}

# One program that wants more slots than any CPU has: 33
crowd() {
	for ((i = 0; i < 33; i++)); do
		echo "-e mem:$((0x10000 + 8 * i)):w"
	done
}

test_list() {
	echo "perf hwbp list"
	perf stat -o "${dir}/stat" -e mem:0x10000:w perf hwbp list > "${dir}/list"
	grep -q ' w  *4  *perf .* 0x10000$' "${dir}/list" || fail "A breakpoint is not listed"
	perf stat -o "${dir}/stat" -e mem:0x10000:w perf hwbp list --json > "${dir}/json"
	is_json "${dir}/json" || fail "No JSON"
	[ "$(grep -c '"addr": "0x10000"' "${dir}/json")" = 2 ] ||
		fail "A breakpoint is not listed twice in JSON"
}

test_record() {
	echo "perf hwbp record"
	# shellcheck disable=SC2046 # words
	perf hwbp record -q -o "${dir}/data" -- \
		perf stat -o "${dir}/stat" $(crowd) true > "${dir}/out" 2>&1 || :
	[ -s "${dir}/data" ] || fail "Nothing was recorded: $(cat "${dir}/out")"
}

test_report() {
	echo "perf hwbp report"
	perf hwbp report -i "${dir}/data" > "${dir}/report"
	granted=$(grep -c '^  perf\[' "${dir}/report" || :)
	[ "$granted" -ge 2 ] || fail "$granted reservations instead of at least 2"
	[ "$(grep -c 'hwbp_reserve: ENOSPC' "${dir}/report")" = 1 ] || fail "Not 1 refusal"
	held=$(grep -c '      held by perf\[' "${dir}/report" || :)
	[ "$held" = "$granted" ] || fail "$held holders instead of $granted"
}

test_timehist() {
	echo "perf hwbp timehist"
	perf hwbp timehist -i "${dir}/data" > "${dir}/timehist"
	n=$(grep ' hwbp_reserve ' "${dir}/timehist" | grep -vc refused)
	[ "$n" = "$granted" ] || fail "$n reservations instead of $granted"
	grep -q ' hwbp_reserve .*refused, ENOSPC$' "${dir}/timehist" || fail "No refusal"
}

test_timeline() {
	echo "perf hwbp timeline"
	perf hwbp timeline -i "${dir}/data" -o "${dir}/svg" 2> "${dir}/out"
	is_xml "${dir}/svg" || fail "No XML"
	grep -q '<circle class="refused".*ENOSPC' "${dir}/svg" || fail "No refusal in the picture"
	perf hwbp timeline --chrome -i "${dir}/data" -o "${dir}/chrome" 2> "${dir}/out"
	is_json "${dir}/chrome" || fail "No JSON"
	grep -q '"ENOSPC"' "${dir}/chrome" || fail "No refusal in the JSON"
}

test_other_file() {
	echo "perf hwbp report of another recording"
	perf record -q -o "${dir}/other" -e dummy true
	! perf hwbp report -i "${dir}/other" > "${dir}/out" 2>&1 || fail "A report of nothing"
	grep -q "record with 'perf hwbp record'" "${dir}/out" || fail "No word of what to do"
}

check
test_list
test_record
test_report
test_timehist
test_timeline
test_other_file
err=0
