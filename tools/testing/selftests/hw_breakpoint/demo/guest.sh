#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The demonstration, inside the guest: real clients, every figure checked.
# usage: guest.sh ADDRESS-OF-alpha beta gamma delta epsilon
# Status 0 only if everything shown was right.
alpha=$1 beta=$2 gamma=$3 delta=$4 epsilon=$5
slots=/sys/kernel/debug/hw_breakpoint/slots
holders=/sys/kernel/debug/hw_breakpoint/holders
wrong=0 right=0
log=/tmp/demo
mkdir -p $log

title() { printf '\n== %s\n' "$*"; }
shown() { echo "\$ $*"; }

# expect WHAT GOT WANTED
expect() {
	if [ "$2" = "$3" ]; then
		echo "right: $1: $2"
		right=$((right + 1))
	else
		echo "WRONG: $1: $2, expected $3"
		wrong=$((wrong + 1))
	fi
}

# wait_for PATTERN FILE: until a program in the background has come that far
wait_for() {
	for ((i = 0; i < 600; i++)); do
		grep -q "$1" "$2" 2>/dev/null && return
		sleep 0.1
	done
	echo "WRONG: waited in vain for '$1'"
	cat "$2"
	wrong=$((wrong + 1))
}

show_perf() {
	title "perf record: who writes the variable alpha?"
	shown "perf record -d -e mem:$alpha:w ./counter 1000; perf script"
	perf record -q -d -c 1 -e "mem:$alpha:w" -o $log/data ./counter 1000
	perf script -i $log/data -F comm,event,addr,ip,sym >$log/script
	head -n 3 $log/script
	echo "..."
	expect "samples" "$(wc -l <$log/script)" 1000
	expect "samples in add() at alpha" "$(grep -c " ${alpha#0x} .* add" $log/script)" 1000
}

show_stat() {
	title "perf stat: counts without samples"
	shown "perf stat -e mem:$alpha:w -e mem:$beta/4:w ./counter 500"
	perf stat -x, -o $log/stat -e "mem:$alpha:w" -e "mem:$beta/4:w" ./counter 500
	grep mem: $log/stat
	expect "writes of alpha" "$(awk -F, -v e="mem:$alpha:w" 'index($3, e) { print $1 }' $log/stat)" 500
	expect "writes of beta" "$(awk -F, -v e="mem:$beta" 'index($3, e) { print $1 }' $log/stat)" 500
}

show_gdb() {
	title "gdb: a hardware watchpoint"
	shown "gdb -ex 'watch alpha.value' -ex 'run 3' ./counter"
	gdb -q -batch -nx -ex 'watch alpha.value' -ex 'run 3' -ex continue -ex continue -ex continue \
		./counter >$log/gdb 2>&1
	grep -E 'watchpoint|value =' $log/gdb | head -n 7
	expect "watchpoints in hardware" "$(grep -c '^Hardware watchpoint 1: alpha.value$' $log/gdb)" 4
	expect "values seen" "$(sed -n 's/^New value = //p' $log/gdb | tr '\n' ' ')" "1 2 3 "
}

cat >$log/both.gdb <<'E2'
set pagination off
watch alpha.value
watch beta.value
echo attached\n
while 1
  continue
end
E2

# The program is stopped now and then while gdb attaches, and holds no slot then
wait_for_slots() {
	for ((i = 0; i < 300; i++)); do
		cat $slots >$log/slots
		[ "$(grep -c ' active$' $log/slots)" != "$1" ] || return
		sleep 0.2
	done
}

show_tables() {
	[ -e $slots ] || { expect "table of slots" missing present; return; }
	shown "cat $slots"
	wait_for_slots 4
	cat $log/slots
	shown "cat $holders"
	cat $holders | tee $log/holders
	for a in $alpha $beta $gamma $delta; do
		expect "slots that watch $a" "$(grep -c " $a " $log/slots)" 1
	done
	expect "slots that gdb opened for process $pid" "$(grep -c " gdb>$pid " $log/slots)" 2
	expect "slots that perf opened for process $pid" "$(grep -c " perf>$pid " $log/slots)" 2
	expect "reservations held" "$(grep -c "^\(gdb\|perf\) $pid " $log/holders)" 4
}

# Until show_picture() says it is enough
begin_picture() {
	rm -f $log/recording $log/enough
	perf hwbp record -o $log/recorded -- sh -c \
		"touch $log/recording; until [ -e $log/enough ]; do sleep 0.2; done" >$log/record 2>&1 &
	recorder=$!
	for ((i = 0; i < 300; i++)); do
		[ ! -e $log/recording ] || return
		sleep 0.1
	done
	cat $log/record
}

# The host takes the picture out of what is printed
show_picture() {
	title "perf hwbp: the same as a report and as a picture"
	touch $log/enough
	wait "$recorder"
	shown "perf hwbp record -- ...; perf hwbp report"
	perf hwbp report -i $log/recorded 2>&1 >$log/report | head -n 3
	grep -A 5 'ENOSPC' $log/report
	shown "perf hwbp timeline -o timeline.svg"
	perf hwbp timeline -i $log/recorded -o $log/timeline.svg
	expect "refusals in the picture" "$(grep -c 'refused, ENOSPC' $log/timeline.svg)" 1
	expect "holders that it names" \
		"$(grep 'refused, ENOSPC' $log/timeline.svg | grep -o 'held by [a-z]*' | sort | uniq -c | xargs)" \
		"2 held by gdb 2 held by perf"
	echo "<<< timeline.svg"
	cat $log/timeline.svg
	echo ">>> timeline.svg"
}

show_full() {
	title "gdb and perf together, until the slots run out"
	./counter 50 $log/go >$log/counter &
	pid=$!
	shown "gdb -p $pid: watch alpha.value, watch beta.value"
	gdb -q -batch -nx -p $pid -x $log/both.gdb >$log/gdb-both 2>&1 &
	gdb=$!
	wait_for attached $log/gdb-both
	[ ! -e $slots ] || begin_picture
	sleep 2
	shown "perf stat -p $pid -e mem:$gamma:w -e mem:$delta:w"
	perf stat -x, -o $log/stat-both -p $pid -e "mem:$gamma:w" -e "mem:$delta:w" &
	perf=$!
	sleep 2
	show_tables
	shown "perf stat -p $pid -e mem:$epsilon:w     (the fifth)"
	perf stat -p $pid -e "mem:$epsilon:w" true >$log/fifth 2>&1
	expect "status of the fifth is failure" "$(($? != 0))" 1
	cat $log/fifth
	if [ -e $slots ]; then
		expect "breakpoints of gdb's that perf names" "$(named "gdb[$gdb]" 8)" 2
		expect "breakpoints of another perf's" "$(named "perf[$perf]" 4)" 2
	fi
	touch $log/go
	wait $pid $perf $gdb
	expect "changes of alpha gdb saw" "$(grep -c 'watchpoint 1: alpha.value' $log/gdb-both)" 51
	expect "changes of beta gdb saw" "$(grep -c 'watchpoint 2: beta.value' $log/gdb-both)" 51
	expect "writes of gamma perf counted" "$(awk -F, -v e="mem:$gamma:w" 'index($3, e) { print $1 }' $log/stat-both)" 50
	expect "writes of delta perf counted" "$(awk -F, -v e="mem:$delta:w" 'index($3, e) { print $1 }' $log/stat-both)" 50
}

# named COMMAND[PID] BYTES: how many of its breakpoints on the program perf has named
named() { grep -F "  $1 watches 0x" $log/fifth | grep -cF ", $2 bytes, for counter[$pid]"; }

# The VMM runs its guest, but writes nothing before the file is there
watch_vmm() {
	shown "perf stat -p $pid -e mem:$own/8:w -e mem:$shared/8:w"
	perf stat -x, -o $log/stat-vmm -p "$pid" -e "mem:$own/8:w" -e "mem:$shared/8:w" &
	perf=$!
	[ -e $slots ] || { sleep 2; return; }
	wait_for_slots 2
	shown "cat $slots"
	cat $log/slots
	expect "slots that perf opened for process $pid" "$(grep -c " perf>$pid " $log/slots)" 2
}

# Tracing ends before anything is counted
show_loans() {
	[ -e $slots ] || return
	shown "perf record -a -e hw_breakpoint:hwbp_lend sleep 1; perf script"
	perf record -q -a -c 1 -e hw_breakpoint:hwbp_lend -o $log/data sleep 1
	perf script -i $log/data -F trace:comm,tid,cpu,event,trace >$log/loans
	head -n 2 $log/loans
	echo "..."
	echo "The guest has all four registers while it runs. Two it has in common with perf: they are written."
	loans=$(wc -l <$log/loans)
	expect "there were loans in that second" $((loans > 0)) 1
	expect "loans of four slots to the guest, of $loans" "$(grep -c " $pid .* slots=0xf " $log/loans)" "$loans"
}

show_guest() {
	title "a guest in here has four breakpoints of its own, and perf watches who runs it"
	# only where QEMU uses the host's KVM
	grep -qw svm /proc/cpuinfo || { echo "left out: this machine's CPU cannot run guests (SVM)"; return; }
	shown "./vmm --exits 1600 --show go"
	./vmm --exits 1600 --show $log/go-vmm >$log/vmm 2>&1 &
	pid=$!
	wait_for '^memory: ' $log/vmm
	read -r own shared < <(sed -n "s/^memory: the VMM's \(.*\), the guest's /\1 /p" $log/vmm)
	echo "The guest watches two words of its memory and has breakpoints on two functions."
	watch_vmm
	show_loans
	touch $log/go-vmm
	wait $pid
	expect "status of the VMM" $? 0
	wait $perf
	echo "Of two words the VMM has written each 100 times, the guest one of the two 1600 times:"
	expect "writes of the VMM's word perf counted" "$(awk -F, -v e="mem:$own" 'index($3, e) { print $1 }' $log/stat-vmm)" 100
	expect "writes of the guest's word perf counted" "$(awk -F, -v e="mem:$shared" 'index($3, e) { print $1 }' $log/stat-vmm)" 100
	for i in 0 1 2 3; do
		expect "hits of the guest's breakpoint $i in the guest" "$(sed -n "s/^breakpoint $i: \(.*\) hits$/\1/p" $log/vmm)" 1600
	done
}

show_free() {
	title "all gone: the fifth fits now, and nothing is left over"
	perf stat -x, -o $log/stat -e "mem:$epsilon:w" ./counter 10
	expect "writes of epsilon" "$(awk -F, 'index($3, "mem:") { print $1 }' $log/stat)" 10
	[ ! -e $holders ] || expect "reservations left" "$(grep -vc '^#' $holders)" 0
}

show_perf
show_stat
show_gdb
show_full
[ ! -e $slots ] || show_picture
show_guest
show_free
title "summary"
echo "$right figures right, $wrong wrong"
[ $wrong = 0 ]
