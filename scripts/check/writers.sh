#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: nobody writes debug registers behind the layer's back
# needs: trees
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

# pattern ARCH: of lines that write
pattern() {
	case $1 in
	x86) cat <<'E2'
\b(native_|HYPERVISOR_)?set_debugreg\(|asm.*"mov %0, %%db[0-7]|mov[lq]?[[:space:]].*,[[:space:]]*%+db?r?[0-7]\b|\bamd_set_dr_addr_mask\(|wrmsr.*MSR_F16H_DR
E2
	;;
	arm64) cat <<'E2'
\bwrite_sysreg(_s|_el1|_el2)?\(.*(dbg[bw][cv]r|DBG[BW][CV]R|mdscr_el1|MDSCR)|\bmsr[[:space:]]+(mdscr_el1|dbg[bw][cv]r)|\bwrite_debug\(|\bAARCH64_DBG_WRITE\(
E2
	;;
	esac
}

# writers TREE ARCH: lines that write, by file: COUNT FILE
writers() {
	(cd "$1" &&
		grep -rEc --include='*.[chS]' "$(pattern "$2")" "arch/$2" kernel mm lib virt drivers/firmware drivers/perf \
			drivers/hwtracing drivers/misc drivers/cpuidle drivers/xen 2>/dev/null) |
		awk -F: '$2 { print $2, $1 }' | grep -v " arch/$2/\(kernel/hw_breakpoint\.c\|include/asm/hw_breakpoint\)" | sort -k2
}

# listed ARCH: the same of scripts/writers.txt
listed() {
	awk -F '\t' -v arch=" arch/$1/" 'index($1, arch) {
		split($1, part, " "); n[part[2]] += part[1]
	} END { for (f in n) print n[f], f }' "$TOP/scripts/writers.txt" | sort -k2
}

# nobody_else TREE ARCH
nobody_else() {
	listed "$2" >"$CHECK_DIR/listed"
	writers "$1" "$2" >"$CHECK_DIR/found"
	diff "$CHECK_DIR/listed" "$CHECK_DIR/found" && return
	echo "a line with < is in scripts/writers.txt alone, one with > in the tree:" \
		"let it go through the layer, or say there why it need not"
	return 1
}

# finds ARCH LINE: a new writer is found
finds() {
	mkdir -p "$CHECK_DIR/$1/arch/$1/kernel" "$CHECK_DIR/$1/kernel"
	echo "$2" >"$CHECK_DIR/$1/arch/$1/kernel/new.c"
	writers "$CHECK_DIR/$1" "$1" | grep "1 arch/$1/kernel/new.c"
}

others() { ! nobody_else "$BUILD/stock" "$1"; }

check_case 'x86 in our tree' nobody_else "$BUILD/ours" x86
check_case 'arm64 in our tree' nobody_else "$BUILD/ours" arm64
check_case 'a new writer of DR3 is found' finds x86 'set_debugreg(0, 3);'
check_case 'a new write of DR7 in assembly is found' finds x86 '	movq %rax, %db7'
check_case 'a new writer of a watchpoint is found' finds arm64 'write_sysreg(0, dbgwcr0_el1);'
check_case 'a new writer of MDSCR_EL1 is found' finds arm64 '	msr mdscr_el1, x0'
# KVM, kgdb and text poking do
check_case 'the stock kernel has others' others x86
check_case 'the stock kernel has others, on arm64' others arm64
check_done
