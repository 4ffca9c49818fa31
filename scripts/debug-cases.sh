# SPDX-License-Identifier: GPL-2.0
# What scripts/check/debug-*.sh share: our kernel with lockdep and KASAN, where any
# complaint of the kernel fails the case. Sourced after check-lib.sh.
# shellcheck shell=sh disable=SC2154

# strictly NAME PROGRAM [ARG...]: one case, in a guest of its own
strictly() {
	_case=$1
	shift
	check_case "$_case" guest ours-debug "$arch" --strict --timeout 500 \
		--append "kunit.enable=1 kunit.filter_glob=hw_breakpoint*" "$@"
}

debug_cases() {
	arch_vars "$arch"
	mkdir -p "$CHECK_DIR/bin"
	make -C tools/testing/selftests/hw_breakpoint CC="${CROSS}gcc" LDFLAGS=-static \
		OUTPUT="$CHECK_DIR/bin" >&2
	cat >"$CHECK_DIR/kunit" <<'EOF'
#!/bin/sh
cat /sys/kernel/debug/kunit/hw_breakpoint*/results
! grep -q '^not ok' /sys/kernel/debug/kunit/hw_breakpoint*/results
EOF
	chmod +x "$CHECK_DIR/kunit"
	strictly kunit "$CHECK_DIR/kunit"
	strictly oracle "$CHECK_DIR/bin/oracle" --steps 2000 --seed "$(date +%s)"
	strictly soak "$CHECK_DIR/bin/soak" --steps 600 --seed "$(date +%s)"
	cat >"$CHECK_DIR/without-memory" <<'EOF'
#!/bin/sh
# First the filter, or what follows fails itself
cd /sys/kernel/debug/failslab && echo 1 >task-filter && echo 2 >probability &&
	echo -1 >times && echo 0 >verbose && echo 0 >ignore-gfp-wait && cd - && exec "$@"
EOF
	chmod +x "$CHECK_DIR/without-memory"
	strictly soak-without-memory --with "$CHECK_DIR/bin/soak" "$CHECK_DIR/without-memory" \
		./soak --steps 600 --seed "$(date +%s)" --failslab
	strictly context_swap "$CHECK_DIR/bin/context_swap"
	strictly task_exec "$CHECK_DIR/bin/task_exec"
	strictly upstream-breakpoints --with "$("$TOP/scripts/suites.sh" "$arch")" \
		bash bin/upstream.sh breakpoints
	check_done
}
