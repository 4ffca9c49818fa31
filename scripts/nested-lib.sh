# SPDX-License-Identifier: GPL-2.0
# A guest of QEMU's, in a guest, that gdb debugs at QEMU's gdbstub. Sourced after lib.sh.
# shellcheck shell=sh
#
#   nested_prepare ARCH VMLINUX DIR   what the guests run, into DIR
#   nested_words ARCH VMLINUX DIR     the arguments of exec.sh, a word each, but --stock

NESTED=$TOP/tools/testing/selftests/hw_breakpoint/nested

nested_prepare() {
	arch_vars "$1"
	mkdir -p "$3"
	"${CROSS}gcc" -g -O1 -Wall -static -no-pie -o "$3/counter" "$NESTED/../demo/counter.c" &&
		ln -sf "$(dirname "$2")/$IMAGE" "$3/kernel"
}

# _nested_address FILE SYMBOL: neither the program nor the kernel is moved
_nested_address() { nm "$1" | awk -v s="$2" '$3 == s { print "0x" $1 }'; }

nested_words() {
	case $1 in arm64) _call=__arm64_sys ;; *) _call=__x64_sys ;; esac
	echo --arch "$1" --nested --timeout 600
	for _f in guest.sh own.py stub.py; do echo --with "$NESTED/$_f"; done
	echo --with "$3/counter" --with "$3/kernel" "$NESTED/host.sh" kernel
	_nested_address "$2" ${_call}_sethostname
	_nested_address "$2" ${_call}_setdomainname
	_nested_address "$2" init_uts_ns
	_nested_address "$3/counter" alpha
	_nested_address "$3/counter" beta
}
