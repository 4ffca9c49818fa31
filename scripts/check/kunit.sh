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

# suite ARCH NAME: its results as a subtest
suite() {
	_n=$((_n + 1)) _ok=ok
	guest ours "$1" --timeout 240 --strict --append kunit.enable=1 \
		--append "kunit.filter_glob=$2" "$CHECK_DIR/results" "$2" >"$CHECK_DIR/out" ||
		_ok='not ok'
	grep -q '^ok .* '"$2"'$' "$CHECK_DIR/out" || _ok='not ok'
	sed 's/^/    /' "$CHECK_DIR/out"
	echo "$_ok $_n $2-$1"
	[ "$_ok" = ok ] || _failed=1
}

_n=0 _failed=0
echo "KTAP version 1"
echo "1..4"
suite x86_64 hw_breakpoint_core
suite x86_64 hw_breakpoint_x86
suite arm64 hw_breakpoint_core
suite arm64 hw_breakpoint_arm64
exit "$_failed"
