#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# hwbp-selftest: the selftests of hw_breakpoint on this machine, without a compiler; what
# its CPUs have, and a summary for a mail. hwbp-selftest(8) has the options.
#
# The tests are run by kselftest's own runner, which lies beside them. What they or this
# script may change for a while is noted before and put back at the end, whatever the end.
set -eu
LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
export LC_ALL PATH
LIB=$(realpath "$(dirname "$(realpath "$0")")/../lib/hwbp-selftests")
debugfs=/sys/kernel/debug
tracefs=/sys/kernel/tracing
tables=$debugfs/hw_breakpoint
pmus=/sys/bus/event_source/devices

usage() {
	cat <<-'END'
	usage: hwbp-selftest [OPTION...] [TEST...]

	Runs the selftests of the kernel's hardware breakpoints, as root, and prints KTAP
	and a summary. With the stock kernel it runs those tests that belong to both.

	  -b, --bench        then perf bench's entries for breakpoints, five times each
	  -l, --list         name the tests and do nothing
	  -m, --machine      say what this machine has and do nothing else
	  -t, --timeout S    seconds for each test (300)
	  -h, --help         this
	  -V, --version      of the package

	The status is 0 if nothing failed, 1 if something did or nothing could run, 2 for
	wrong words.
	END
}

say() { printf '%s\n' "hwbp-selftest: $*" >&2; }
die() { say "$*"; exit 1; }
wrong() { say "$*"; say "see hwbp-selftest --help"; exit 2; }

# ---- what is put back ----

# Files with one value, which tests write or the kernel changes while they run
values() {
	for v in panic perf_event_paranoid perf_event_max_sample_rate perf_cpu_time_max_percent \
		kptr_restrict; do
		echo "/proc/sys/kernel/$v"
	done
	for v in /sys/devices/system/cpu/cpu*/online; do echo "$v"; done
}

# as_it_is: "FILE VALUE" a line
as_it_is() {
	{
		values | while read -r file; do
			[ ! -r "$file" ] || echo "$file $(cat "$file")"
		done
		awk '$2 ~ "^/sys/kernel/(debug|tracing)$" { print "mount " $2 }' /proc/mounts
	} | sort -u
}

mount_if_missing() {
	grep -q "^[^ ]* $2 " /proc/mounts && return
	[ -d "$2" ] && mount -t "$1" "$1" "$2" 2>/dev/null || return 0
	echo "$2" >>"$work/mounted"
}

put_back() {
	while read -r file value; do
		[ "$file" != mount ] || continue
		[ "$(cat "$file")" = "$value" ] || echo "$value" >"$file" ||
			say "cannot put back: $value in $file"
	done <"$work/before"
	while read -r where; do umount "$where" || say "cannot unmount $where"; done <"$work/mounted"
	: >"$work/mounted"
}

# The tests are a session of their own, whose CPUs come back before anything is put back
finish() {
	trap '' INT TERM HUP
	if [ -n "$runner" ] && kill -s TERM -- "-$runner" 2>/dev/null; then sleep 2; fi
	[ ! -e "$work/before" ] || put_back
	rm -rf "$work"
}

# ---- what there is ----

has_layer() { [ -d "$tables" ] || grep -q ' hw_breakpoint_debug_reserve$' /proc/kallsyms; }

# What stands for a value that nobody tells
known() { if [ -n "$1" ]; then echo "$1"; else echo unknown; fi; }

field() { lscpu | sed -n "s/^ *$1: *//p" | sort -u | paste -s -d ';'; }

model() {
	for f in /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name \
		/proc/device-tree/model; do
		[ ! -r "$f" ] || { tr -d '\0' <"$f"; echo; }
	done | paste -s -d ' '
}

secure_boot() {
	for f in /sys/firmware/efi/efivars/SecureBoot-*; do
		[ -r "$f" ] || { echo unknown; return; }
		case $(od -An -t u1 -j 4 -N 1 "$f") in *1) echo on ;; *) echo off ;; esac
		return
	done
}

