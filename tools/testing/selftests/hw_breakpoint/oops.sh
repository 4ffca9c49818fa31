#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# oops.sh MODULE: a task dies where it has switched breakpoints off, and they go on; and who
# sees addresses. The module is oops/hwbp_oops.ko.
tables=/sys/kernel/debug/hw_breakpoint
module=/sys/module/hwbp_oops/parameters
tracing=/sys/kernel/tracing
events=$tracing/events/hw_breakpoint
n=0 bad=0

# result NAME COMMAND...
result() {
	_name=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n $_name"
	else
		echo "not ok $n $_name"
		bad=1
	fi
}

# is WHAT IS WANTED
is() {
	echo "# $1: $2, expected $3"
	[ "$2" = "$3" ]
}

# dies WAY: a thread of CPU 1, and the next one that runs there is watched
dies() {
	echo 1 >"$tracing/tracing_on"
	echo "$1" >"$module/die" && is "hits of 100 writes" "$(cat "$module/hits")" 100
}

healed() { awk -v cpu="$1" '$1 == cpu { print $2 }' $tables/healed; }
logged() { dmesg | grep -c 'hw_breakpoint: CPU 1: hwbp_oops\[[0-9]*\] died while'; }
traced() { grep -c ' hwbp_heal: count=4$' $tracing/trace; }

# The address that CPU 1 watches, in the tables of slots and of holders
addresses() {
	awk '$1 == 1 && $3 == "w" { print $4 }' $tables/slots
	awk '$3 == 1 && $4 == "w" { print $5 }' $tables/holders
}

# shown RESTRICTION: what they say then
shown() {
	echo "$1" >/proc/sys/kernel/kptr_restrict
	addresses | sort -u | xargs
	echo 0 >/proc/sys/kernel/kptr_restrict
}

# in_trace HASHED: lines that have the address as it is
in_trace() {
	echo "$1" >$tracing/options/hash-ptr
	grep 'hwbp_reserve: .* addr=' $tracing/trace | grep -c "${address#0x}"
	echo 1 >$tracing/options/hash-ptr
}

echo "KTAP version 1"
echo 1..13
grep -q " $tracing " /proc/mounts || mount -t tracefs tracefs $tracing
echo 0 >/proc/sys/kernel/panic_on_oops
echo 0 >/proc/sys/kernel/kptr_restrict
for e in hwbp_heal hwbp_reserve; do echo 1 >$events/$e/enable; done
insmod "$1" || { echo "Bail out! insmod"; exit 1; }
address=$(shown 0)

for way in anywhere section sections loan exit; do
	result "a thread dies: $way" dies $way
done
result "the CPU has been healed" is "times" "$(healed 1)" 4
result "and the other one was not" is "times" "$(healed 0)" 0
result "the log says so" is "lines" "$(logged)" 4
# an oops has switched the trace off by then
result "and a tracepoint, where there was no oops" is "records" "$(traced)" 1
echo "# the address is $address"
result "the tables have addresses" test "${address#0xffff}" != "$address"
result "unless kptr_restrict is 2" is "they have" "$(shown 2)" 0x0
result "the text of a trace has none" is "lines" "$(in_trace 1)" 0
result "unless it is asked for" is "lines" "$(in_trace 0)" 1
exit $bad
