#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A scene for perf hwbp, of which everything is known; inside the guest.
# usage: guest.sh MODULE ADDRESS-OF-alpha beta epsilon
#
# One task is watched at alpha before the recording begins. In it other events of the task, pinned
# as a debugger's are, take all slots for data but that one, and the next is refused. A CPU is
# watched when they are gone, and a debugger reserves. In a second recording the program bench lends
# registers to a guest, and KUnit's debuggers take slots from perf. What perf makes of all that goes
# to standard output, as a tar.
module=$1 alpha=$2 beta=$3 epsilon=$4
tables=/sys/kernel/debug/hw_breakpoint
dir=/tmp/hwbp
mkdir -p $dir/out
exec 3>&1 >$dir/out/log 2>&1

# wait_for N: until so many events have reserved
wait_for() {
	for ((i = 0; i < 600; i++)); do
		[ "$(grep -vc '^#' $tables/holders)" != "$1" ] || return 0
		sleep 0.1
	done
	echo "waited in vain for $1 reservations"
	cat $tables/holders
}

# list FILE [OPTION...]: with all in slots, each twice. Events are in slots a moment after they have
# reserved, and as long as their task runs.
list() {
	for ((i = 0; i < 100; i++)); do
		perf hwbp list "${@:2}" >$dir/out/"$1"
		[ "$(grep -c 'alpha\|beta' $dir/out/"$1")" != $((2 * slots)) ] || return 0
		sleep 0.1
	done
	echo "not all were in slots"
}

# The pool of data is the last.
slots=$(awk '$1 == 0 { n = $3 } END { print n }' $tables/cpus)

in_the_recording() {
	cat $tables/writes >$dir/out/writes.begun
	for ((n = 1; n < slots; n++)); do
		perf stat -o $dir/stat.$n -p "$pid" -e "mem:$beta:rw:D" &
	done
	wait_for "$slots"
	list list
	list list.json --json
	perf stat -p "$pid" -e "mem:$epsilon:w" true && echo "the last was not refused"
	touch $dir/go
	wait_for 0
	perf stat -C 0 -e "mem:$alpha/4:w" -o $dir/stat sleep 0.1
	insmod "./$module"
	cat $tables/writes >$dir/out/writes.ended
}

# With what the kernel has counted before and after
lent_and_taken() {
	cat $tables/counts >$dir/out/counts.before
	./bench -n 20 kvm
	echo 1 >/sys/kernel/debug/kunit/hw_breakpoint_debug/run
	cat $tables/counts >$dir/out/counts.after
}

./counter 20 $dir/go &
pid=$!
perf stat -o $dir/stat.0 -p $pid -e "mem:$alpha:w" &
wait_for 1
export -f in_the_recording wait_for list lent_and_taken
export dir tables slots pid alpha beta epsilon module
echo 1 >$tables/count_writes
perf hwbp record -o $dir/data bash -c in_the_recording
echo 0 >$tables/count_writes
cat $tables/writes >$dir/out/writes
echo "$pid $slots" >$dir/out/scene
for what in report timehist; do
	perf hwbp $what -i $dir/data >$dir/out/$what
done
perf hwbp timehist -i $dir/data -C 0 >$dir/out/timehist.0
perf hwbp timeline -i $dir/data -o $dir/out/timeline.svg
perf hwbp timeline -i $dir/data -o $dir/out/timeline.json --chrome
perf hwbp record -o $dir/data.taken bash -c lent_and_taken
for what in report timehist; do
	perf hwbp $what -i $dir/data.taken >$dir/out/$what.taken
done
perf hwbp timeline -i $dir/data.taken -o $dir/out/taken.svg
perf record -q -o $dir/other -e dummy true
perf hwbp report -i $dir/other 2>$dir/out/other
for what in list record; do
	setpriv --reuid 65534 perf hwbp $what 2>$dir/out/nobody.$what
done
perf hwbp --list-cmds >$dir/out/list-cmds
perf hwbp timeline --list-opts >$dir/out/list-opts
perf >$dir/out/commands
tar -cf - -C $dir/out . >&3
