#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# storm.sh COUNT NUMBER SEED [OPTION...]: a debugger in NMIs, beside all who use
# breakpoints, until the module counts NUMBER of COUNT (see storm/main.c). OPTIONs are
# the module's. Needs hwbp_storm.ko in the current folder, and soak and churn, or vmm:
# then guests and who runs them are what is beside it.
counts=/sys/module/hwbp_storm/parameters/counts
tables=/sys/kernel/debug/hw_breakpoint
wanted=$1 number=$2 seed=$3
shift 3
taken=
case " $* " in *" take=0 "*) ;; *" take="*) taken=--taken ;; esac

# The layer's code, as the module's options: what is named after it and lies near
layer() {
	awk '$2 ~ /[tT]/ && $3 ~ /^(hwbp|hw_breakpoint)_/ { at[$3] = $1 }
		END {
			near = substr(at["hwbp_reserve"], 1, 11)
			for (s in at) {
				a = at[s]
				if (substr(a, 1, 11) != near) continue
				if (!start || a < start) start = a
				if (a > end) end = a
			}
			print "layer_start=0x" start " layer_end=0x" end
		}' /proc/kallsyms
}

# An NMI that ends a guest's run (SVM) is taken in the function that runs it
runs_guest() {
	sort /proc/kallsyms | awk '$3 == "svm_vcpu_run" { at = $1 }
		at && $1 != at { print "guest_start=0x" at " guest_end=0x" $1; exit }'
}

count() { awk -v s="$1" '$1 == s { print $2 }' $counts; }

# one NAME OPTION...: case 1 of a program's results counts: others hold slots, too
one() {
	_name=$1
	shift
	if "./$_name" "$@" >"$_name.log" 2>&1 || grep -q '^ok 1 ' "$_name.log"; then
		grep '^# .*[0-9] ' "$_name.log" | sed "s/^#/# $_name:/"
	else
		sed 's/^/# /' "$_name.log"
		: >"$_name.failed"
	fi
}

soak() { one soak --steps 300 --seed $((seed + round)) $taken; }
churn() { one churn --seconds 5 --seed $((seed + round)); }

# Its cases wait for their slots
vmm() {
	./vmm --exits 1000 >vmm.log 2>&1 || : >vmm.failed
	if [ -e vmm.failed ]; then
		sed 's/^/# /' vmm.log
	else
		sed -n '/^# bad: /d; s/^# \(.*[0-9]\)/# vmm: \1/p' vmm.log
	fi
}

beside() {
	case $1 in
	soak) echo "events and tracers beside it count every hit" ;;
	churn) echo "breakpoints come and go beside it" ;;
	vmm) echo "guests beside it and who runs them count every hit" ;;
	esac
}

# The tables name whoever holds anything
all_free() {
	awk '/^#/ { next } $3 != $7 || $6 != 0 { bad = 1; print "# held: " $0 } END { exit bad }' $tables/cpus &&
		awk '/^#/ { next } $7 != "free" { bad = 1; print "# held: " $0 } END { exit bad }' $tables/slots
}

result() {
	if "$@" >&2; then printf 'ok'; else printf 'not ok'; fi
}

is_at_least() { [ "$1" -ge "$2" ]; }

# Status 0: some program beside it found something wrong
any_failed() {
	for program in $programs; do
		[ ! -e "$program.failed" ] || return 0
	done
	return 1
}

programs="soak churn"
[ ! -e vmm ] || programs=vmm
echo "KTAP version 1"
# A counter that overflows often is stopped for a while, unless perf is told not to
echo 1000000 >/proc/sys/kernel/perf_event_max_sample_rate
echo 0 >/proc/sys/kernel/perf_cpu_time_max_percent
slots=$(awk '!/^#/ && (!n || $3 < n) { n = $3 } END { print n }' $tables/cpus)
# shellcheck disable=SC2046 # two words
insmod ./hwbp_storm.ko seed="$seed" slots="$slots" $(layer) $(runs_guest) "$@" ||
	{ echo "Bail out! insmod"; exit 1; }
# Whoever sends NMIs from outside may begin
# shellcheck disable=SC2086 # words
echo 1..$(($(printf '%s\n' $programs | wc -l) + 3))
round=0
while [ "$(count "$wanted")" -lt "$number" ] && [ $round -lt 100 ] && ! any_failed; do
	round=$((round + 1))
	for program in $programs; do $program & done
	wait
done
sed 's/^/# /' $counts
got=$(count "$wanted") failures=$(count failures)
rmmod hwbp_storm
# what exactly was wrong
dmesg | sed -n 's/.*hwbp_storm: \(storm[0-9]\)/# \1/p'
echo "$(result is_at_least "$got" "$number") 1 $number $wanted"
echo "$(result [ "$failures" = 0 ]) 2 every answer in an NMI is right, and every hit is counted"
echo "$(result all_free) 3 every slot is given back"
n=3
for program in $programs; do
	n=$((n + 1))
	echo "$(result [ ! -e "$program.failed" ]) $n $(beside "$program")"
done
is_at_least "$got" "$number" && [ "$failures" = 0 ] && all_free && ! any_failed
