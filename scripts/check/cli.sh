#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: ./run refuses wrong words with status 2
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

refuses() {
	_got=0
	./run "$@" >"$CHECK_DIR/printed" 2>&1 || _got=$?
	cat "$CHECK_DIR/printed"
	[ "$_got" = 2 ] && [ -s "$CHECK_DIR/printed" ]
}

helps() { ./run "$@" | grep -q '^usage: ./run'; }

check_case help helps --help
check_case no-command refuses
check_case unknown-command refuses frobnicate
check_case build-unknown-option refuses build --fast
check_case build-unknown-arch refuses build --arch vax
check_case build-argument refuses build everything
check_case bench-unknown-arch refuses bench --arch vax
check_case bench-bad-number refuses bench --runs many
check_case exec-without-program refuses exec
check_case exec-missing-file refuses exec ./no/such/file
check_case exec-bad-number refuses exec --cpus many true
check_case shell-argument refuses shell ls
check_case debug-unknown-option refuses debug --fast
check_case debug-unknown-arch refuses debug --arch vax
check_case debug-bad-number refuses debug --cpus many
check_case debug-argument refuses debug vmlinux
check_case check-unknown-name refuses check no-such-check
check_done
