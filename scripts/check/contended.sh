#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: locks that CPUs wait for while all open and close breakpoints, ours against stock
# needs: stock-x86_64 ours-x86_64 stock-arm64 ours-arm64
# packages: base arm64
# limit: 3600
# full: yes
#
# What is counted is the tracepoint of every lock's slow path: lock_stat's "contended", but of
# the kernels that are compared anywhere else, and not of ones that lockdep has slowed down.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

# How often it is measured; the least counts: other tasks only add to it
times=5

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

# contended TREE ARCH CPUS: how often somebody has waited, each time, the least first
contended() {
	guest "$1" "$2" --cpus "$3" --timeout 1200 "$CHECK_DIR/contend" $times >"$CHECK_DIR/said" ||
		{ cat "$CHECK_DIR/said" >&2; return 1; }
	awk -F, '/contention_begin/ { print $1 }' "$CHECK_DIR/said" | sort -n | xargs
}

no_more() {
	ours=$(contended ours "$1" "$2") && stock=$(contended stock "$1" "$2") &&
		echo "ours waited $ours times, stock $stock" && [ "${stock%% *}" -gt 0 ] &&
		[ "${ours%% *}" -le "${stock%% *}" ]
}

for arch in x86_64 arm64; do
	for cpus in 2 8 16; do
		check_case "$arch, $cpus CPUs" no_more $arch $cpus
	done
done
check_done
