#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# demo.sh [--stock]: show the layer at work with perf and gdb in a guest, with a guest
# in that guest, with gdb at the guest's serial line, and with gdb at QEMU's gdbstub. On the
# stock kernel, which has no table of slots, it fails at that point.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/gdb-line.sh"
. "$TOP/scripts/nested-lib.sh"

flags=
case ${1:-} in
--stock) flags=--stock; shift ;;
esac
[ $# = 0 ] || usage_error "demo takes no argument '$1'"
demo=$TOP/tools/testing/selftests/hw_breakpoint/demo
counter=$BUILD/demo/counter
picture=$BUILD/demo/timeline.svg
start=$(date +%s)

compile() {
	mkdir -p "$BUILD/demo"
	gcc -g -O1 -Wall -static -no-pie -o "$counter" "$demo/counter.c"
	make -C "$demo/../kvm" LDFLAGS=-static OUTPUT="$BUILD/demo"
}

# address SYMBOL: the program is not relocated, so the linker's word holds
address() { printf '0x%x\n' "0x$(nm "$counter" | awk -v s="$1" '$3 == s { print $1 }')"; }

# What programs show
programs_scene() {
	_status=0
	# shellcheck disable=SC2086
	"$TOP/scripts/exec.sh" $flags --with "$counter" --with "$BUILD/demo/vmm" "$demo/guest.sh" \
		"$(address alpha)" "$(address beta)" "$(address gamma_)" "$(address delta)" \
		"$(address epsilon)" || _status=$?
	echo $_status >"$BUILD/demo/status"
}

# without_picture: the picture that is among what the guest prints goes to its file
without_picture() {
	awk -v picture="$picture" '
		/^<<< timeline.svg$/ { inside = 1; next }
		/^>>> timeline.svg$/ { inside = 0; next }
		inside { print >picture; next }
		{ print; fflush() }'
}

# What the kernel's debugger shows. There are three CPUs: two run the programs that are
# watched while a third looks at the table.
kernel_scene() {
	# shellcheck disable=SC2086
	vmlinux=$("$TOP/scripts/build.sh" $flags | tail -n 1)
	step "$LOG/demo.log" "compiling the guest's programs" gdb_line_programs
	say "booting again, with gdb at the serial line"
	_status=0
	# shellcheck disable=SC2086
	gdb_line_session "$vmlinux" "$demo/kernel.py" $flags --cpus 3 3>&1 || _status=$?
	[ "$_status" = 0 ] || tail -n 20 "$line_dir/gdb" "$line_dir/guest" >&2
	return $_status
}

# What QEMU's gdbstub shows of a guest that uses breakpoints itself
nested_scene() {
	say "booting again, with a guest of QEMU's there and gdb at its stub"
	"$TOP/scripts/root.sh" x86_64 nested
	step "$LOG/demo.log" "compiling the guest's programs" \
		nested_prepare x86_64 "$vmlinux" "$BUILD/demo/nested"
	_status=0
	# shellcheck disable=SC2046,SC2086 # words
	"$TOP/scripts/exec.sh" $flags $(nested_words x86_64 "$vmlinux" "$BUILD/demo/nested") ||
		_status=$?
	# the guest's machine has no KVM
	[ "$_status" != 77 ] || _status=0
	return $_status
}

"$TOP/scripts/packages.sh" base gdb
step "$LOG/demo.log" "compiling the programs to watch" compile
rm -f "$picture" "$BUILD/demo/status"
programs_scene | without_picture
status=$(cat "$BUILD/demo/status")
arch=x86_64 gdb_limit=600
line_dir=$(mktemp -d "${TMPDIR:-/tmp}/hwb.XXXXXX")
trap 'kill "${gdb_line_pid:-}" 2>/dev/null || :; rm -rf "$line_dir"' EXIT
trap 'exit 130' INT TERM HUP
kernel_scene || status=1
nested_scene || status=1
[ ! -e "$picture" ] || say "the slots over time, for a browser: ${picture#"$TOP"/}"
if [ "$status" = 0 ]; then
	say "demo: everything shown was right ($(($(date +%s) - start)) s)"
else
	say "demo: not everything was right (status $status)"
fi
exit "$status"