lockdown() { sed 's/.*\[\(.*\)\].*/\1/' /sys/kernel/security/lockdown 2>/dev/null || echo unknown; }

# One line each for a mail; nothing that tells one machine of a kind from another
machine() {
	echo "hwbp-selftests $(cat "$LIB/version")"
	echo "kernel: $(uname -srvm)"
	if has_layer; then
		echo "the layer: this kernel has it"
	else
		echo "the layer: this kernel has not got it: only tests of the stock layer are run"
	fi
	echo "machine: $(known "$(model)")"
	echo "CPU: $(known "$(field 'Model name')"), $(nproc) online; virtual: $(field 'Hypervisor vendor' |
		grep . || echo no)"
	"$LIB/hw_breakpoint/slots" 2>&1 | sed 's/^\(CPUs* [0-9-]*: \)/free slots, \1/' || :
	echo "lockdown: $(known "$(lockdown)"); secure boot: $(secure_boot);" \
		"perf_event_paranoid: $(cat /proc/sys/kernel/perf_event_paranoid 2>/dev/null || echo "no perf")"
	tried
}

# can WHAT WHY-NOT COMMAND...
can() {
	_what=$1 _why=$2
	shift 2
	if "$@"; then echo "can be tried: $_what"; else echo "not tried: $_what: $_why"; fi
}

tried() {
	can "breakpoints of tasks and CPUs, through perf" "the kernel has no perf events" \
		[ -e /proc/sys/kernel/perf_event_paranoid ]
	has_layer || { echo "not tried: all else: the stock layer does not pass those tests"; return; }
	can "breakpoints and probes at one instruction" "the kernel has no kprobes or uprobes for perf" \
		[ -d "$pmus/kprobe" ] && [ -d "$pmus/uprobe" ]
	can "CPUs that go and come back" "none can be taken down" \
		[ -w /sys/devices/system/cpu/cpu1/online ]
	can "KVM's guests" "there is no /dev/kvm" [ -w /dev/kvm ]
	can "the tables of slots and who holds them" "$tables is not there" [ -r "$tables/slots" ]
	echo "not tried: kgdb and kdb: they need a serial line and a second machine"
	echo "not tried: breakpoints of modules: the package has no module for this kernel"
}

# ---- the tests ----

# Of each collection; the stock layer fails the others, or hangs in them
available() {
	if has_layer; then
		cat "$LIB/kselftest-list.txt"
	else
		grep -v '^hw_breakpoint:' "$LIB/kselftest-list.txt"
		echo hw_breakpoint:oracle
	fi
}

# named NAME: those of standard input with that name, with its collection or without
named() { awk -F: -v name="$1" '$0 == name || $2 == name { print; n++ } END { exit !n }'; }

# chosen [NAME...]: as collection:name
chosen() {
	[ $# -gt 0 ] || { available; return; }
	for name in "$@"; do
		named "$name" <"$LIB/kselftest-list.txt" >/dev/null || wrong "no test is called '$name'"
		available | named "$name" || wrong "the test $name needs a kernel with the layer"
	done
}

# What the runner hands to single programs
arguments() {
	KSELFTEST_ORACLE_ARGS=$(has_layer || echo --as-stock)
	export KSELFTEST_ORACLE_ARGS
	# a store that hits while it is stepped hangs that emulator
	! grep -q '^QEMU emulates' "$work/machine" || export KSELFTEST_PROBED_ARGS=breakpoints
	# QEMU's machines, which take long
	! grep -q '^QEMU emulates\|^machine: linux,dummy-virt' "$work/machine" || {
		KSELFTEST_ORACLE_ARGS="$KSELFTEST_ORACLE_ARGS --steps 5000"
		export KSELFTEST_VMM_ARGS='--exits 1000'
	}
	# upstream's cases without these never come to their end on arm64 (its watchpoint is
	# hit again and again, by the stock kernel, too)
	[ "$(uname -m)" != aarch64 ] ||
		export KSELFTEST_SIGTRAP_THREADS_ARGS='-t remain_disabled -t enable_event'
}

# Plans and numbers of each collection become one; a skip says why, and a failure is noted
# with its cases
results() {
	n=0 why='' bad=''
	while IFS= read -r line; do
		case $line in
		'TAP version'* | 1..* | '# Totals'*) continue ;;
		'# selftests: '*) why='' bad='' ;;
		'# '*'# SKIP'*) why=${line##*# SKIP} ;;
		'# not ok '* | '# Bail out'*) bad="$bad; ${line#\# }" ;;
		'ok '*' selftests: '* | 'not ok '*' selftests: '*)
			n=$((n + 1))
			one_result "$line"
			continue ;;
		esac
		printf '%s\n' "$line"
	done
}

