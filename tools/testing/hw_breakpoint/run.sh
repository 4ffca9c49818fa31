#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh OUT SEEDS STEPS PROGRAM...: run each with each seed; nested KTAP.
out=$1 seeds=$2 steps=$3
shift 3
export TSAN_OPTIONS=halt_on_error=1 UBSAN_OPTIONS=print_stacktrace=1

# The figures in this document are those of growth on x86. A copy for mutants has none.
design=../../../Documentation/core-api/hw_breakpoint-design.rst

figures() {
	case $1 in
	growth.x86*) [ ! -f "$design" ] || awk -f growth.awk "$design" "$out/log" >"$out/figures" ;;
	esac
}

n=0 bad=0
result() {
	n=$((n + 1))
	: >"$out/figures"
	"$out/$1" "$3" "$steps" >"$out/log" 2>&1 && figures "$1"
	status=$?
	cat "$out/figures" >>"$out/log"
	sed 's/^/    /' "$out/log"
	if [ $status = 0 ]; then
		echo "ok $n $2"
	else
		echo "not ok $n $2 # status $status"
		bad=1
	fi
}

# runs PROGRAM: its runs, as POOL:SEED. At every instruction once is enough, with the
# fewest slots, where they run out soonest.
runs() {
	case $1 in
	nmi.arm64*) echo "2+2:${seeds%% *}" ;;
	nmi* | growth.x86* | reading.x86* | order.x86* | shared.x86*) echo ":${seeds%% *}" ;;
	order*) echo "2+2:${seeds%% *} 6+4:${seeds%% *}" ;;
	growth* | reading* | tables.arm64* | shared*) echo "6+4:${seeds%% *}" ;;
	# breakpoints, watchpoints; and how many more every other CPU has of these, and of
	# those that are context-aware
	kvm* | sysfs.arm64*)
		for _s in $seeds; do
			for _p in 2+2 6+4 16+16 4+2+2+2 4+2+1+2 4+4+2+0+2 6+4+0+0+2 2+2+14+14+2; do
				echo "$_p:$_s"
			done
		done ;;
	# its events are more than two slots hold
	known.arm64*) for _s in $seeds; do for _p in 6+4 16+16; do echo "$_p:$_s"; done; done ;;
	*arm64*) for _s in $seeds; do for _p in 2+2 6+4 16+16; do echo "$_p:$_s"; done; done ;;
	*) for _s in $seeds; do echo ":$_s"; done ;;
	esac
}

total=0
for program; do total=$((total + $(runs "$program" | wc -w))); done
echo "KTAP version 1"
echo "1..$total"
for program; do
	for run in $(runs "$program"); do
		pool=${run%:*} seed=${run#*:}
		IFS=+ read -r brps wrps more_brps more_wrps more_ctx <<END
$pool
END
		BRPS=$brps WRPS=$wrps EL2=$((seed % 2)) MORE_BRPS=${more_brps:-0} \
			MORE_WRPS=${more_wrps:-0} MORE_CTX=${more_ctx:-0} \
			result "$program" "$program${pool:+-$pool}-$seed" "$seed"
	done
done
exit $bad
