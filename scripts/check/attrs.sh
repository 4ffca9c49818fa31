#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: every combination of breakpoint attributes gets the answer it gets on stock
# needs: stock-x86_64 ours-x86_64 stock-arm64 ours-arm64
# packages: arm64
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

expected=$TOP/tools/testing/selftests/hw_breakpoint/attrs.expected

# --strict: the first warning of the kernel ends it; that a busy host lets the
# guest wait is no fault of its kernel
answers() {
	guest "$1" "$2" --strict --timeout 300 \
		--append rcupdate.rcu_cpu_stall_suppress=1 "$3/attrs" >"$CHECK_DIR/attrs-$2.$1" ||
		say "attrs: the $1 $2 guest ended with status $?"
	cp "$CHECK_DIR/attrs-$2.$1" "$LOG/check/"
}

mkdir -p "$LOG/check"
all=0
echo "KTAP version 1"
echo "1..2"
n=0
for arch in x86_64 arm64; do
	suites=$("$TOP/scripts/suites.sh" "$arch")
	answers stock "$arch" "$suites"
	answers ours "$arch" "$suites"
	n=$((n + 1)) ok=ok
	python3 "$TOP/scripts/attrs.py" "$arch" "$CHECK_DIR/attrs-$arch.stock" \
		"$CHECK_DIR/attrs-$arch.ours" "$expected" >"$CHECK_DIR/compared" ||
		{ ok='not ok' all=1; }
	sed 's/^/    /' "$CHECK_DIR/compared"
	echo "$ok $n attrs-$arch"
done
exit $all
