#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's bpftrace with breakpoints, as KTAP; the addresses of symbols are in the
# environment. Stock on arm64 refuses a task's breakpoint in the kernel.
. ./lib.sh
ulimit -l unlimited

# watching ADDRESS LENGTH MODE NAME: a probe that counts
watching() { printf 'watchpoint:%s:%s:%s { @%s = count(); } ' "$@"; }

# traced COMMAND PROBE...: what was counted while it ran
traced() {
	bpftrace -e "${*:2}" -c "$1" >$out 2>&1 || { cat $out; return 1; }
	grep -a '^@' $out | sort | tr -d '\n'
}

four() {
	watching "$alpha" 8 w a
	watching "$beta" 8 w b
	watching "$gamma_" 8 w c
	watching "$delta" 8 w d
}

a_word() {
	same writes "$(traced './watched rounds 10' "$(watching "$alpha" 8 w a)")" "@a: 10"
}

all_slots() {
	same writes "$(traced './watched rounds 10' "$(four)")" "@a: 10@b: 10@c: 10@d: 10"
}

# bpftrace turns the kernel's ENOSPC into an exception, which it does not catch
one_too_many() {
	refused traced './watched rounds 10' "$(four) $(watching "$epsilon" 8 w e)"
	grep -a 'No more HW registers left' $out
	all_slots
}

reads_too() {
	same 'reads and writes' "$(traced './watched rounds 10' "$(watching "$alpha" 8 rw a)")" "@a: 21"
}

code() {
	same calls "$(traced './watched rounds 10' "$(watching "$store" 8 x a)")" "@a: 50"
}

askew() {
	refused traced './watched rounds 10' "$(watching $((alpha + 1)) 8 w a)"
	grep -a 'Invalid argument' $out
}

timeout=0x$(awk '$3 == "panic_timeout" { print $1 }' /proc/kallsyms)
four_writes='bash /tmp/writes'
echo "for n in 5 6 7 0; do echo \$n >/proc/sys/kernel/panic; done" >/tmp/writes

kernel_word() {
	same 'writes and the last value' "$(traced "$four_writes" \
		"watchpoint:$timeout:4:w { @a = count(); @b = max(*(int32 *)$timeout); }")" "@a: 4@b: 7"
}

kernel_four() {
	local n

	for n in 0 1 2 3; do watching $((timeout + 64 * n)) 4 w "a$n"; done
}

kernel_slots() {
	# the words beside it are what they are
	same writes "$(traced "$four_writes" "$(kernel_four)" | grep -ao '^@a0: [0-9]*')" "@a0: 4"
	refused traced true "$(kernel_four) $(watching "$alpha" 8 w a)"
	grep -a 'No more HW registers left' $out
	kernel_word
}

echo 1..8
one "bpftrace with a word" a_word
one "bpftrace with all slots" all_slots
one "bpftrace with one more" one_too_many
one "bpftrace with reads" reads_too
one "bpftrace with an instruction" code
one "bpftrace with an address that is not aligned" askew
better aarch64 "bpftrace with a word of the kernel" kernel_word
better aarch64 "bpftrace with all slots in the kernel" kernel_slots
