#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: KVM guests with breakpoints of their own on arm64, VHE and nVHE: counts, isolation, costs
# needs: stock-arm64 ours-arm64
# packages: base arm64 bench
# limit: 9600
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/kvm-cases.sh"

kvm_make arm64
kvm_machine kvm-arm64 arm64 --cpu max,pauth-impdef=on
# no VHE: KVM switches the debug registers elsewhere
kvm_machine kvm-arm64-nvhe arm64 --cpu cortex-a57
subtest costs kvm_costs arm64 kvm-nothing/bank kvm-nothing/instructions kvm-host/bank \
	kvm-guest/bank kvm-both/bank
check_done
