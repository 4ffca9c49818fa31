#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh OUT SEEDS STEPS PROGRAM...: run each with each seed; nested KTAP.
out=$1 seeds=$2 steps=$3
shift 3
export TSAN_OPTIONS=halt_on_error=1 UBSAN_OPTIONS=print_stacktrace=1

n=0 bad=0
result() {
	n=$((n + 1))
	"$out/$1" "$3" "$steps" >"$out/log" 2>&1
	status=$?
	sed 's/^/    /' "$out/log"
	if [ $status = 0 ]; then
		echo "ok $n $2"
	else
		echo "not ok $n $2 # status $status"
		bad=1
	fi
}

set -- "$@"
pools='2+2 6+4 16+16'
total=0
for program; do
	for seed in $seeds; do
		case $program in
		*arm64*) total=$((total + 3)) ;;
		*) total=$((total + 1)) ;;
		esac
	done
done
echo "KTAP version 1"
echo "1..$total"
for program; do
	for seed in $seeds; do
		case $program in
		*arm64*)
			for pool in $pools; do
				BRPS=${pool%+*} WRPS=${pool#*+} EL2=$((seed % 2)) \
					result "$program" "$program-$pool-$seed" "$seed"
			done ;;
		*)
			result "$program" "$program-$seed" "$seed" ;;
		esac
	done
done
exit $bad
