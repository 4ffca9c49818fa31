#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: upstream's own suites on x86_64, stock and ours: nowhere worse
# needs: stock-x86_64 ours-x86_64
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/upstream.sh"

suites=$("$TOP/scripts/suites.sh" x86_64)
both x86_64 upstream-x86_64 --
compared upstream-x86_64
