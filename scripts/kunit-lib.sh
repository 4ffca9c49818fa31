# SPDX-License-Identifier: GPL-2.0
# KUnit in a kernel that ./run build knows nothing of. Sourced after check-lib.sh.
# shellcheck shell=sh
#
#   passes_kunit IMAGE   boots it with $arch' root image, which is there; the results of our
#                        suites are printed and in $CHECK_DIR/suites
. "$TOP/scripts/qemu-run.sh"
. "$TOP/scripts/guest.sh"

cat >"$CHECK_DIR/results" <<'E2'
#!/bin/sh
cat /sys/kernel/debug/kunit/hw_breakpoint*/results
E2
chmod +x "$CHECK_DIR/results"

# shellcheck disable=SC2034,SC2154 # guest.sh reads these; who calls has set arch
passes_kunit() {
	dir=$(mktemp -d "$CHECK_DIR/guest.XXXXXX") || return 1
	cpus=2 model='' limit=900 strict=1
	append='kunit.enable=1 kunit.filter_glob=hw_breakpoint*'
	# a counter's interrupt is an NMI
	[ "$arch" != arm64 ] || append="$append irqchip.gicv3_pseudo_nmi=1"
	: >"$dir/with"
	: >"$dir/qemu-args"
	cp "$1" "$dir/kernel" && make_payload "$CHECK_DIR/results" || return 1
	(boot_payload && report_verdict) >"$CHECK_DIR/suites" || { cat "$CHECK_DIR/suites"; return 1; }
	cat "$CHECK_DIR/suites"
	! grep -q 'not ok' "$CHECK_DIR/suites"
}
