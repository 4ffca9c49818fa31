# SPDX-License-Identifier: GPL-2.0
# What the clients' scripts share; sourced by each, with its cases' number.
# shellcheck shell=bash disable=SC2034
#
#   one NAME FUNCTION [ARG...]  a case, whose output becomes diagnostics. It passes on the
#                               stock kernel, too
#   better ARCH NAME FUNCTION [ARG...]
#                               one that does not on that machine
#   same WHAT GOT WANTED        part of a case
#   waiting, wait_for_threads    a program in the background
#   refused COMMAND...          part of a case: it fails
# where the program's symbols are is in the environment
alpha=${alpha:?} beta=${beta:?} gamma_=${gamma_:?} delta=${delta:?} epsilon=${epsilon:?}
store=${store:?}
number=0 go=/tmp/go out=/tmp/out diagnostics=/tmp/diagnostics
echo "KTAP version 1"

run_case() {
	number=$((number + 1))
	# not as a condition, in which -e means nothing
	(set -e; "${@:2}") >$diagnostics 2>&1
	# shellcheck disable=SC2181
	if [ $? = 0 ]; then
		echo "ok $number $1"
	else
		tail -n 30 $diagnostics | sed 's/^/# /'
		echo "not ok $number $1"
	fi
}

one() { run_case "$1, control" "${@:2}"; }

better() { if [ "$(uname -m)" = "$1" ]; then run_case "${@:2}"; else one "${@:2}"; fi; }

same() {
	[ "$2" != "$3" ] || return 0
	echo "$1: '$2', expected '$3'"
	return 1
}

refused() {
	"$@" || return 0
	echo "not refused: $1"
	return 1
}

# waiting MODE ARG...: a program in the background, which begins when $go is made
waiting() {
	rm -f $go
	./watched "$@" $go >/dev/null &
	pid=$!
}

# wait_for_threads N: until that program has so many
wait_for_threads() {
	until [ "$(find /proc/"$pid"/task -mindepth 1 -maxdepth 1 | wc -l)" = "$1" ]; do
		sleep 0.1
	done
}
