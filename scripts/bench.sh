#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# bench.sh [--arch A]... [--runs N] [--repeats N]: stock and ours side by side.
# The table is printed; build/bench has bench.json, bench.svg and, in raw/, what
# each guest said. A missed goal is shown, it is no failure; status 1 is for what
# could not be measured.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/bench-lib.sh"

archs='' runs=3 repeats=40
parsed=$(getopt -n run -s sh -o '' -l arch:,runs:,repeats: -- "$@") ||
	usage_error "wrong options for bench"
eval "set -- $parsed"
while [ "$1" != -- ]; do
	case $1 in
	--arch) arch_vars "$2"; archs="$archs $2" ;;
	--runs) runs=$2 ;;
	--repeats) repeats=$2 ;;
	esac
	shift 2
done
[ $# = 1 ] || usage_error "bench takes no argument '$2'"
for n in "$runs" "$repeats"; do
	case $n in '' | *[!0-9]* | 0*) usage_error "not a positive number: '$n'" ;; esac
done
archs=${archs:-x86_64 arm64}

subjects='switch events modify hit threads=1 threads=1000 threads=3000 perf=1 perf=4 perf kvm'
# as many threads as fit should be some thousands and not hours
export HWB_MEMORY="${HWB_MEMORY:-512}"
raw=$BENCH/raw

prepare() {
	"$TOP/scripts/packages.sh" base bench
	case $archs in *arm64*) "$TOP/scripts/packages.sh" arm64 ;; esac
	# shellcheck disable=SC2086 # words are architectures
	bench_make $archs
	rm -rf "$raw"
	mkdir -p "$raw"
	for a in $archs; do
		bench_kernel stock "$a"
		bench_kernel ours "$a"
	done
}

# The two kernels in turns: what else the machine does meets both
measure() {
	say "bench: $1, run $2 of $runs, counts"
	for tree in stock ours; do
		# shellcheck disable=SC2086 # words are subjects
		bench_count "$tree" "$1" "$raw/$1-$tree-$2-count.csv" -n "$repeats" $subjects
	done
	say "bench: $1, run $2 of $runs, lines that CPUs share"
	for tree in stock ours; do
		bench_lines "$tree" "$1" "$raw/$1-$tree-$2-lines.csv" 2 "$repeats"
	done
	say "bench: $1, run $2 of $runs, times"
	for tree in stock ours; do
		# shellcheck disable=SC2086
		bench_time "$tree" "$1" "$raw/$1-$tree-$2-time.csv" -n "$repeats" $subjects wide
	done
}

# build/bench has room for one
bench() {
	prepare
	for arch in $archs; do
		i=1
		while [ "$i" -le "$runs" ]; do
			measure "$arch" "$i"
			i=$((i + 1))
		done
	done
	python3 "$TOP/scripts/bench.py" --json "$BENCH/bench.json" --picture "$BENCH/bench.svg" "$raw"
}

locked bench bench
say "bench: ${BENCH#"$TOP"/}/bench.json and bench.svg are the same as data and as a picture"