# one_result LINE: "ok N selftests: hw_breakpoint: NAME # DIRECTIVE"
one_result() {
	_word=${1%%ok *}ok _name=${1#*selftests: } _note=''
	case $_name in *' # '*) _note=${_name#* # } _name=${_name%% # *} ;; esac
	_name=$(echo "$_name" | tr -d ' ')
	case "$_word $_note" in
	'ok SKIP'*)
		why=${why:- it gave no reason}
		echo "skip $_name$why" >>"$work/results"
		echo "ok $n $_name # SKIP$why" ;;
	'ok '*)
		echo "pass $_name" >>"$work/results"
		echo "ok $n $_name" ;;
	*)
		echo "fail $_name: $_note$bad" >>"$work/results"
		echo "not ok $n $_name${_note:+ # $_note}" ;;
	esac
}

# own NAME COMMAND...: a case of this script's, behind the tests
own() {
	_name=$1 _line=ok
	shift
	"$@" >"$work/own" 2>&1 || _line='not ok'
	sed 's/^/# /' "$work/own"
	number=$((number + 1))
	echo "$_line $number $_name"
	case $_line in ok) _word=pass ;; *) _word=fail ;; esac
	echo "$_word $_name$(sed 's/^/; /' "$work/own" | tr -d '\n')" >>"$work/results"
}

all_back() {
	put_back
	as_it_is >"$work/after"
	comm -3 "$work/before" "$work/after" >"$work/changed"
	cat "$work/changed"
	[ ! -s "$work/changed" ]
}

# Since the mark; all that is left of the kernel's log if that has lost it
complaints() {
	dmesg >"$work/log" || return
	! grep -qF "$mark" "$work/log" || sed -n "/$mark/,\$p" "$work/log" >"$work/dmesg"
	[ -e "$work/dmesg" ] || mv "$work/log" "$work/dmesg"
	! grep -E 'WARNING: |BUG: |INFO: (possible|inconsistent|trying|rcu|task)|Oops|general protection' \
		"$work/dmesg"
}

all_there() { [ "$(grep -c . "$work/results")" = "$1" ] || { echo "a test has given no result"; false; }; }

run_tests() {
	mark="hwbp-selftest begins: $$"
	[ ! -w /dev/kmsg ] || echo "$mark" >/dev/kmsg
	# shellcheck disable=SC2086 # words
	set -- $tests
	number=$#
	echo "KTAP version 1"
	echo "1..$((number + 3))"
	sed 's/^/# /' "$work/machine"
	words=$(printf -- '-t %s\n' "$@")
	mkfifo "$work/pipe"
	# shellcheck disable=SC2086 # words
	setsid "$LIB/run_kselftest.sh" -o "$limit" $words >"$work/pipe" 2>&1 </dev/null &
	runner=$!
	results <"$work/pipe" &
	wait $! || :
	runner=''
	own "each test has given a result" all_there "$number"
	own "the kernel has complained of nothing" complaints
	own "all is as it was before" all_back
}

# ---- figures ----

find_perf() {
	for perf in perf_hwbp perf; do
		has_entry thread || continue
		command -v "$perf"
		return
	done
}

