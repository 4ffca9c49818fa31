#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: shellcheck on our shell scripts
# packages: check
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

for f in run .ci/run scripts/*.sh scripts/check/*.sh; do
	check_case "shellcheck-$f" shellcheck -x -P scripts:scripts/check "$f"
done
check_done
