#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# check.sh [--full] [--list] [NAME...]: run the tests.
#
# The contract of a test, scripts/check/NAME.sh, a POSIX sh script:
# - comment lines at its top say
#     # about: one line for --list
#     # needs: what is built before it starts: any of stock-x86_64 ours-x86_64
#              stock-arm64 ours-arm64 (kernel, perf and root image of each), the
#              same with -debug after it, perf, trees (the two source trees),
#              clients-x86_64 clients-arm64 nested-x86_64 nested-arm64 (their root
#              images); nothing when the line is missing
#     # packages: groups of scripts/packages.sh it needs
#     # limit: seconds until it is stopped and failed (600)
#     # full: yes      runs only with --full
#     # alone: yes     uses both cores; nothing else runs beside it
# - it begins with
#     set -eu
#     . "$(dirname "$0")/../lib.sh"
#     . "$TOP/scripts/check-lib.sh"
#   and may use the helpers listed in check-lib.sh (check_case, subtest, guest)
# - it runs in the checkout's top folder, two at a time unless it says "alone",
#   with CHECK_FULL=1 under --full, and writes only below build/ and $CHECK_DIR,
#   a folder of its own that is removed at the end
# - standard output is KTAP, or the TAP of a program; anything else goes to
#   standard error. It is kept in build/log/check/NAME.{ktap,err}
# - it failed if a case failed, the KTAP is malformed or short of its plan, no
#   result was printed, the status is not 0 though no case failed, or the time
#   was up
set -eu
. "$(dirname "$0")/lib.sh"

"$TOP/scripts/packages.sh" base
# the KTAP parser is the kernel's own
"$TOP/scripts/source.sh" stock
cd "$TOP"
exec python3 "$TOP/scripts/check.py" "$@"
