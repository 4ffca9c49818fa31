#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: counted register writes, instructions and writes to shared lines, ours against stock
# needs: stock-x86_64 ours-x86_64 stock-arm64 ours-arm64
# packages: base arm64 bench
# limit: 1200
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/bench-lib.sh"

# Goals of ./run bench that are met; bench.py says what they are. A count of 0 on
# stock, where these operations always do something, fails too.
met='switch-same/writes switch-different/writes
create@1/instructions close@1/instructions close@1/layer
create@300/growth modify@300/growth close@300/growth ptrace@300/growth'
# With no breakpoint nothing of the layer runs, and nothing else takes longer
met_x86_64='switch-none/instructions switch-none/layer'

# Nothing that another CPU uses is written while somebody holds as much, and never more than on
# stock; of all of the kernel, too, where that does not come and go with whole processes.
shared='task-open/shared task-modify/shared task-fork/shared task-exit/shared task-close/shared
bound-open/shared bound-modify/shared bound-fork/shared bound-exit/shared bound-close/shared
copy-fork/shared copy-exit/shared
cpu-open/shared cpu-modify/shared cpu-close/shared
last-open/shared first-open/shared first-close/shared
task-open/shared-kernel task-close/shared-kernel bound-open/shared-kernel
bound-close/shared-kernel cpu-open/shared-kernel cpu-close/shared-kernel'

# counts ARCH [GOAL...]: one guest of each kernel, then the goals; KTAP. Where a goal of
# instructions is missed it says which functions of the kernel have executed more or less.
counts() {
	mkdir "$CHECK_DIR/$1"
	for tree in stock ours; do
		bench_count "$tree" "$1" "$CHECK_DIR/$1/$1-$tree-1-count.csv" \
			-n 20 switch threads=1 threads=300
	done
	_dir=$CHECK_DIR/$1 _name=$1 _status=0
	shift
	# shellcheck disable=SC2086 # words are goals
	python3 "$TOP/scripts/bench.py" --assert $met "$@" -- "$_dir" >"$_dir/goals" || _status=$?
	cat "$_dir/goals"
	sed -n 's/^not ok [0-9]* \(.*\)\/instructions$/\1/p' "$_dir/goals" | while read -r _goal; do
		python3 "$TOP/scripts/bench_where.py" "$_goal" "$_dir/$_name-stock-1-count.csv" \
			"$_dir/$_name-ours-1-count.csv"
	done
	return $_status
}

# lines ARCH CPUS: the same of what CPUs share, and who writes it where a goal is missed
lines() {
	_dir=$CHECK_DIR/lines-$1-$2 _name=$1 _status=0
	mkdir "$_dir"
	for tree in stock ours; do
		bench_lines "$tree" "$1" "$_dir/$1-$tree-1-lines.csv" "$2" 40
	done
	# shellcheck disable=SC2086 # words are goals
	python3 "$TOP/scripts/bench.py" --assert $shared -- "$_dir" >"$_dir/goals" || _status=$?
	cat "$_dir/goals"
	sed -n 's/^not ok [0-9]* \(.*\)\/\(shared.*\)$/\1 \2/p' "$_dir/goals" | while read -r _goal _metric; do
		[ "$_metric" = shared ] && _whose='' || _whose=--kernel
		for tree in stock ours; do
			echo "# $tree"
			python3 "$TOP/scripts/bench_lines.py" ${_whose:+"$_whose"} "$_goal" \
				"$_dir/$_name-$tree-1-lines.csv"
		done
	done
	return $_status
}

bench_where=yes
bench_make x86_64 arm64
# shellcheck disable=SC2086 # words are goals
subtest bench-x86_64 counts x86_64 $met_x86_64
subtest bench-arm64 counts arm64
for cpus in 2 ${CHECK_FULL:+4}; do
	subtest "lines-x86_64-$cpus" lines x86_64 "$cpus"
	subtest "lines-arm64-$cpus" lines arm64 "$cpus"
done
check_done
