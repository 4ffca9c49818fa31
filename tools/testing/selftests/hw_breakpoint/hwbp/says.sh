#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What perf says when a breakpoint is refused, and its status; inside the guest.
# usage: says.sh ours | stock
#
# Prints KTAP. The stock kernel has no table of holders and no caps: perf says what it knows.
# shellcheck disable=SC2086 # $user is words
kernel=$1
machine=$(uname -m)
caps=/sys/bus/event_source/devices/breakpoint/caps
number=0 bad=0
cd /tmp || exit
# behind the plan, in the end
exec 3>results

result() { # STATUS NAME
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2" >&3
	else
		bad=1
		sed 's/^/# /' out >&3
		echo "not ok $number $2" >&3
	fi
}

# says NAME TEXT... -- COMMAND...: it fails, or goes on without what was refused, and each TEXT is in
# what it says
says() {
	local name=$1 texts=() status=1 text
	shift
	while [ "$1" != -- ]; do
		texts+=("$1")
		shift
	done
	shift
	"$@" >out 2>&1 </dev/null || status=0
	# 7.x's perf record goes on with the others
	! grep -q 'which will be removed' out || status=0
	for text in "${texts[@]}"; do
		grep -qF -- "$text" out || { echo "without: $text" >>out; status=1; }
	done
	# what it said before
	! grep -q "with '-a'\|dmesg\|<not supported>\|oversampl" out || status=1
	result $status "$name"
}

user="setpriv --reuid 1000 --regid 1000 --clear-groups"

# the slots for data, by opening more and more
count_slots() {
	local events=() n
	for ((n = 0; n < 32; n++)); do
		events+=(-e "mem:$((0x10000 + 8 * n)):w")
		perf stat -o stat "${events[@]}" true >out 2>&1 || break
	done
	echo $n
}

place() { printf '%#x' $((0x20000 + 8 * $1)); }

# hold N PERF-OPTION...: so many more events, until they hold their slots
holders=()
hold() {
	local n=$1 i
	shift
	for ((i = 0; i < n; i++)); do
		perf stat -o stat.$i "$@" -e "mem:$(place $i)/8:w" --control fd:5,6 \
			5<>control.$i 6>ack.$i &
		holders+=($!)
	done
	for ((i = 0; i < n; i++)); do
		echo ping >control.$i
		until [ -s ack.$i ]; do sleep 0.1; done
	done
}

let_go() {
	kill -INT "${holders[@]}"
	wait "${holders[@]}"
	holders=()
	rm -f ack.*
}

for ((i = 0; i < 32; i++)); do mkfifo control.$i; done
slots=$(count_slots)
[ "$kernel" = stock ] || [ "$slots" = "$(cat $caps/data_slots)" ] || echo "# $slots slots" >&3
$user sleep 1000 &
task=$!

case $kernel-$machine in
stock-aarch64) many="a CPU has a few." ;;
*-aarch64) many="a CPU has $slots for data." ;;
*) many="a CPU has $slots, for instructions and data." ;;
esac

# ---- no slot ----

crowd=()
for ((i = 0; i <= slots; i++)); do crowd+=(-e "mem:$((0x10000 + 8 * i))/8:w"); done
own=("$many" "You ask for $((slots + 1))." "do not take turns")
[ "$kernel" = stock ] || own+=("  this perf watches 0x10000, 8 bytes, for ")
says "more at once than there are, stat" "${own[@]}" -- perf stat "${crowd[@]}" true
says "and record" "${own[@]}" -- perf record -o data "${crowd[@]}" true

hold "$slots" -p $task
first=${holders[0]}
if [ "$kernel" = ours ]; then
	them=("$many" "  perf[$first] watches 0x20000, 8 bytes, for sleep[$task]"
		"  perf[${holders[-1]}] watches $(place $((slots - 1))), 8 bytes, for sleep[$task]")
	somebody=("$many" "  somebody watches 0x20000, 8 bytes, for sleep[$task]")
else
	them=("$many" "This kernel does not tell who has them.") somebody=("${them[@]}")
