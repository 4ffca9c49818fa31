#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs upstream's suites in the guest: KUnit's results of this boot, the programs
# in the folders beside this script, perf test's entries and kgdbts.
#
# usage: upstream.sh [GROUP...]      default: all
#
# Each is printed raw between "# selftests: GROUP/NAME" and "# exit: STATUS". What
# prints neither TAP nor KTAP is one case by its exit status.
# shellcheck disable=SC2317 # some functions are called by name
cd "$(dirname "$0")" || exit 1
groups=" $* "

wanted() { [ "$groups" = "  " ] || [[ $groups == *" $1 "* ]]; }

# section GROUP/NAME SECONDS COMMAND...
section() {
	local name=$1 seconds=$2 status
	shift 2
	echo "# selftests: $name"
	timeout -k 5 "$seconds" "$@" 2>&1
	status=$?
	echo
	echo "# exit: $status"
}

# skip GROUP/NAME WHY
skip() {
	printf '# selftests: %s\nTAP version 13\n1..1\nok 1 %s # SKIP %s\n# exit: 4\n' "$1" "${1##*/}" "$2"
}

# What the emulator makes long is made short. On arm64 the SIGTRAP of a watchpoint
# comes again and again, on stock too: one such case of 30 seconds is enough.
arguments() {
	case $1 in
	debug-exceptions) echo -i 300 ;;
	sigtrap_threads) [ "$(uname -m)" != aarch64 ] || echo -t remain_disabled -t enable_event ;;
	esac
}

# programs GROUP SECONDS: all of a folder
programs() {
	local f
	for f in "$1"/*; do
		[ -x "$f" ] || continue
		if [ "${f##*/}" = remove_on_exec ] && ! has_pmu; then
			skip "$f" "counts instructions: there is no CPU PMU here"
			continue
		fi
		# shellcheck disable=SC2046 # words are arguments
		section "$f" "$2" "$f" $(arguments "${f##*/}")
	done
}

has_pmu() { ls -d /sys/bus/event_source/devices/{cpu,cpu_*,armv8*} >/dev/null 2>&1; }

kunit() { cat /sys/kernel/debug/kunit/hw_breakpoint/results; }

# perf's result lines as KTAP. Of its 10000 hits "Breakpoint overflow sampling" loses
# one in 5 % of the runs, with the stock kernel as with ours: a second and a third try.
perf_tests() {
	local attempt out

	for attempt in 1 2 3; do
		out=$(perf test breakpoint watchpoint sigtrap 2>&1)
		case $out in *FAILED!*) echo "# attempt $attempt fails" ;; *) break ;; esac
	done
	awk '
		BEGIN { print "KTAP version 1" }
		{ print "# " $0 }
		match($0, /^ *[0-9.]+: /) && !/: Running/ && match($0, / : [A-Z]/) {
			result = substr($0, RSTART + 3)
			name = substr($0, 1, RSTART)
			sub(/^ *[0-9.]+: /, "", name)
			sub(/ +$/, "", name)
			gsub(/\//, "or", name)
			why = result
			sub(/^[A-Za-z]+ */, "", why)
			if (result ~ /^Ok/) print "ok " ++n " " name
			else if (result ~ /^Skip/) print "ok " ++n " " name " # SKIP " why
			else print "not ok " ++n " " name
		}' <<<"$out"
}

# kgdbts talks to the kernel log only: one case for each of its RUN lines
kgdbts() {
	dmesg -C
	echo V1I100 >/sys/module/kgdbts/parameters/kgdbts
	dmesg | awk '
		function result(fine) {
			if (name != "") print (fine ? "ok " : "not ok ") ++n " " name
			name = ""
		}
		BEGIN { print "KTAP version 1" }
		/kgdbts/ { print "# " $0 }
		/kgdbts:RUN singlestep \[/ { next }
		/kgdbts:RUN / { result(!bad); bad = 0; name = $0; sub(/.*kgdbts:RUN /, "", name) }
		/kgdbts: (ERROR|BP mismatch|SingleStep failed|failed)/ { bad = 1 }
		/Unregistered I\/O driver kgdbts/ { result(!bad); over = 1 }
		END { result(0); print (over ? "ok " : "not ok ") ++n " ran to its end" }'
}

sysctl_set() { echo "$2" >"/proc/sys/$1"; }

export -f kunit perf_tests kgdbts
# While the kernel is patched kgdb plants and removes nothing. perf patches it a second
# after its last event has gone: one event stays to the end.
perf stat -e task-clock sleep 10000 >/dev/null 2>&1 &
trap 'kill %1' EXIT
# whoever makes the kernel warn ends the guest, and all later cases are missing
sysctl_set kernel/panic_on_warn 1
! wanted kunit || section kunit/hw_breakpoint 10 bash -c kunit
! wanted breakpoints || programs breakpoints 120
! wanted perf_events || programs perf_events 120
! wanted x86 || programs x86 60
! wanted abi || programs abi 60
! wanted kvm || programs kvm 180
! wanted perf || section perf/test 120 bash -c perf_tests
# kgdbts warns when a case of its fails, and stock's hardware cases do
sysctl_set kernel/panic_on_warn 0
# KVM patches it a second after its last vCPU has gone (apic_sw_disabled)
sleep 3
! wanted kgdbts || section kgdbts/kgdbts 120 bash -c kgdbts
exit 0
