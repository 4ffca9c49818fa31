#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: KVM guests with breakpoints of their own on x86_64 (VMX, in Bochs), with and without EPT
# needs: stock-x86_64 ours-x86_64
# packages: base bochs
# limit: 2400
# full: yes
# alone: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/kvm-cases.sh"

# a round takes milliseconds there
cpus=2 exits=200
no_ept="kvm_intel.ept=0 kvm_intel.unrestricted_guest=0"

# guest TREE ARCH OPTION... PROGRAM ARG...: as check-lib.sh's, in Bochs
guest() {
	_flags=
	[ "$1" = ours ] || _flags=--stock
	shift 2
	# shellcheck disable=SC2086
	"$TOP/scripts/bochs.sh" $_flags "$@"
}

kvm_make x86_64
kvm_machine kvm-vmx x86_64
kvm_machine kvm-vmx-no-ept x86_64 --append "$no_ept"
check_done