fi
event=mem:0x10000/8:w
says "others have them, stat" "${them[@]}" -- perf stat -p $task -e $event sleep 1
says "record" "${them[@]}" -- perf record -o data -p $task -e $event sleep 1
says "top" "${them[@]}" -- env TERM=dumb perf top --stdio -p $task -e $event
says "trace" "${them[@]}" -- perf trace --no-syscalls -p $task -e $event
says "root has them, for a user" "${somebody[@]}" -- $user perf stat -p $task -e $event sleep 1
if [ "$kernel" = ours ]; then
	! grep -q "perf\[" out
	result $? "the user is not told who has them"
fi
# another task has them: that is not in the way
perf stat -e $event true >out 2>&1
result $? "another task may have as many"
let_go

if [ "$kernel" = ours ]; then
	sleep 1000 &
	debugged=$!
	# shellcheck disable=SC2016 # gdb's register
	gdb -q -nx -batch -p $debugged -ex 'watch -l *(long *)$sp' -ex continue >gdb.out 2>&1 </dev/null &
	gdb=$!
	until grep -q '^gdb ' /proc/hw_breakpoints; do sleep 0.1; done
	hold $((slots - 1)) -p $debugged
	says "gdb has one" "$many" "  gdb[$gdb] watches 0x" ", 8 bytes, for sleep[$debugged]" -- \
		perf stat -p $debugged -e $event sleep 1
	let_go
	# gdb leaves it to the task, switched off
	kill -KILL $gdb $debugged
	{ wait $gdb $debugged; } 2>/dev/null
fi

hold "$slots" -C 0
if [ "$kernel" = ours ]; then
	them=("$many" "  perf[${holders[0]}] watches 0x20000, 8 bytes, on CPU 0")
	somebody=("$many" "Others hold $slots, and you may not know more of them")
fi
says "events of a CPU have them" "${them[@]}" -- perf stat -e $event true
says "events of a CPU have them, for a user" "${somebody[@]}" -- \
	$user perf stat -e $event true
if [ "$kernel" = ours ]; then
	! grep -q "0x2000\|perf\[" out
	result $? "the user is not told where and who"
fi
let_go

# ---- type, length, address ----

both() { # NAME EVENT TEXT...
	says "$1, stat" "${@:3}" -- perf stat -e "$2" -e task-clock true
	says "$1, record" "${@:3}" -- perf record -o data -e "$2" true
}

both "instruction and data" mem:0x10000:rwx "not both"
if [ "$machine" = x86_64 ]; then
	both "reads alone" mem:0x10000/4:r "no watchpoints for reads alone" "'mem:0x10000/4:rw'"
	both "an instruction's length" mem:0x10000/1:x "sizeof(long), 8" "'mem:0x10000:x'"
	both "three bytes" mem:0x10000/3:w "cannot have 3 bytes" "1-2,4,8"
	both "not a multiple" mem:0x10001/4:w \
		"4 bytes can be watched from 0x10000 or 0x10004 on, not from 0x10001"
	both "a range" mem:0x10000/4096:w "cannot watch ranges"
else
	both "nine bytes" mem:0x10000/9:w "cannot have 9 bytes" "1-8"
	both "not between multiples" mem:0x10006/4:w "lie between two multiples of 8" \
		"'mem:0x10006/2:w' and 'mem:0x10008/2:w'"
fi
if [ "$kernel" = ours ]; then
	both "no address" mem:0x8000000000000000/8:w \
		"No memory can be at 0x8000000000000000"
fi

# ---- rights ----

kernel_event=mem:0xffff800000010000/8:w
says "a user and the kernel" "is the kernel's" "CAP_SYS_ADMIN" -- \
	$user perf stat -e $kernel_event true
says "a user and a CPU" "takes CAP_PERFMON" "it is 2" -- $user perf stat -a -e $event true
says "a user and another's task" "tasks that you may trace" -- $user perf stat -p $$ -e $event true

kill $task
echo "KTAP version 1"
echo "1..$number"
cat results
exit $bad
