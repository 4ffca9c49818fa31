#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: upstream's own suites on arm64, stock and ours, VHE and nVHE: nowhere worse
# needs: stock-arm64 ours-arm64
# packages: arm64
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/upstream.sh"

suites=$("$TOP/scripts/suites.sh" arm64)
# all that QEMU knows of, or suites skip their cases
both arm64 upstream-arm64 --cpu max,pauth-impdef=on --
# no VHE: KVM switches the debug registers elsewhere; and another count of them
both arm64 upstream-arm64-nvhe --cpu cortex-a57 -- breakpoints abi kvm
compared upstream-arm64 upstream-arm64-nvhe
