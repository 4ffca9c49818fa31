#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest's side of kgdb.py: stops itself for the debugger outside, does what it finds
# in a sysctl when it goes on, writes the answer there and stops again; see link.py.
# usage: guest.sh ADDRESS-OF-alpha beta        (of the program counter)
# shellcheck disable=SC2317 # functions are called by name
cd "$(dirname "$0")" || exit 1
alpha=$1 beta=$2
mailbox=/proc/sys/kernel/poweroff_cmd
slots=/sys/kernel/debug/hw_breakpoint/slots
rounds=50
log=/tmp/kgdb
mkdir -p $log

touch() { ./kgdb_touch "$@"; }
online() { echo "$2" >"/sys/devices/system/cpu/cpu$1/online"; }

# pattern CHARACTER: 40 of them into kernel.core_pattern, byte by byte
pattern() { printf "%040d\n" 0 | tr 0 "$1" >/proc/sys/kernel/core_pattern; }

# wait_until COMMAND...: 30 seconds at most
wait_until() {
	for ((i = 0; i < 300; i++)); do
		"$@" && return
		sleep 0.1
	done
	echo "waited in vain for: $*"
}

# It has been running for a second, whoever started it
runs() { [ "$(ps --ppid "$1" -o comm=,times= | awk '$1 == "counter" { print $2 }')" -ge 1 ] 2>/dev/null; }

cat >$log/script <<'E2'
set pagination off
set startup-with-shell off
watch alpha.value
run
while 1
  continue
end
E2

# One program has two of perf's breakpoints, another one of a tracer's
hold() {
	rm -f $log/go
	perf stat -x, -o $log/stat -e "mem:$alpha:w" -e "mem:$beta:w" ./counter $rounds $log/go >/dev/null &
	perf=$!
	gdb -q -batch -nx -x $log/script --args ./counter $rounds $log/go >$log/gdb 2>&1 &
	gdb=$!
	wait_until runs "$perf"
	wait_until runs "$gdb"
}

let_go() { : >$log/go; }

# What they have counted when they are through
finish() {
	let_go
	wait "$perf" "$gdb"
	awk -F, '/mem:/ { printf "%s ", $1 }' $log/stat
	grep -c '^New value = ' $log/gdb
}

# looks N: at most N looks at the table of slots, until three owners are seen in one;
# the last one goes to $log/table, the owners that were seen in any are printed
looks() {
	awk -v n="$1" -v file=$slots -v table=$log/table '
		function look(line, f, now, seen) {
			text = ""
			while ((getline line < file) > 0) {
				text = text line "\n"
				split(line, f)
				sub(">.*", "", f[6])
				if (line ~ /^#/ || f[6] == "-") continue
				now += !(f[6] in seen)
				seen[f[6]] owners[f[6]]
			}
			close(file)
			return now
		}
		BEGIN {
			while (n-- && look() != 3)
				;
			printf "%s", text >table
			for (o in owners) print o
		}' | sort
}
owners() { looks 1000; }

# table: how many lines there are to show; line N: one of them
table() {
	looks 1000 >/dev/null
	wc -l <$log/table
}
line() { sed -n "$1p" $log/table; }

# fill N: all CPUs' slots to perf
fill() {
	events=()
	for ((i = 0; i < $1; i++)); do events+=(-e "mem:$beta:w"); done
	perf stat -a -x, -o $log/fill "${events[@]}" sleep 1000 >/dev/null 2>&1 &
	fill=$!
	wait_until pgrep -P "$fill" -x sleep >/dev/null
}

# empty: the least part of the time, in percent, that one of perf's events could count
empty() {
	pkill -P "$fill" -x sleep
	wait "$fill"
	awk -F, '/mem:/ { print $5 }' $log/fill | sort -n | head -n 1
}

# A second without a process that ends: a tick may come when one that is ending has left the
# kernel's list of threads, and gdb does not go on from a stop in a thread that it cannot list
mkfifo $log/silent
exec {silent}<>$log/silent
second() { read -rt 1 -u "$silent"; }

parameter() { echo "$1" >/sys/module/kgdb/parameters/hw_take; }

# taken: lines of the kernel log about it
taken() { dmesg | grep -c 'hw_breakpoint: .* taken the slot of '; }

answer=ready
while :; do
	echo "$answer" >$mailbox
	echo g >/proc/sysrq-trigger
	read -r -a words <$mailbox
	[ "${words[*]}" != end ] || exit 0
	# no pipe around it: a program that stays must not hold it open
	"${words[@]}" >$log/answer 2>&1
	answer=$(tr "\n" " " <$log/answer)
	echo "${words[*]}: $answer"
done
