#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: KVM guests with breakpoints of their own on x86_64 (SVM): counts, isolation, costs
# needs: stock-x86_64 ours-x86_64
# packages: base bench
# limit: 4800
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/kvm-cases.sh"

kvm_make x86_64
kvm_machine kvm-x86_64 x86_64
subtest costs kvm_costs x86_64 kvm-nothing/writes kvm-nothing/instructions kvm-host/writes \
	kvm-guest/writes kvm-both/writes kvm-shared/writes kvm-owned/writes kvm-owned-host/writes \
	kvm-host-user/writes kvm-both-user/writes
check_done
