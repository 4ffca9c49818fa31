#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: x86_64 with KCSAN: no data race of ours in random reservations, a soak and NMIs
# needs: ours-x86_64-kcsan
# packages: base
# limit: 2500
# full: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/kcsan.sh"

arch=x86_64
kcsan_cases
