#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: KVM guests with breakpoints of their own on arm64, VHE, nVHE and pKVM: counts, isolation, costs
# needs: stock-arm64 ours-arm64
# packages: base arm64 bench
# limit: 9600
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/kvm-cases.sh"

# What of KVM's code at EL2, VHE's included, accesses a slot's registers, or follows the
# host's pointer to a guest's
slots_at_el2() {
	find "$(kernel_out "$1" arm64)/arch/arm64/kvm/hyp" -name '*.o' -exec "${CROSS}objdump" -d {} + |
		grep -Eio '(msr|mrs)[[:space:]].*dbg[bw][vc]r[0-9]+_el1.*'
	grep -rn debug_ptr "$BUILD/$1/arch/arm64/kvm/hyp" || :
}

# 7.x has no such pointer
has_pointer() { grep -q debug_ptr "$BUILD/stock/arch/arm64/include/asm/kvm_host.h"; }

# On the stock kernel some does, in either way: so they would be found
no_slots_at_el2() {
	_found=$(slots_at_el2 stock)
	[ "$(echo "$_found" | grep -c dbg)" -gt 64 ] || { echo "no access found in stock"; return 1; }
	! has_pointer || echo "$_found" | grep -q debug_ptr || { echo "no pointer found in stock"; return 1; }
	_found=$(slots_at_el2 ours)
	[ -z "$_found" ] || { echo "$_found"; return 1; }
}

in_protected_mode() {
	for _tree in stock ours; do
		grep 'Protected .* mode initialized' "$LOG/check/$1.$_tree.console" || return 1
	done
}

# pkvm_machine NAME EXEC-OPTION...
pkvm_machine() {
	_pkvm=$1
	shift
	kvm_machine "$_pkvm" arm64 --append kvm-arm.mode=protected "$@"
	check_case "$_pkvm-is-in-protected-mode" in_protected_mode "$_pkvm"
}

kvm_make arm64
check_case el2-accesses-no-slot no_slots_at_el2
kvm_machine kvm-arm64 arm64 --cpu max,pauth-impdef=on
# no VHE: KVM switches the debug registers elsewhere
kvm_machine kvm-arm64-nvhe arm64 --cpu cortex-a57
# pKVM: the host at EL1 and under a stage 2, a guest's state copied to and from EL2
few=$exits
[ -n "${CHECK_FULL:-}" ] || exits=1000
pkvm_machine kvm-arm64-pkvm --cpu cortex-a57
[ -z "${CHECK_FULL:-}" ] ||
	pkvm_machine kvm-arm64-pkvm-hvhe --cpu max,pauth-impdef=on --append arm64_sw.hvhe=1
exits=$few
subtest costs kvm_costs arm64 kvm-nothing/bank kvm-nothing/instructions kvm-host/bank \
	kvm-guest/bank kvm-both/bank kvm-shared/bank
check_done
