# SPDX-License-Identifier: GPL-2.0
# What scripts/check/kcsan-*.sh share: our kernel with KCSAN. It finds races of others
# too; a report that names one of our functions fails the case. Sourced after
# check-lib.sh, with $arch set.
# shellcheck shell=sh disable=SC2154

# races NAME PROGRAM [ARG...]: one case, in a guest of its own
races() {
	_case=$1
	shift
	check_case "$_case" guest ours-kcsan "$arch" --timeout 900 --with "$CHECK_DIR/bin/soak" \
		--with "$CHECK_DIR/bin/oracle" "$CHECK_DIR/watched" "$@"
}

# storm NUMBER: a debugger in so many NMIs, that also takes slots; see storm.sh
storm() {
	_module=$CHECK_DIR/module
	mkdir -p "$_module"
	cp "$tests"/storm/* "$_module/"
	make -C "$(kernel_out ours-kcsan "$arch")" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" M="$_module" modules >&2
	set -- sh storm.sh nmis "$1" "$(date +%s)" take=30 interval=2000
	check_case storm guest ours-kcsan "$arch" --timeout 900 --cpus 3 \
		--append "rcupdate.rcu_cpu_stall_timeout=200 irqchip.gicv3_pseudo_nmi=1" \
		--with "$CHECK_DIR/bin/soak" --with "$CHECK_DIR/bin/churn" \
		--with "$_module/hwbp_storm.ko" --with "$tests/storm.sh" "$CHECK_DIR/watched" "$@"
}

kcsan_cases() {
	arch_vars "$arch"
	tests=$TOP/tools/testing/selftests/hw_breakpoint
	mkdir -p "$CHECK_DIR/bin"
	make -C "$tests" CC="${CROSS}gcc" LDFLAGS=-static OUTPUT="$CHECK_DIR/bin" >&2
	cat >"$CHECK_DIR/watched" <<'EOF'
#!/bin/sh
# KCSAN says at boot that it is there
dmesg | grep -q 'kcsan: enabled' || { echo 'KCSAN does not run'; exit 1; }
"$@" || exit
dmesg | grep 'BUG: KCSAN' | sort | uniq -c
! dmesg | grep 'BUG: KCSAN.*\(hwbp\|hw_breakpoint\|kgdb_hw\)'
EOF
	chmod +x "$CHECK_DIR/watched"
	races oracle ./oracle --steps 2000 --seed "$(date +%s)"
	races soak ./soak --steps 600 --seed "$(date +%s)"
	storm 3000
	check_done
}
