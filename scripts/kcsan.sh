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

kcsan_cases() {
	arch_vars "$arch"
	mkdir -p "$CHECK_DIR/bin"
	make -C tools/testing/selftests/hw_breakpoint CC="${CROSS}gcc" LDFLAGS=-static \
		OUTPUT="$CHECK_DIR/bin" >&2
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
	check_done
}
