#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: perf test's entries for breakpoints and perf bench's, each with its result on stock and ours
# needs: stock-x86_64 ours-x86_64 stock-arm64 ours-arm64
# packages: arm64
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

# In the guest, with perf's shell tests beside it. Of 10000 hits "Breakpoint overflow sampling" may
# lose one in the emulator, as upstream.sh says: more than one try.
cat >"$CHECK_DIR/all" <<'E2'
#!/bin/bash
for _ in 1 2 3; do
	out=$(perf test breakpoint sigtrap 'perf hwbp' 2>&1)
	case $out in *FAILED!*) echo "# once more after:"; echo "$out" | sed 's/^/# /' ;; *) break ;; esac
done
echo "$out"
case $out in *FAILED!*) perf test -v breakpoint sigtrap 'perf hwbp' 2>&1 | sed 's/^/# /' ;; esac
E2
chmod +x "$CHECK_DIR/all"

run_all() {
	guest "$1" "$2" --cpus 2 --timeout 400 --with "$TOP/tools/perf/tests" "$CHECK_DIR/all" \
		>"$CHECK_DIR/$1-$2"
}

# result TREE ARCH ENTRY RESULT: it is among the lines that perf test has printed
result() {
	cat "$CHECK_DIR/$1-$2"
	grep -qE "^ *[0-9]+: $3 +: $4\$" "$CHECK_DIR/$1-$2"
}

# results TREE ARCH
results() {
	case $1-$2 in
	ours-*) slots=Ok hwbp=Ok signals=Ok ;;
	*) slots='Skip \(sysfs has no number of breakpoints\)' hwbp=Skip signals=Ok ;;
	esac
	[ "$1-$2" != stock-arm64 ] || signals=Skip
	check_case "$1-$2-runs" run_all "$1" "$2"
	check_case "$1-$2-overflow-signal" result "$1" "$2" 'Breakpoint overflow signal handler' "$signals"
	check_case "$1-$2-overflow-sampling" result "$1" "$2" 'Breakpoint overflow sampling' "$signals"
	check_case "$1-$2-sigtrap" result "$1" "$2" Sigtrap "$signals"
	check_case "$1-$2-accounting" result "$1" "$2" 'Breakpoint accounting' Ok
	check_case "$1-$2-slots" result "$1" "$2" 'Breakpoint slots' "$slots"
	check_case "$1-$2-hwbp" result "$1" "$2" 'perf hwbp tests' "$hwbp"
	check_case "$1-$2-bench" result "$1" "$2" 'perf bench breakpoint tests' Ok
}

for arch in x86_64 arm64; do
	results stock $arch
	results ours $arch
done
check_done
