#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: the core's C files in user space, with ASan, UBSan and TSan
# packages: base kernel
# limit: 1500
set -eu
. "$(dirname "$0")/../lib.sh"

# libasan, libubsan and libtsan come with gcc
out=$BUILD/host adapters=$TOP/series/$HWB_SERIES
make -C tools/testing/hw_breakpoint ADAPTERS="$adapters" OUT="$out" all >&2
exec make -s -C tools/testing/hw_breakpoint ADAPTERS="$adapters" OUT="$out" check
