#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: arm64 with lockdep and KASAN: no complaint from KUnit, random reservations, upstream's breakpoints
# needs: ours-arm64-debug
# packages: base arm64
# limit: 1500
# full: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/debug-cases.sh"

arch=arm64
debug_cases
