#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: locks that CPUs wait for while all open and close breakpoints, ours against stock
# needs: stock-x86_64 ours-x86_64 stock-arm64 ours-arm64
# packages: base arm64 statistics
# limit: 3600
# full: yes
#
# What is counted is the tracepoint of every lock's slow path: lock_stat's "contended", but of
# the kernels that are compared anywhere else, and not of ones that lockdep has slowed down.
# All tasks of the guest add to it, so it differs by more than the mean from time to time.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

times=15

cat >"$CHECK_DIR/contend" <<'E2'
#!/bin/sh
# A runner for each CPU, and each opens a breakpoint for a thread that it starts
for i in $(seq "$1"); do
	perf stat -a -x, -o counted -e lock:contention_begin \
		perf bench -r 20 breakpoint thread -p "$(nproc)" -t 1 -b 1 >/dev/null 2>&1 || exit
	grep contention_begin counted || exit
done
E2
chmod +x "$CHECK_DIR/contend"

# contended TREE ARCH CPUS: how often somebody has waited, each time, into a file TREE. With 16
# CPUs all are in one thread of QEMU: as threads of their own those that wait for a lock keep the
# one that has it from running, on a machine with two cores, and a run does not end in minutes.
contended() {
	[ "$3" -lt 16 ] || export HWB_ACCEL=tcg,thread=single
	guest "$1" "$2" --cpus "$3" --timeout 1200 "$CHECK_DIR/contend" $times >"$CHECK_DIR/said" ||
		{ cat "$CHECK_DIR/said" >&2; return 1; }
	awk -F, '/contention_begin/ { print $1 }' "$CHECK_DIR/said" >"$CHECK_DIR/$1"
}

compare() { python3 "$TOP/scripts/contended.py" "$CHECK_DIR/ours" "$CHECK_DIR/stock"; }

# The counts stay in the log, whatever they say.
no_more() {
	contended ours "$1" "$2" && contended stock "$1" "$2" || return
	compare >"$LOG/check/contended-$1-$2" && return
	cat "$LOG/check/contended-$1-$2"
	return 1
}

# More often than stock ever, each time, is more than chance. Ten times as often need not be, where
# one run of stock has ten times as many as another.
more_is_found() {
	most=$(sort -n "$CHECK_DIR/stock" | tail -n 1)
	awk -v most="$most" '{ print most + $1 + 1 }' "$CHECK_DIR/stock" >"$CHECK_DIR/ours"
	! compare
}

for arch in x86_64 arm64; do
	for cpus in 2 8 16; do
		check_case "$arch, $cpus CPUs" no_more $arch $cpus
	done
done
check_case more-is-found more_is_found
check_done
