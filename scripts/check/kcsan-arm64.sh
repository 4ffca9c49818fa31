#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: arm64 with KCSAN: no data race of ours in random reservations, a soak and NMIs
# needs: ours-arm64-kcsan
# packages: base arm64
# limit: 2500
# full: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/kcsan.sh"

arch=arm64
kcsan_cases
