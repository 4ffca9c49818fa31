# SPDX-License-Identifier: GPL-2.0
# The serial line between a guest's kernel and gdb, and the two programs at its ends.
# Sourced after lib.sh; its files are in the folder $line_dir.
# shellcheck shell=sh disable=SC2154
#
#   gdb_line_session VMLINUX SCRIPT [EXEC-OPTION...]
#       a guest that does what gdb's script says; see kgdb/link.py. $arch is set, and
#       $gdb_limit, in seconds. gdb's output goes to $line_dir/gdb, the guest's to
#       $line_dir/guest. Fails unless both come to their end. $gdb_line_pid is the
#       guest's while it runs.
#   kdb_line_session [EXEC-OPTION...]
#       the same with kgdb/kdb.py in gdb's place, whose output is the session's

gdb_tests=$TOP/tools/testing/selftests/hw_breakpoint

# gdb_line_args: QEMU's arguments, one a line. The guest's second serial port ends in a
# TCP port that QEMU chooses; without nodelay every packet would wait for the one before
# to be acknowledged. A copy of what the guest sends goes to a file.
gdb_line_args() {
	printf '%s\n' -qmp "unix:$line_dir/qmp,server=on,wait=off" -chardev \
		"socket,id=gdb,host=127.0.0.1,port=0,server=on,wait=off,nodelay=on,logfile=$line_dir/line" \
		-serial chardev:gdb
}

# gdb_line_options ARCH: kernel options; it waits for gdb when it boots
gdb_line_options() {
	case $1 in x86_64) _tty=ttyS1 ;; arm64) _tty=ttyAMA1 ;; esac
	echo "kgdboc=$_tty,115200 kgdbwait"
}

gdb_line_port() { "$TOP/scripts/qemu_port.py" "$line_dir/qmp" gdb; }

# gdb_line_waits: whether the kernel has begun to wait; kdb's prompt goes over the line
gdb_line_waits() { grep -q 'kdb> ' "$line_dir/line" 2>/dev/null; }

gdb_line_programs() {
	arch_vars "$arch"
	make -C "$gdb_tests" CC="${CROSS}gcc" LDFLAGS=-static OUTPUT="$line_dir" "$line_dir/kgdb_touch"
	"${CROSS}gcc" -g -O1 -Wall -static -no-pie -o "$line_dir/counter" "$gdb_tests/demo/counter.c"
}

# gdb_line_address SYMBOL: the program is not relocated
gdb_line_address() {
	printf '0x%x\n' "0x$(nm "$line_dir/counter" | awk -v s="$1" '$3 == s { print $1 }')"
}

# gdb_line_guest PROGRAM [EXEC-OPTION...]
gdb_line_guest() {
	_program=$gdb_tests/kgdb/$1
	shift
	set -- --arch "$arch" --timeout "$gdb_limit" --append "$(gdb_line_options "$arch")" "$@" \
		--with "$line_dir/kgdb_touch" --with "$line_dir/counter"
	while read -r _arg; do set -- "$@" --qemu "$_arg"; done <<-E
	$(gdb_line_args)
	E
	"$TOP/scripts/exec.sh" "$@" "$_program" "$(gdb_line_address alpha)" \
		"$(gdb_line_address beta)" >"$line_dir/guest" 2>&1 &
	_exec=$!
	trap 'kill "$_exec" 2>/dev/null' TERM
	_status=0
	wait "$_exec" || _status=$?
	: >"$line_dir/ended"
	return $_status
}

gdb_line_wait() { until gdb_line_waits || [ -e "$line_dir/ended" ]; do sleep 0.2; done; }

# gdb ends by itself when the guest has gone
gdb_line_gdb() {
	gdb_line_wait
	KGDB_PORT=$(gdb_line_port) KGDB_LOG=$line_dir/line KGDB_QMP=$line_dir/qmp \
		timeout -k 5 $((gdb_limit + 30)) gdb-multiarch -nx -q -batch -x "$2" "$1" \
		>"$line_dir/gdb" 2>&1 </dev/null
}

gdb_line_session() {
	_vmlinux=$1 _script=$2 _ends=0
	shift 2
	gdb_line_guest guest.sh "$@" &
	gdb_line_pid=$!
	gdb_line_gdb "$_vmlinux" "$_script" || _ends=1
	wait "$gdb_line_pid" || _ends=1
	gdb_line_pid=
	return $_ends
}

kdb_line_session() {
	_ends=0
	gdb_line_guest kdb.sh "$@" &
	gdb_line_pid=$!
	gdb_line_wait
	timeout -k 5 "$gdb_limit" python3 "$gdb_tests/kgdb/kdb.py" "$(gdb_line_port)" "$arch" \
		"$gdb_slots" 2>"$line_dir/kdb" || _ends=1
	wait "$gdb_line_pid" || _ends=1
	gdb_line_pid=
	return $_ends
}
