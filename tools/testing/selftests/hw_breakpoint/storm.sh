#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# storm.sh COUNT NUMBER SEED [OPTION...]: a debugger in NMIs, beside all who use
# breakpoints, until the module counts NUMBER of COUNT (see storm/main.c). OPTIONs are
# the module's. Needs soak, churn and hwbp_storm.ko in the current folder.
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

# The tables name whoever holds anything
all_free() {
	awk '/^#/ { next } $3 != $7 || $6 != 0 { bad = 1; print "# held: " $0 } END { exit bad }' $tables/cpus &&
		awk '/^#/ { next } $7 != "free" { bad = 1; print "# held: " $0 } END { exit bad }' $tables/slots
}

result() {
	if "$@" >&2; then printf 'ok'; else printf 'not ok'; fi
}

is_at_least() { [ "$1" -ge "$2" ]; }
no_file() { [ ! -e "$1" ]; }

echo "KTAP version 1"
# A counter that overflows often is stopped for a while, unless perf is told not to
echo 1000000 >/proc/sys/kernel/perf_event_max_sample_rate
echo 0 >/proc/sys/kernel/perf_cpu_time_max_percent
slots=$(awk '!/^#/ && (!n || $3 < n) { n = $3 } END { print n }' $tables/cpus)
# shellcheck disable=SC2046 # two words
insmod ./hwbp_storm.ko seed="$seed" slots="$slots" $(layer) "$@" || { echo "Bail out! insmod"; exit 1; }
# Whoever sends NMIs from outside may begin
echo 1..5
round=0
while [ "$(count "$wanted")" -lt "$number" ] && [ $round -lt 100 ] &&
	[ ! -e soak.failed ] && [ ! -e churn.failed ]; do
	round=$((round + 1))
	one churn --seconds 5 --seed $((seed + round)) &
	one soak --steps 300 --seed $((seed + round)) $taken
	wait
done
sed 's/^/# /' $counts
got=$(count "$wanted") failures=$(count failures)
rmmod hwbp_storm
echo "$(result is_at_least "$got" "$number") 1 $number $wanted"
echo "$(result [ "$failures" = 0 ]) 2 every answer in an NMI is right, and every hit is counted"
echo "$(result no_file soak.failed) 3 events and tracers beside it count every hit"
echo "$(result no_file churn.failed) 4 breakpoints come and go beside it"
echo "$(result all_free) 5 every slot is given back"
is_at_least "$got" "$number" && [ "$failures" = 0 ] && no_file soak.failed && no_file churn.failed && all_free