has_entry() { "$perf" bench breakpoint 2>/dev/null | grep -q "^ *$1:"; }

# entry ROUNDS ARG...: seconds of five runs, the middle one last
entry() {
	_rounds=$1
	shift
	for _ in 1 2 3 4 5; do
		"$perf" bench -r "$_rounds" -f simple breakpoint "$@" 2>&1 | tail -n 1
	done >"$work/runs"
	echo "$(paste -s -d ' ' "$work/runs"); middle: $(sort -n "$work/runs" | sed -n 3p) s:" \
		"perf bench -r $_rounds breakpoint $*"
}

# How many of data any CPU has room for
data_slots() {
	sed -n 's/^free slots, .*[ :]\([0-9]*\)\(, for instructions or\| for\) data$/\1/p' "$work/machine" |
		sort -n | head -n 1
}

bench() {
	perf=$(find_perf)
	[ -n "$perf" ] || { echo "bench: none: no perf with bench breakpoint is installed"; return; }
	cpus=$(nproc)
	most=$(data_slots)
	echo "bench: $($perf --version), five runs each"
	entry 10 thread -b 1 -p 1 -t 1
	entry 10 thread -b "$most" -p "$cpus" -t "$cpus"
	entry 10 thread -b "$most" -p $((cpus * 8)) -t $((cpus * 4))
	entry 10 enable -p 0 -a 0
	entry 10 enable -p "$cpus" -a "$cpus"
	has_entry switch || { echo "bench: this perf has no switch, modify and hit"; return; }
	entry 10000 switch -b 0
	entry 10000 switch -b "$most"
	entry 10000 switch -b "$most" -d
	entry 10000 modify
	entry 10000 modify -p "$cpus"
	entry 10000 hit
	entry 10000 hit -x
}

# ---- for a mail ----

count() { grep -c "^$1 " "$work/results" || :; }

summary() {
	echo "---- summary of hwbp-selftest, for a mail ----"
	cat "$work/machine"
	echo "passed: $(count pass), failed: $(count fail), skipped: $(count skip)"
	sed -n 's/^fail /failed: /p; s/^skip /skipped: /p' "$work/results"
	[ ! -s "$work/bench" ] || cat "$work/bench"
	echo "---- end ----"
}

options() {
	parsed=$(getopt -n hwbp-selftest -o blmt:hV -l bench,list,machine,timeout:,help,version -- "$@") ||
		wrong "wrong options"
	eval "set -- $parsed"
	while [ "$1" != -- ]; do
		case $1 in
		-b | --bench) with_bench=1 ;;
		-l | --list) action=list ;;
		-m | --machine) action=machine ;;
		-t | --timeout) limit=$2; shift ;;
		-h | --help) usage; exit 0 ;;
		-V | --version) cat "$LIB/version"; exit 0 ;;
		esac
		shift
	done
	shift
	case $limit in '' | *[!0-9]* | 0) wrong "not a positive number: '$limit'" ;; esac
	tests=$(chosen "$@")
}

action=run with_bench='' limit=300 runner=''
options "$@"
[ $action != list ] || { echo "$tests"; exit 0; }
[ "$(id -u)" = 0 ] || die "must be run as root: breakpoints of CPUs are for nobody else"
work=$(mktemp -d "${TMPDIR:-/tmp}/hwbp-selftest.XXXXXX")
: >"$work/mounted"
: >"$work/results"
trap finish EXIT
trap 'exit 130' INT TERM HUP
as_it_is >"$work/before"
mount_if_missing debugfs $debugfs
mount_if_missing tracefs $tracefs
machine >"$work/machine"
[ $action != machine ] || { cat "$work/machine"; exit 0; }
arguments
run_tests
[ -z "$with_bench" ] || bench >"$work/bench"
summary | sed 's/^/# /'
[ "$(count fail)" = 0 ] && [ "$(count pass)" -gt 3 ]
