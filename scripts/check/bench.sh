#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: counted register writes and instructions, ours against stock
# needs: stock-x86_64 ours-x86_64 stock-arm64 ours-arm64
# packages: base arm64 bench
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

bench_where=yes
bench_make x86_64 arm64
# shellcheck disable=SC2086 # words are goals
subtest bench-x86_64 counts x86_64 $met_x86_64
subtest bench-arm64 counts arm64
check_done
