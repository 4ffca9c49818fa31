#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: breakpoint events of perf's that name a symbol, with programs of each kind
# needs: ours-x86_64 ours-arm64
# packages: base kernel arm64
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

tests=$TOP/tools/testing/selftests/hw_breakpoint/symbols

# compile NAME OPTION...: program.c
compile() {
	_name=$1
	shift
	"${CROSS}gcc" -g -O1 -Wall -o "$dir/$_name" "$tests/program.c" "$@"
}

# prepare ARCH: a program of each kind, in $dir
prepare() {
	arch_vars "$1"
	mkdir -p "$dir"
	"${CROSS}gcc" -g -O1 -Wall -fPIC -shared -o "$dir/libwatched.so" "$tests/library.c"
	compile pie -pie -fPIE
	compile no-pie -no-pie
	compile static -static -no-pie
	compile static-pie -static-pie -fPIE
	compile twice -pie -fPIE "$tests/twice.c"
	compile linked -pie -fPIE -DLIBRARY -L"$dir" -lwatched
}

# address SYMBOL: of the program that is not relocated
address() {
	printf '0x%s\n' "$("${CROSS}nm" "$dir/no-pie" | awk -v s="$1" '$3 == s { print $1 }')"
}

# run ARCH: a line for each case to $dir/lines
run() {
	_arch=$1
	prepare "$_arch" || return 1
	set -- "$tests/guest.sh" "$(address table)" "$(address zero)"
	for _file in "$dir"/*; do set -- --with "$_file" "$@"; done
	guest ours "$_arch" --cpus 2 "$@" >"$lines"
}

# said NAME PATTERN: what the guest said of a case is all of an extended regular expression
said() {
	grep -E "^$1:" "$lines" | tee "$CHECK_DIR/said"
	grep -Exq "$1: $2" "$CHECK_DIR/said"
}

# expect NAME PATTERN
expect() { check_case "$arch-$1" said "$@"; }

# A program of each kind
expect_programs() {
	for kind in pie no-pie static static-pie; do
		expect $kind '5 5 5 6'
		expect $kind-part '5 5'
		case $kind in pie | static-pie) moved=1 ;; *) moved=0 ;; esac
		expect $kind-relocated $moved
		expect $kind-large "refused: table has 800 bytes: it would take 100 breakpoints .*"
		expect $kind-unknown "refused: There is no symbol nowhere in the kernel or in .*/$kind and .*"
	done
}

expect_grammar() {
	expect odd "$odd"
	expect offset 'refused: counter has 8 bytes: there is no counter\+8 in it'
	expect far 'refused: .*Offset is too large'
	expect group '5 6'
	expect repeat 5
	expect later '5 5'
	expect number 0
	expect wrong 'refused: .*Unrecognized input'
	expect shell 'refused: There is no symbol counter in the kernel or in .*/[bd]ash and .*'
	expect missing 'refused: .*No such file or directory'
	expect twice 'refused: .*/twice has 2 symbols own, of several sources: .*'
}

expect_libraries() {
	expect library '6 5 5'
	expect library-relocated 1
	expect library-file '6 5'
	expect library-other 'refused: There is no symbol shared in a file libc of .*/linked and .*'
	expect library-thread 'refused: errno of .*/libc.so.6 is a variable that each thread has .*'
	expect attach '5 5 5 5'
	expect attach-unknown 'refused: There is no symbol nowhere in the kernel or in the process .*'
}

expect_hits() {
	expect hits '5 counter\+0x0 by add,5 table\+0x28 by add,5 zero\+0x2ee0 by add'
	expect hits-number '5 table\+0x28 by add,5 zero\+0x2ee0 by add'
	expect hits-library '5 hidden\+0x0 by library_add'
	expect report 'zero\+0x2ee0 by add'
	expect trace 5
}

expect_kernel() {
	expect kernel '3 3'
	expect kernel-file 3
	expect kernel-nowhere 'refused: There is no symbol nowhere in the kernel'
	expect kernel-size 'refused: /proc/kallsyms does not tell the size of jiffies_64, .*'
	expect kernel-user 'refused: There is no symbol panic_timeout .*'
	expect kernel-hidden '.*; the kernel has one and hides its address from this user'
	expect hits-kernel '3 panic_timeout\+0x0 by .*'
}

for arch in x86_64 arm64; do
	# arm64 can watch any bytes of a doubleword
	case $arch in
	x86_64) odd='refused: odd has 3 bytes: it would take 2 breakpoints .*' ;;
	arm64) odd=5 ;;
	esac
	dir=$CHECK_DIR/$arch lines=$CHECK_DIR/$arch.lines
	check_case $arch-run run $arch
	expect_programs
	expect_grammar
	expect_libraries
	expect_hits
	expect_kernel
done
check_done
