#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: a debugger in NMIs at any moment, beside events, tracers and guests on all CPUs
# needs: ours-x86_64 ours-arm64
# packages: base kernel arm64
# limit: 2100
# full: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

# of each of four: 100,000 NMIs in all
number=25000
[ -z "${CHECK_FULL:-}" ] || number=250000
tests=$TOP/tools/testing/selftests/hw_breakpoint
beside="soak churn"

# prepare ARCH: the programs and the module, for our kernel
prepare() {
	arch_vars "$1"
	_out=$CHECK_DIR/$1
	mkdir -p "$_out/module"
	cp "$tests"/storm/* "$_out/module/"
	for _programs in "$tests" "$tests/kvm"; do
		make -C "$_programs" CC="${CROSS}gcc" LDFLAGS=-static OUTPUT="$_out" >&2
	done
	make -C "$(kernel_out ours "$1")" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" M="$_out/module" modules >&2
}

# storm ARCH COUNT NUMBER TAKE INTERVAL [EXEC-OPTION...]
storm() {
	_arch=$1 _out=$CHECK_DIR/$1 _count=$2 _number=$3 _take=$4 _interval=$5
	shift 5
	# on arm64 a counter's interrupt is an NMI if the kernel is told so
	[ "$_arch" != arm64 ] || set -- --append irqchip.gicv3_pseudo_nmi=1 "$@"
	for _program in $beside; do set -- --with "$_out/$_program" "$@"; done
	# what takes long on a busy machine is no complaint; what never ends runs out of time
	guest ours "$_arch" --strict --cpus 3 --timeout 700 \
		--append rcupdate.rcu_cpu_stall_timeout=200 \
		--with "$_out/module/hwbp_storm.ko" --with "$tests/storm.sh" "$@" \
		sh storm.sh "$_count" "$_number" "$(date +%s)" take="$_take" interval="$_interval"
}

# inject MONITOR OUTPUT: NMIs from the emulator's monitor while the program runs
inject() {
	until grep -q '^1\.\.' "$2"; do sleep 0.2; done
	python3 - "$1" <<'E2'
import socket, sys, time
monitor = socket.socket(socket.AF_UNIX)
monitor.connect(sys.argv[1])
try:
    while True:
        time.sleep(0.002)
        monitor.sendall(b'nmi\n')
        monitor.recv(65536)
except OSError:
    pass
E2
}

# NMIs from outside alone: apic_extnmi=all lets every CPU have them
from_outside() {
	inject "$CHECK_DIR/monitor" "$CHECK_DIR/out" &
	_injector=$!
	_status=0
	storm x86_64 nmis_from_outside 1000 50 0 --append apic_extnmi=all \
		--qemu -monitor --qemu "unix:$CHECK_DIR/monitor,server,nowait" || _status=$?
	kill "$_injector" 2>/dev/null || :
	return $_status
}

# 2000 NMIs that end the run of a guest: 30,000 or so in all
guests() (
	beside=vmm
	storm x86_64 in_guest 2000 0 500
)

prepare x86_64
subtest free-slots-x86_64 storm x86_64 nmis "$number" 0 500
subtest taken-slots-x86_64 storm x86_64 nmis "$number" 50 500
subtest from-outside-x86_64 from_outside
subtest guests-x86_64 guests
prepare arm64
subtest free-slots-arm64 storm arm64 nmis "$number" 0 500
subtest taken-slots-arm64 storm arm64 nmis "$number" 50 500
check_done
