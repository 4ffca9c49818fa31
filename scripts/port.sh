#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# port.sh TREE: which hooks and files still fit an unpacked kernel; scripts/port.py says it.
set -eu
. "$(dirname "$0")/lib.sh"

"$TOP/scripts/packages.sh" base kernel
exec python3 "$TOP/scripts/port.py" "$@"
