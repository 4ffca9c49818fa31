#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: locks that CPUs wait for while all open and close breakpoints, ours against stock
# needs: stock-x86_64-debug ours-x86_64-debug stock-arm64-debug ours-arm64-debug
# packages: base arm64
# limit: 3600
# full: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

# How often it is measured; the least counts: other tasks only add to it
times=3

cat >"$CHECK_DIR/contend" <<'E2'
#!/bin/sh
# A runner for each CPU, and each opens a breakpoint for a thread that it starts
run() { perf bench -r "$1" breakpoint thread -p "$(nproc)" -t 1 -b 1 >/dev/null 2>&1; }
run 1 || exit
for i in $(seq "$1"); do
	echo 0 >/proc/lock_stat
	run 20 || exit
	# after the name: how often a lock that was waited for had come from another CPU, and
	# how often it was waited for
	sed -n 's/^ .*:  *[0-9][0-9]*  *\([0-9][0-9]*\)  *[0-9].*\..*/\1/p' /proc/lock_stat |
		awk '{ sum += $1 } END { print "contended", sum + 0 }'
done
E2
chmod +x "$CHECK_DIR/contend"

# contended TREE ARCH CPUS: the least number
contended() {
	guest "$1-debug" "$2" --cpus "$3" --timeout 1200 "$CHECK_DIR/contend" $times >"$CHECK_DIR/said" ||
		{ cat "$CHECK_DIR/said" >&2; return 1; }
	awk '/^contended/ && (!n++ || $2 < least) { least = $2 } END { print least; exit n < 1 }' \
		"$CHECK_DIR/said"
}

no_more() {
	ours=$(contended ours "$1" "$2") && stock=$(contended stock "$1" "$2") &&
		echo "ours waited $ours times, stock $stock" && [ "$stock" -gt 0 ] && [ "$ours" -le "$stock" ]
}

for arch in x86_64 arm64; do
	for cpus in 2 8 16; do
		check_case "$arch, $cpus CPUs" no_more $arch $cpus
	done
done
check_done
