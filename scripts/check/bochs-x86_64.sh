#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: what QEMU's debug registers get wrong, in Bochs: words side by side, stock and ours
# needs: stock-x86_64 ours-x86_64
# packages: base bochs
# limit: 900
# full: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

make -C tools/testing/selftests/hw_breakpoint LDFLAGS=-static OUTPUT="$CHECK_DIR" >&2
subtest side-by-side-stock "$TOP/scripts/bochs.sh" --stock "$CHECK_DIR/side_by_side"
subtest side-by-side-ours "$TOP/scripts/bochs.sh" --strict "$CHECK_DIR/side_by_side"
check_done
