#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: our KUnit suites, run when the guest boots
# needs: ours-x86_64 ours-arm64
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

cat >"$CHECK_DIR/results" <<'E2'
#!/bin/sh
cat /sys/kernel/debug/kunit/"$1"/results
E2
chmod +x "$CHECK_DIR/results"

# suite ARCH NAME [KERNEL-OPTION]
suite() {
	_status=0
	guest ours "$1" --timeout 240 --strict --append kunit.enable=1 ${3:+--append "$3"} \
		--append "kunit.filter_glob=$2" "$CHECK_DIR/results" "$2" >"$CHECK_DIR/$2" || _status=1
	cat "$CHECK_DIR/$2"
	grep -q '^ok .* '"$2"'$' "$CHECK_DIR/$2" || _status=1
	return $_status
}

subtest hw_breakpoint_core-x86_64 suite x86_64 hw_breakpoint_core
subtest hw_breakpoint_x86-x86_64 suite x86_64 hw_breakpoint_x86
subtest hw_breakpoint_process-x86_64 suite x86_64 hw_breakpoint_process
subtest hw_breakpoint_wide-x86_64 suite x86_64 hw_breakpoint_wide
subtest hw_breakpoint_debug-x86_64 suite x86_64 hw_breakpoint_debug
subtest hw_breakpoint_core-arm64 suite arm64 hw_breakpoint_core
subtest hw_breakpoint_process-arm64 suite arm64 hw_breakpoint_process
subtest hw_breakpoint_wide-arm64 suite arm64 hw_breakpoint_wide
subtest hw_breakpoint_arm64-arm64 suite arm64 hw_breakpoint_arm64
# a counter's interrupt is an NMI
subtest hw_breakpoint_debug-arm64 suite arm64 hw_breakpoint_debug irqchip.gicv3_pseudo_nmi=1
check_done
