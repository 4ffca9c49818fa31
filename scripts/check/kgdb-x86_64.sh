#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: hardware breakpoints of a real gdb on x86_64, and kgdb's own tests, stock and ours side by side
# needs: stock-x86_64 ours-x86_64
# packages: gdb
# limit: 2000
# full: yes
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/gdb-line.sh"

arch=x86_64
. "$TOP/scripts/kgdb-cases.sh"
kgdb_cases
