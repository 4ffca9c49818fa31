#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: ours alone, booted once on each architecture: KUnit, random reservations, defects of stock, attributes
# needs: ours-x86_64 ours-arm64
# packages: base kernel arm64
# limit: 1200
# full: yes
#
# For a series of kernels of which there is no time to try everything. Whether stock has these
# defects, and gives these answers, is compared elsewhere.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

tests=$TOP/tools/testing/selftests/hw_breakpoint
common="context_swap task_exit task_exec modify restart side_by_side probed oracle answers process"

suites() {
	echo "hw_breakpoint_core hw_breakpoint_debug hw_breakpoint_process hw_breakpoint_wide"
	case $1 in x86_64) echo hw_breakpoint_x86 ;; arm64) echo hw_breakpoint_arm64 ;; esac
}

programs() {
	echo "$common"
	case $1 in x86_64) echo x86_ptrace ;; arm64) echo arm64_words arm64_tracer arm64_signal ;; esac
}

# Each part under its name. With a word: without what the emulator's x86 cannot do
cat >"$CHECK_DIR/all" <<'E2'
#!/bin/sh
cd "$(dirname "$0")"
for d in /sys/kernel/debug/kunit/hw_breakpoint*; do
	echo "=== ${d##*/}"
	cat "$d/results"
done
for p in $(cat programs); do
	echo "=== $p"
	case $p in
	oracle) set -- --steps 5000 --seed "$(cat seed)" ;;
	probed) set -- $([ "$(uname -m)" = aarch64 ] || echo breakpoints) ;;
	*) set -- ;;
	esac
	timeout 120 ./$p "$@" || echo "# $p: status $?"
done
echo "=== attrs"
./attrs
E2
chmod +x "$CHECK_DIR/all"

# boot ARCH: what it prints, into $CHECK_DIR/ARCH.NAME for each part
boot() {
	arch_vars "$1"
	_bin=$CHECK_DIR/$1
	mkdir -p "$_bin"
	make -C "$tests" CC="${CROSS}gcc" LDFLAGS=-static OUTPUT="$_bin" >&2
	"${CROSS}gcc" -O2 -Wall -Wextra -static -o "$_bin/attrs" "$tests/attrs.c" >&2
	programs "$1" | xargs >"$_bin/programs"
	date +%s >"$_bin/seed"
	set -- "$1" --strict --timeout 900 --append kunit.enable=1 \
		--append 'kunit.filter_glob=hw_breakpoint*' --append irqchip.gicv3_pseudo_nmi=1 \
		--append rcupdate.rcu_cpu_stall_suppress=1
	for _p in $(programs "$1") attrs programs seed; do set -- "$@" --with "$_bin/$_p"; done
	_ended=0
	guest ours "$@" "$CHECK_DIR/all" >"$LOG/check/once-$1.printed" || _ended=$?
	awk -v to="$CHECK_DIR/$1." '$1 == "===" { file = to $2; next } file { print > file }' \
		"$LOG/check/once-$1.printed"
	return $_ended
}

# part FILE: its own KTAP, which is there
part() {
	cat "$1" && ! grep -q '^not ok' "$1"
}

mkdir -p "$LOG/check"
for arch in x86_64 arm64; do
	check_case "boots-$arch" boot $arch
	for name in $(suites $arch) $(programs $arch); do
		subtest "$name-$arch" part "$CHECK_DIR/$arch.$name"
	done
	check_case "attrs-$arch" grep -x '# the end' "$CHECK_DIR/$arch.attrs"
done
check_done
