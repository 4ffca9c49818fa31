#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: x86_64 with lockdep and KASAN: no complaint from KUnit, random reservations, upstream's breakpoints
# needs: ours-x86_64-debug
# packages: base
# limit: 1500
# full: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/debug-cases.sh"

arch=x86_64
debug_cases
