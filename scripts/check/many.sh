#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: guests with 16 and 64 CPUs: KUnit, random reservations, and what operations take there
# needs: ours-x86_64 ours-arm64
# packages: base arm64 bench
# limit: 5400
# full: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/bench-lib.sh"

most=64
export HWB_MEMORY=4096
# With a thread for each CPU QEMU takes minutes on a machine with two, and once the guest's kernel
# has died at the second byte of a jump label, in sched_clock_idle_wakeup_event(). With one thread
# no CPU executes what another is patching.
# shellcheck disable=SC2031 # the other one is of a subshell of bench-lib.sh
export HWB_ACCEL=tcg,thread=single

cat >"$CHECK_DIR/results" <<'E2'
#!/bin/sh
nproc
cat /sys/kernel/debug/kunit/hw_breakpoint*/results
! grep -q '^not ok' /sys/kernel/debug/kunit/hw_breakpoint*/results
E2
chmod +x "$CHECK_DIR/results"

# kunit ARCH: all suites on all CPUs
kunit() {
	guest ours "$1" --cpus $most --timeout 1500 --append kunit.enable=1 \
		--append 'kunit.filter_glob=hw_breakpoint*' "$CHECK_DIR/results" >"$CHECK_DIR/printed" || {
		cat "$CHECK_DIR/printed"
		return 1
	}
	grep -x $most "$CHECK_DIR/printed" && grep -c '^ok .* hw_breakpoint' "$CHECK_DIR/printed"
}

oracle() {
	arch_vars "$1"
	mkdir -p "$CHECK_DIR/$1"
	make -C tools/testing/selftests/hw_breakpoint CC="${CROSS}gcc" LDFLAGS=-static \
		OUTPUT="$CHECK_DIR/$1" >&2
	guest ours "$1" --cpus $most --timeout 1500 "$CHECK_DIR/$1/oracle" --steps 5000 \
		--seed "$(date +%s)"
}

# flat ARCH: no operation takes more of the layer's instructions with more CPUs; KTAP
flat() {
	for bench_cpus in 2 16 $most; do
		bench_count ours "$1" "$CHECK_DIR/$1-ours-$bench_cpus.csv" -n 20 events >&2
	done
	python3 "$TOP/scripts/bench_flat.py" "$CHECK_DIR/$1-ours-2.csv" "$CHECK_DIR/$1-ours-16.csv" \
		"$CHECK_DIR/$1-ours-$most.csv"
}

bench_make x86_64 arm64
for arch in x86_64 arm64; do
	check_case "kunit-$arch" kunit $arch
	subtest "oracle-$arch" oracle $arch
	subtest "flat-$arch" flat $arch
done
check_done
