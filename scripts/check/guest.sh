#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: what ./run exec and ./run debug promise: output, status, time, nothing left; gdb in the guest
# needs: stock-x86_64 ours-x86_64 ours-arm64
# packages: gdb arm64
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

# program NAME: a script for the guest, from standard input
program() {
	cat >"$CHECK_DIR/$1"
	chmod +x "$CHECK_DIR/$1"
}

# ends_with STATUS ARG...
ends_with() {
	_want=$1
	shift
	_got=0
	guest stock x86_64 "$@" >"$CHECK_DIR/printed" 2>"$CHECK_DIR/errors" || _got=$?
	cat "$CHECK_DIR/errors"
	echo "status $_got, expected $_want"
	[ "$_got" = "$_want" ]
}

says() { grep -q "$1" "$CHECK_DIR/errors"; }

exact_output() {
	ends_with 7 --with README.md "$CHECK_DIR/exact" 'a b' "c'd"
	printf 'a\0b\r\n<a b><c'"'"'d>\nerr\n' | cmp - "$CHECK_DIR/printed"
}

much_output() {
	ends_with 0 seq 1 200000
	seq 1 200000 | cmp - "$CHECK_DIR/printed"
}

# The program's name is the link's, and it may begin with anything
linked() {
	ln -s exact "$CHECK_DIR/-linked"
	ends_with 7 --with README.md "$CHECK_DIR/-linked" 'a b' "c'd"
}

# Where process 1 reaps nothing every orphan stays as a zombie; one that runs may keep the
# output open
no_orphans() {
	python3 - "$TOP/scripts/exec.sh" --stock --timeout 300 "$@" <<-'END'
	import ctypes, os, subprocess, sys, time
	PR_SET_CHILD_SUBREAPER = 36
	ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	subprocess.run(sys.argv[1:])
	time.sleep(1)
	try:
	    print('an orphan:', os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG) or 'that still runs')
	    sys.exit(1)
	except ChildProcessError:
	    pass
	END
}

many_words() {
	# shellcheck disable=SC2046 # words are words
	ends_with 0 echo $(seq 1000)
	seq 1000 | xargs | cmp - "$CHECK_DIR/printed"
}

# shellcheck disable=SC2046
too_many_words() { ends_with 125 echo $(seq 5000) && says 'too many words'; }

panic() { ends_with 125 "$CHECK_DIR/panic" && says 'kernel panicked'; }
silence() { ends_with 125 "$CHECK_DIR/silent" && says 'without a verdict'; }
time_up() { ends_with 124 --timeout 15 sleep 1000 && says 'no verdict after 15 s'; }
signal() { ends_with 137 "$CHECK_DIR/killed" && says 'signal 9'; }

# until_printed PATTERN: a minute at most. Empty "printed" before the command is started
# that prints: in the background that may be late, and the last one's is still there.
until_printed() {
	for _i in $(seq 300); do
		! grep "$1" "$CHECK_DIR/printed" || return 0
		sleep 0.2
	done
	return 1
}

# The line that is printed attaches, and the kernel goes on
attaches() {
	_line=$(until_printed 'target remote') &&
		eval "timeout 60 $_line -nx -batch -ex 'info symbol \$pc' -ex detach" | grep '^kgdb_breakpoint' &&
		until_printed 'Run /sbin/init'
}

debugger() {
	: >"$CHECK_DIR/printed"
	"$TOP/scripts/debug.sh" --stock >"$CHECK_DIR/printed" &
	_debug=$! _status=0
	attaches || _status=1
	kill "$_debug"
	wait "$_debug" || :
	cat "$CHECK_DIR/printed"
	return $_status
}

# session COMMAND...: becomes that, as on a terminal of its own
session() {
	exec python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.setsid()
os.execv(sys.argv[1], sys.argv[1:])' "$@"
}

# ^C while the kernel waits: nothing is left
interrupted() {
	: >"$CHECK_DIR/printed"
	session "$TOP/scripts/debug.sh" >"$CHECK_DIR/printed" 2>&1 &
	_debug=$! _status=0
	until_printed 'target remote' || _status=1
	kill -s INT -- "-$_debug"
	wait "$_debug" || _status=$((_status + $?))
	echo "status $_status, expected 130"
	[ "$_status" = 130 ] && ! pgrep -a -s "$_debug"
}

# The guest's shell is left
left() {
	mkfifo "$CHECK_DIR/keys"
	: >"$CHECK_DIR/printed"
	"$TOP/scripts/debug.sh" <>"$CHECK_DIR/keys" >"$CHECK_DIR/printed" &
	_debug=$! _status=0
	attaches || _status=1
	for _i in $(seq 60); do
		kill -0 "$_debug" 2>/dev/null || break
		echo exit >"$CHECK_DIR/keys"
		sleep 1
	done
	! kill "$_debug" 2>/dev/null || _status=1
	wait "$_debug" || _status=1
	cat "$CHECK_DIR/printed"
	return $_status
}

# QEMU's death is not the guest's, as long as nothing is heard of the program
emulator_dies() {
	_pid=$CHECK_DIR/qemu.pid
	(
		for _ in $(seq 300); do
			[ ! -s "$_pid" ] || { kill -ABRT "$(cat "$_pid")"; break; }
			sleep 0.1
		done
	) &
	ends_with 0 --qemu -pidfile --qemu "$_pid" echo alive && says 'booting once more' &&
		grep -qx alive "$CHECK_DIR/printed"
}

# gdb has to know the CPU, or it watches by single steps
# shellcheck disable=SC2016 # gdb's register
gdb_watches() {
	guest ours "$1" gdb -q -batch -nx -ex starti -ex 'watch -l *(long *)$sp' -ex kill \
		/bin/true >"$CHECK_DIR/printed" 2>&1
	cat "$CHECK_DIR/printed"
	grep -q '^Hardware watchpoint 1: ' "$CHECK_DIR/printed"
}

program exact <<'E2'
#!/bin/bash
printf 'a\0b\r\n'; printf '<%s>' "$@"; echo
test -f README.md || exit 1
echo err > /dev/stderr
exit 7
E2
printf '#!/bin/sh\necho c >/proc/sysrq-trigger\n' | program panic
printf '#!/bin/sh\necho o >/proc/sysrq-trigger; sleep 100\n' | program silent
printf '#!/bin/sh\nkill -9 $$\n' | program killed

check_case output-and-status-are-exact exact_output
check_case much-output-is-complete much_output
check_case panic-is-failure panic
check_case silence-is-failure silence
check_case time-limit time_up
check_case death-by-signal signal
check_case many-words-are-passed many_words
check_case too-many-words-are-refused too_many_words
check_case program-is-a-link linked
check_case nothing-is-orphaned no_orphans true
check_case nothing-is-orphaned-by-an-early-end no_orphans --qemu -nonsense true
check_case emulator-dies emulator_dies
check_case missing-program ends_with 127 no-such-program
check_case debug-waits-for-gdb debugger
check_case debug-ends-with-the-guest left
check_case debug-ends-on-interrupt interrupted
check_case gdb-watches-in-hardware-x86_64 gdb_watches x86_64
check_case gdb-watches-in-hardware-arm64 gdb_watches arm64
check_done
