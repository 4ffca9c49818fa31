#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# demo.sh [--stock]: show the layer at work with perf and gdb in a guest.
# On the stock kernel, which has no table of slots, it fails at that point.
set -eu
. "$(dirname "$0")/lib.sh"

flags=
case ${1:-} in
--stock) flags=--stock; shift ;;
esac
[ $# = 0 ] || usage_error "demo takes no argument '$1'"
demo=$TOP/tools/testing/selftests/hw_breakpoint/demo
counter=$BUILD/demo/counter
start=$(date +%s)

compile() {
	mkdir -p "$BUILD/demo"
	gcc -g -O1 -Wall -static -no-pie -o "$counter" "$demo/counter.c"
}

# address SYMBOL: the program is not relocated, so the linker's word holds
address() { printf '0x%x\n' "0x$(nm "$counter" | awk -v s="$1" '$3 == s { print $1 }')"; }

"$TOP/scripts/packages.sh" base
step "$LOG/demo.log" "compiling the program to watch" compile
status=0
# shellcheck disable=SC2086
"$TOP/scripts/exec.sh" $flags --with "$counter" "$demo/guest.sh" "$(address alpha)" \
	"$(address beta)" "$(address gamma_)" "$(address delta)" "$(address epsilon)" || status=$?
if [ "$status" = 0 ]; then
	say "demo: everything shown was right ($(($(date +%s) - start)) s)"
else
	say "demo: not everything was right (status $status)"
fi
exit "$status"
