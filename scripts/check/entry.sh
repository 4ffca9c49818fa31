#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: what the entry of exceptions touches is what nobody may watch
# needs: ours-x86_64 ours-arm64
# packages: base kernel arm64 entry
# limit: 600
#
# scripts/entry.py derives the list from object files and compares it with the back end's
# tables: in the kernels of the tests, which are linked into vmlinux.o, and in those objects
# of a kernel configured like Debian's that have entry code.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/apt.sh"

derived() { "$TOP/scripts/entry.py" compare "$@"; }

# ---- the configuration of a distribution ----

# entry_files ARCH: objects with code that an entry may reach
entry_files() {
	case $1 in
	x86_64) echo arch/x86/entry/entry_64.o arch/x86/entry/entry_64_compat.o \
		arch/x86/entry/entry_64_fred.o arch/x86/entry/entry_fred.o arch/x86/entry/entry.o \
		arch/x86/entry/common.o arch/x86/coco/core.o arch/x86/kernel/callthunks.o \
		arch/x86/kernel/cpu/bugs.o arch/x86/kernel/cpu/mce/core.o \
		arch/x86/kernel/nmi.o arch/x86/kernel/paravirt.o arch/x86/kernel/traps.o \
		arch/x86/lib/memcpy_64.o arch/x86/lib/retpoline.o arch/x86/xen/enlighten_pv.o \
		arch/x86/xen/xen-asm.o ;;
	arm64) echo arch/arm64/kernel/entry.o arch/arm64/kernel/entry-common.o ;;
	esac
}

kmake() {
	nice make -C "$BUILD/ours" -s -j"$JOBS" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" O="$(basename "$out")" "$@"
}

# What a distribution other than Debian may have, and what would only take time
options() {
	case $1 in x86_64) echo CONFIG_X86_FRED=y ;; esac
	echo CONFIG_DEBUG_INFO_NONE=y
	echo CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=n
	echo CONFIG_DEBUG_INFO_DWARF5=n
	echo CONFIG_MODULE_SIG=n
}

configure() {
	mkdir -p "$out"
	_key=$(cat "$BUILD/stock.stamp"; options "$1")
	made_from "$out/.config" "$_key" && return
	{ debian_config "$DEB_ARCH" && options "$1"; } >"$out/.config" && kmake olddefconfig || return
	_lost=$(options "$1" | grep 'y$' | grep -vxFf "$out/.config" || :)
	[ -z "$_lost" ] || { echo "options that did not survive: $_lost"; return 1; }
	stamp "$out/.config.stamp" "$_key"
}

# (errexit is off in what check_case calls)
distribution() {
	arch_vars "$1"
	out=$BUILD/ours/o-distro-$1
	configure "$1" || return
	_files="$(entry_files "$1") $(backend_objects)"
	# shellcheck disable=SC2086 # words are files
	locked compile kmake $_files kernel/events/hw_breakpoint/ || return
	# shellcheck disable=SC2086
	(cd "$out" && derived "$1" $_files kernel/events/hw_breakpoint/*.o)
}

# ---- the kernels of the tests ----

tested() {
	arch_vars "$1"
	derived "$1" "$(kernel_out ours "$1")/vmlinux.o"
}

# ---- what is missing is found ----

# without SYMBOL...: the same with tables that name something else
without() {
	cd "$BUILD/ours/o-distro-x86_64" || return
	for _symbol in "$@"; do
		objcopy --redefine-sym "$_symbol=$_symbol.not" "$backend" "$CHECK_DIR/table.o" || return
		# shellcheck disable=SC2046 # words are files
		! derived x86_64 $(entry_files x86_64) "$CHECK_DIR/table.o" >"$CHECK_DIR/missing" ||
			{ echo "nothing is missing without $_symbol"; return 1; }
		grep "^$_symbol+.* MISSING$" "$CHECK_DIR/missing" || return
	done
}

# A table whose entry of cpu_tss_rw ends before SP2
shorter() {
	cd "$BUILD/ours/o-distro-x86_64" || return
	python3 - "$backend" "$CHECK_DIR/short.o" <<'E2' || return
import sys
from elftools.elf.elffile import ELFFile
source, target = sys.argv[1:]
with open(source, 'rb') as file:
    data = bytearray(file.read())
    elf = ELFFile(file)
    table = elf.get_section_by_name('.symtab').get_symbol_by_name('hwbp_arch_entry_data')[0]
    section = elf.get_section(table['st_shndx'])
    relocs = elf.get_section_by_name('.rela' + section.name)
    symbols = elf.get_section_by_name('.symtab')
    for reloc in relocs.iter_relocations():
        if symbols.get_symbol(reloc['r_info_sym']).name == 'cpu_tss_rw':
            at = section['sh_offset'] + reloc['r_offset'] + 16
            data[at:at + 8] = (16).to_bytes(8, 'little')
open(target, 'wb').write(data)
E2
	# shellcheck disable=SC2046 # words are files
	! derived x86_64 $(entry_files x86_64) "$CHECK_DIR/short.o" >"$CHECK_DIR/missing" || return
	grep '^cpu_tss_rw+20 .* MISSING$' "$CHECK_DIR/missing"
}

# An entry that begins with no instruction: 06 is none of 64-bit code
unknown() {
	cd "$BUILD/ours/o-distro-x86_64" || return
	python3 - arch/x86/entry/entry_64.o "$CHECK_DIR/entry_64.o" <<'E2' || return
import sys
from elftools.elf.elffile import ELFFile
source, target = sys.argv[1:]
with open(source, 'rb') as file:
    data = bytearray(file.read())
    elf = ELFFile(file)
    entry = elf.get_section_by_name('.symtab').get_symbol_by_name('paranoid_entry')[0]
    data[elf.get_section(entry['st_shndx'])['sh_offset'] + entry['st_value']] = 0x06
open(target, 'wb').write(data)
E2
	# shellcheck disable=SC2046 # words are files
	! derived x86_64 $(entry_files x86_64 | sed "s|[^ ]*/entry_64\.o|$CHECK_DIR/entry_64.o|") \
		"$backend" >"$CHECK_DIR/lost" || return
	grep '^not followed: paranoid_entry: the bytes 06' "$CHECK_DIR/lost"
}

# An exception that does unmask, as if it were a debug exception
unmasked() {
	! derived arm64 --root el1_abort "$(kernel_out ours arm64)/vmlinux.o" >"$CHECK_DIR/lost" || return
	grep '^not followed: el1_abort: msr daif' "$CHECK_DIR/lost"
}

backend=arch/x86/kernel/hw_breakpoint.o
for arch in x86_64 arm64; do
	check_case "$arch-tested" tested "$arch"
	check_case "$arch-distribution" distribution "$arch"
done
# one of the variables that were a struct
case $HWB_SERIES in 6.12) hot=pcpu_hot ;; *) hot=cpu_current_top_of_stack ;; esac
check_case x86_64-names-are-compared without "$hot" cpu_dr7 x86_spec_ctrl_current espfix_waddr
check_case x86_64-sizes-are-compared shorter
check_case x86_64-unknown-bytes-are-found unknown
check_case arm64-unmasking-is-found unmasked
check_done
