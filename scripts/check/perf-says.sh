#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: what perf says when a breakpoint is refused, on a stock kernel too
# needs: stock-x86_64 ours-x86_64 stock-arm64 ours-arm64
# packages: base arm64
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

for arch in x86_64 arm64; do
	for kernel in ours stock; do
		subtest "$arch-$kernel" guest $kernel $arch --cpus 2 \
			"$TOP/tools/testing/selftests/hw_breakpoint/hwbp/says.sh" $kernel
	done
done
check_done
