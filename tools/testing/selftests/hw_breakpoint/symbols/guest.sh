#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Breakpoint events that name a symbol; inside the guest, with the programs beside it.
# usage: guest.sh TABLE ZERO: where no-pie has these two
# Prints a line for each case, "NAME: COUNT..." or "NAME: refused: WHAT PERF SAYS".
dir=/tmp/symbols
tables=/sys/kernel/debug/hw_breakpoint
mkdir -p $dir
here=$(pwd) table=$1 zero=$2

# The counts in the order of the events, with blanks, or the first thing that perf has to say
outcome() {
	if [ "$1" = 0 ]; then
		awk -F, '/mem/ { printf " %s", $1 }' $dir/counts
		echo
	else
		echo " refused: $(grep -m 1 '\\___' $dir/errors || grep -m 1 . $dir/errors)"
	fi
}

# count NAME EVENTS OPTION-OR-WORD...
count() {
	perf stat -x, -o $dir/counts -e "$2" "${@:3}" >/dev/null 2>$dir/errors
	echo "$1:$(outcome $?)"
}

for program in pie no-pie static static-pie; do
	count $program mem:counter:w:u,mem:small:w:u,mem:add:x:u,mem:own:w:u ./$program
	count $program-part mem:table+40/8:w:u,mem:counter/8:w/name=mem_named/:u ./$program
	count $program-relocated mem:pointer:w:u ./$program
	count $program-large mem:table:w ./$program
	count $program-unknown mem:nowhere:w ./$program
done
count odd mem:odd:w:u ./pie
count offset mem:counter+8:w ./pie
count far mem:counter+99999999999999999999:w ./pie
count group '{mem:counter/8:w,mem:own/8:w}:u' ./pie
count repeat mem:counter:w:u -r 3 ./pie
count number mem:0x10:w:u ./pie
count wrong mem:counter:q ./pie
count shell mem:counter:w sh -c ./pie
count missing mem:counter:w ./missing
count twice mem:own:w ./twice

export LD_LIBRARY_PATH=$here
count library mem:shared:w:u,mem:hidden:w:u,mem:library_add:x:u ./linked
count library-relocated mem:link@libwatched:w:u ./linked
count library-file mem:shared@libwatched:w:u,mem:hidden@libwatched.so:w:u ./linked
count library-other mem:shared@libc:w:u ./linked
count library-thread mem:errno:w:u ./linked

# attach NAME NUMBER EVENTS [OPTION...]: so many, to a program that waits
attach() {
	rm -f $dir/go $dir/go.ready
	./linked $dir/go &
	pid=$!
	until [ -e $dir/go.ready ]; do sleep 0.1; done
	perf stat -x, -o $dir/counts -e "$3" -p $pid >/dev/null 2>$dir/errors &
	perf=$!
	while kill -0 $perf 2>/dev/null && [ "$(grep -vc '^#' $tables/holders)" != "$2" ]; do
		sleep 0.1
	done
	touch $dir/go
	wait $pid
	wait $perf
	echo "$1:$(outcome $?)"
}

attach attach 4 mem:counter:w:u,mem:own:w:u,mem:shared:w:u,mem:library_add:x:u
# until perf has given up: a process that has ended has no symbols to be looked through
attach attach-unknown none mem:nowhere:w

# Enabled when the constructors have run
rm -f $dir/go $dir/go.ready
mkfifo $dir/control $dir/ack
perf stat -x, -o $dir/counts -e mem:counter:w:u,mem:own:w:u -D -1 \
	--control fifo:$dir/control,$dir/ack ./pie $dir/go >/dev/null 2>$dir/errors &
perf=$!
exec 4<>$dir/control 5<>$dir/ack
until [ -e $dir/go.ready ] || ! kill -0 $perf 2>/dev/null; do sleep 0.1; done
echo enable >&4
read -r -t 60 -u 5
touch $dir/go
wait $perf
echo "later:$(outcome $?)"

# hits NAME EVENTS OPTION-OR-WORD...: what was hit, by whom and how often
hits() {
	perf record -q -o $dir/data -e "$2" "${@:3}" >/dev/null 2>$dir/errors
	perf script -i $dir/data -F addr,ip,sym,symoff 2>>$dir/errors |
		awk '{ sub(/\+.*/, "", $4); n[$2 " by " $4]++ }
			END { for (k in n) print n[k], k }' | sort >$dir/hits
	echo "$1: $(paste -sd, $dir/hits)"
}

hits hits mem:counter:w:u,mem:table+40/8:w:u,mem:zero+12000/8:w:u ./pie
hits hits-number "mem:$((table + 40))/8:w:u,mem:$((zero + 12000))/8:w:u" ./no-pie
hits hits-library mem:hidden:w:u ./linked
perf record -q -o $dir/data -e mem:zero+12000/8:w:u ./pie
echo "report: $(perf report -i $dir/data --stdio --mem-mode -s symbol_daddr,symbol 2>/dev/null |
	awk '/%/ { print $3, "by", $5; exit }')"
echo "trace: $(perf trace -e mem:counter:w:u ./pie 2>&1 | grep -c mem:counter)"

# A variable of the kernel that only this writes, and the function that does
panic=$(cat /proc/sys/kernel/panic)
write() { for ((i = 0; i < 3; i++)); do echo "$panic" >/proc/sys/kernel/panic; done; }
export -f write
export panic
count kernel mem:panic_timeout/4:w,mem:proc_dointvec:x -a bash -c write
count kernel-file mem:panic_timeout@kernel/4:w -a bash -c write
count kernel-nowhere mem:nowhere@kernel:w true
count kernel-size mem:jiffies_64:w -a true
count kernel-user mem:panic_timeout/4:w:u true
echo "kernel-hidden: $(setpriv --reuid 65534 perf stat -e mem:panic_timeout/4:w true 2>&1 |
	grep -m 1 .)"
hits hits-kernel mem:panic_timeout/4:w -a bash -c write
