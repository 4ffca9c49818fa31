#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: a guest of QEMU's has its breakpoints while gdb debugs it at QEMU's gdbstub
# needs: ours-x86_64 ours-arm64 nested-x86_64 nested-arm64
# packages: base arm64
# limit: 1500
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/nested-lib.sh"

debugged() {
	_vmlinux=$(kernel_out ours "$1")/vmlinux
	nested_prepare "$1" "$_vmlinux" "$CHECK_DIR/$1" || return
	# shellcheck disable=SC2046 # words
	"$TOP/scripts/exec.sh" $(nested_words "$1" "$_vmlinux" "$CHECK_DIR/$1")
}

for arch in x86_64 arm64; do check_case $arch debugged $arch; done
check_done
