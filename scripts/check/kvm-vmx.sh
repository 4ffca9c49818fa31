#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: KVM guests with breakpoints of their own on x86_64 (VMX, in Bochs), with and without EPT
# needs: stock-x86_64 ours-x86_64
# packages: base bench bochs
# limit: 2400
# full: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/kvm-cases.sh"

# a round takes milliseconds there
cpus=1 exits=200 many=''
# Bochs 2.7 leaves a single step pending at exits that are faults: the debugger's steps
# come out wrong on any kernel. And it loses RF at an exit for a page that is not there yet, as
# all are when a vCPU has just been moved: what the debugger has got over is hit again, on any
# kernel.
# This CPU model has no monitor trap flag: as without sharing, a guest has no steps of its own then.
without='debug_step together_moved both_step both_step_moved both_step_nested'
no_ept="kvm_intel.ept=0 kvm_intel.unrestricted_guest=0"

# guest TREE ARCH OPTION... PROGRAM ARG...: as check-lib.sh's, in Bochs
guest() {
	_flags=
	[ "$1" = ours ] || _flags=--stock
	shift 2
	# shellcheck disable=SC2086
	"$TOP/scripts/bochs.sh" $_flags "$@"
}

# count TREE FILE: the counter knows no names; the program prints them in the order in
# which it makes three pairs of markers for each
count() {
	_flags=
	[ "$1" = ours ] || _flags=--stock
	# shellcheck disable=SC2086
	"$TOP/scripts/bochs.sh" $_flags --count "$2.raw" "$BENCH/x86_64/bench" -n 3 kvm |
		sed -n 's/^\(kvm-.*\),.*/\1/p' | awk '{ print; print; print }' >"$2.names"
	{
		echo "name,writes"
		paste -d, "$2.names" "$2.raw"
	} >"$2"
}

costs() {
	mkdir "$CHECK_DIR/costs"
	for _t in stock ours; do
		count "$_t" "$CHECK_DIR/costs/x86_64-$_t-1-count.csv"
	done
	python3 "$TOP/scripts/bench.py" --assert "$@" -- "$CHECK_DIR/costs"
}

# What a store hits while a uprobe steps it: QEMU does that wrong
probed() {
	make -C tools/testing/selftests/hw_breakpoint LDFLAGS=-static OUTPUT="$CHECK_DIR" "$CHECK_DIR/probed" >&2
	for _t in stock ours; do
		guest "$_t" x86_64 "$CHECK_DIR/probed" >"$LOG/check/probed.$_t" ||
			say "probed: the $_t guest ended with status $?"
	done
	"$TOP/scripts/defects.py" "$LOG/check/probed.stock" "$LOG/check/probed.ours"
}

subtest probed probed
kvm_make x86_64
kvm_machine kvm-vmx x86_64
kvm_machine kvm-vmx-no-ept x86_64 --append "$no_ept"
# This one has it; a thread is not preempted as often there, which other cases need. The kernel
# warns of the sizes that its XSAVE has.
without='' cases='bad_input together_step both_step both_step_nested'
kvm_machine kvm-vmx-mtf x86_64 --cpu corei7_icelake_u --append noxsave
kvm_machine kvm-vmx-mtf-no-ept x86_64 --cpu corei7_icelake_u --append "noxsave $no_ept"
subtest costs costs kvm-nothing/writes kvm-host/writes kvm-guest/writes kvm-both/writes \
	kvm-shared/writes kvm-owned/writes kvm-owned-host/writes kvm-host-user/writes kvm-both-user/writes
check_done
