#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: defects of the stock layer on x86_64, stock and ours side by side
# needs: stock-x86_64 ours-x86_64
# limit: 600
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

mkdir -p "$LOG/check"
make -C tools/testing/selftests/hw_breakpoint LDFLAGS=-static OUTPUT="$CHECK_DIR" >&2
# without a library: none for 32 bits is asked for; its headers are those of 64
gcc -m32 -O2 -Wall -Wextra -ffreestanding -fno-pic -no-pie -fno-stack-protector -nostdlib -static \
	-I"/usr/include/$(gcc -print-multiarch)" -o "$CHECK_DIR/x86_space32" \
	tools/testing/selftests/hw_breakpoint/x86_space32.c >&2

# What may sleep, on the way back to user mode, must not come between save and
# restore of DR7: not in a caller of exc_machine_check_user() either, unless that
# restores it before. Stock has it right in later kernels than 6.12.95.
sleeps_before_restore() {
	awk '/^static .*exc_machine_check_user\(/ { inside = 1 }
		/local_db_save\(\)/ { saved = NR }
		/local_db_restore\(/ { saved = 0; restored = 1 }
		inside && /irqentry_exit_to_user_mode/ && !restored { sleeps = 1 }
		/^}/ { inside = restored = 0 }
		saved && (/irqentry_exit_to_user_mode/ || sleeps && /exc_machine_check_user\(/) {
			print FILENAME ":" NR ": DR7 was saved in line " saved
			bad = 1
		}
		END { exit !bad }' "$BUILD/$1/arch/x86/kernel/cpu/mce/core.c"
}

restored_before_sleep() {
	! sleeps_before_restore ours
}

# machine_checks MONITOR OUTPUT: machine checks from the program's first line of
# output on, as long as the guest lives. They are deferred errors, which nobody has
# to be killed for.
machine_checks() {
	until grep -q '^1\.\.' "$2"; do sleep 0.2; done
	python3 - "$1" <<'E2'
import socket, sys, time
monitor = socket.socket(socket.AF_UNIX)
monitor.connect(sys.argv[1])
try:
    for n in range(1000):
        time.sleep(0.3)
        monitor.sendall(b'mce %d 1 0xb000100000000000 0x7 0 0\n' % (n % 2))
        monitor.recv(65536)
except OSError:
    pass
E2
}

with_machine_checks() {
	_tree=$1
	shift 2
	rm -f "$CHECK_DIR/monitor"
	machine_checks "$CHECK_DIR/monitor" "$_log" &
	_raiser=$!
	_status=0
	guest "$_tree" x86_64 --qemu -monitor --qemu "unix:$CHECK_DIR/monitor,server,nowait" "$@" || _status=$?
	kill "$_raiser" 2>/dev/null || :
	return $_status
}

# the program takes another one along
with_32_bit() {
	guest "$1" "$2" --with "$CHECK_DIR/x86_space32" "$3" "$4" "$5"
}

# defects PROGRAM [RUNNER]: one program in both guests, started by guest() or by
# what takes the same words
defects() {
	for _tree in stock ours; do
		_log=$LOG/check/$1.$_tree
		"${2:-guest}" "$_tree" x86_64 --timeout 60 "$CHECK_DIR/$1" >"$_log" ||
			say "$1: the $_tree guest ended with status $?"
	done
	_status=0
	"$TOP/scripts/defects.py" "$LOG/check/$1.stock" "$LOG/check/$1.ours" >"$CHECK_DIR/table" ||
		_status=1
	cat "$CHECK_DIR/table" >&2
	cat "$CHECK_DIR/table"
	return $_status
}

# step_is_survived WATCHED: a step in user mode with a watchpoint on that
step_is_survived() {
	guest ours x86_64 --strict "$CHECK_DIR/x86_entry" "$1"
}

# On the stock kernel the CPU takes debug exceptions for ever, from the step on
step_hangs() {
	_status=0
	guest stock x86_64 --timeout 40 "$CHECK_DIR/x86_entry" "$1" >"$CHECK_DIR/hung" || _status=$?
	cat "$CHECK_DIR/hung"
	grep -q '^a step' "$CHECK_DIR/hung" || { echo "it has not come to the step"; return 1; }
	[ $_status = 124 ] || [ $_status = 125 ]
}

check_case dr7-is-restored-before-the-handler-may-sleep restored_before_sleep
subtest ptrace defects x86_ptrace
subtest suspend defects x86_suspend
subtest entry defects x86_entry
check_case entry-step-on-its-data step_is_survived step
check_case entry-step-on-saved-registers step_is_survived regs
if [ "${CHECK_FULL:-}" ]; then
	check_case entry-stock-hangs-on-its-data step_hangs step
	check_case entry-stock-hangs-on-saved-registers step_hangs regs
fi
subtest machine-check defects x86_mce with_machine_checks
subtest space defects x86_space with_32_bit
check_done
