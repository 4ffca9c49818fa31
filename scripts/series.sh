#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# series.sh DIR: patches for git am onto the pristine kernel; scripts/patches.py makes them.
set -eu
. "$(dirname "$0")/lib.sh"

"$TOP/scripts/packages.sh" base kernel
exec python3 "$TOP/scripts/patches.py" "$@"
