#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's perf with breakpoints, as KTAP; the addresses of symbols are in the environment.
. ./lib.sh
event=mem:$alpha:w
group=/tmp/cgroup

# counts ARG...: what perf stat counted, a number for each event and thread
counts() {
	perf stat -x, -o $out "$@" >/dev/null || return
	awk -F, '{ for (i = 1; i < NF; i++) if ($i ~ /^mem:/) print $(i - 2) }' $out | xargs
}

# until_it_ends: the command that lets the program go
until_it_ends() { echo "touch $go; while grep -qs State:.[^Z] /proc/$pid/status; do sleep 0.1; done"; }

all_cpus() {
	same writes "$(counts -a -e "$event" ./watched rounds 10)" 10
}

one_cpu() {
	same 'writes on CPU 1' "$(counts -C 1 -e "$event" taskset -c 1 ./watched rounds 10)" 10
	same 'writes on CPU 0' "$(counts -C 0 -e "$event" taskset -c 1 ./watched rounds 10)" 0
}

repeated() {
	same 'mean of the writes' "$(counts -r 3 -e "$event" ./watched rounds 10)" 10
}

process() {
	waiting rounds 10
	same writes "$(counts -p $pid -e "$event" sh -c "$(until_it_ends)")" 10
}

by_thread() {
	waiting threads 4 5
	wait_for_threads 5
	same writes "$(counts --per-thread -p $pid -e "$event" sh -c "$(until_it_ends)")" \
		"0 5 5 5 5"
}

inherited() {
	same 'writes of 8 threads' "$(counts -e "$event" ./watched threads 8 3)" 24
	same 'writes of a child and its parent' "$(counts -e "$event" ./watched fork 4)" 8
}

# Who is not of the group writes as often. A new group has perf's controller when its parent has
# passed on any.
of_a_group() {
	mkdir -p $group
	mount -t cgroup2 none $group
	echo +cpuset >$group/cgroup.subtree_control
	mkdir $group/one
	same writes "$(counts -a -e "$event" -G one \
		sh -c "./watched rounds 7; echo \$\$ >$group/one/cgroup.procs; exec ./watched rounds 10")" 10
}

all_slots() {
	same writes "$(counts -e "$event" -e "mem:$beta:w" -e "mem:$gamma_:w" -e "mem:$delta:w" \
		./watched rounds 10)" "10 10 10 10"
}

one_too_many() {
	refused perf stat -e "$event" -e "mem:$beta:w" -e "mem:$gamma_:w" -e "mem:$delta:w" \
		-e "mem:$epsilon:w" ./watched rounds 10 2>$out
	grep 'No space left on device' $out
	all_slots
}

recorded() {
	perf record -q -d -c 1 -e "$event" -o $out ./watched rounds 10
	same samples "$(perf script -i $out -F addr,ip,sym | awk '{ print $1, $3 }' | uniq -c | xargs)" \
		"10 $(printf %x "$alpha") store"
	same report "$(perf report -i $out --stdio -F sample,sym 2>/dev/null | grep -v '^#' | xargs)" \
		"10 [.] store"
}

code() {
	same calls "$(counts -e "mem:$store:x" ./watched rounds 10)" 50
	perf record -q -c 1 -e "mem:$store:x" -o $out ./watched rounds 10
	same samples "$(perf script -i $out -F ip,sym | sort | uniq -c | xargs)" \
		"50 $(printf %x "$store") store"
}

# All samples are in one function. Its standard input must not end: that is a key to it.
seen_by_top() {
	waiting rounds 1000000000
	touch $go
	perf top --stdio -d 2 -c 100 -e "$event" -p $pid < <(sleep 100) >$out 2>&1 &
	for ((i = 0; i < 100; i++)); do
		! grep '100\.00% *watched *\[\.\] store' $out || break
		sleep 1
	done
	kill $! $pid
	tail -n 5 $out
	[ $i -lt 100 ]
}

seen_by_trace() {
	perf trace --no-syscalls -e "$event" ./watched rounds 3 2>$out >/dev/null
	cat $out
	same 'lines of the event' "$(grep -ac "watched/[0-9]* $event" $out)" 3
	perf trace -e "write,$event" ./watched rounds 3 2>$out >/dev/null
	cat $out
	same 'events and system calls' "$(grep -ao "$event\|write(" $out | uniq -c | xargs)" \
		"3 $event 1 write("
}

echo 1..13
one "perf -a" all_cpus
one "perf -C" one_cpu
one "perf -r" repeated
one "perf -p" process
one "perf --per-thread" by_thread
one "perf and those who inherit" inherited
one "perf -G" of_a_group
one "perf with all slots" all_slots
one "perf with one more" one_too_many
one "perf record, script and report" recorded
one "perf with an instruction" code
one "perf top" seen_by_top
one "perf trace" seen_by_trace
