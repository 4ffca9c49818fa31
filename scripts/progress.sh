# SPDX-License-Identifier: GPL-2.0
# A progress line for a long build. Sourced after lib.sh.
# shellcheck shell=sh

# kbuild and perf print one such line for each object
objects_in() { grep -c '^  [A-Z]' "$1" 2>/dev/null || :; }

progress_line() {
	_done=$(objects_in "$_log")
	if [ -n "$_total" ] && [ "$_done" -le "$_total" ]; then
		printf '%s: %s of about %s objects' "$_what" "$_done" "$_total"
	else
		printf '%s: %s objects' "$_what" "$_done"
	fi
}

# Until the process ends: a line that renews itself on a terminal, a line now
# and then elsewhere
watch_progress() {
	_waited=0
	while kill -0 "$1" 2>/dev/null; do
		sleep 1
		_waited=$((_waited + 1))
		if [ -t 2 ]; then
			printf '\rrun: %s ' "$(progress_line)" >&2
		elif [ $((_waited % 10)) = 0 ]; then
			say "$(progress_line)"
		fi
	done
	[ ! -t 2 ] || printf '\r\033[K' >&2
}

# with_progress LOG WHAT TOTAL COMMAND...: the command's status is returned. What is in
# the background does not hear ^C: it is told, or it would go on and keep its lock. A
# function of COMMAND's name has to end in exec, or it is only the shell that is told.
with_progress() {
	_log=$1 _what=$2 _total=$3
	shift 3
	_start=$(date +%s)
	"$@" >"$_log" 2>&1 </dev/null &
	_pid=$!
	trap 'kill "$_pid" 2>/dev/null; wait "$_pid"; exit 130' INT TERM HUP
	watch_progress "$_pid"
	_status=0
	wait "$_pid" || _status=1
	trap - INT TERM HUP
	[ "$_status" = 0 ] || return 1
	_took=$(($(date +%s) - _start))
	[ "$_took" -lt 10 ] || say "$_what: $(objects_in "$_log") objects in $_took s"
}
