#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Called by dpkg-buildpackage where the kernel's mkdebian has made debian/changelog, whose
# one entry has the same words for every kernel.
set -eu
sed -i "s|^  \* Custom built Linux kernel\.\$|  * Built from $HWBP_ORIGIN|" debian/changelog
grep -q '^  \* Built from' debian/changelog
