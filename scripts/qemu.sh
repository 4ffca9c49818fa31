#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# qemu.sh: see that a QEMU of at least 9.1 is there; prints nothing.
# Debian 12's own 7.2 loses breakpoints across nested SVM entries. What the
# machine lacks is unpacked into build/qemu and run from there.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/apt.sh"
. "$TOP/scripts/qemu-run.sh"

fetch_qemu() {
	if qemu_good; then return 0; fi
	private_apt host
	suite=
	dpkg --compare-versions "$(apt_version qemu-system-x86)" ge 1:9.1 ||
		suite="-t $(codename)-backports"
	need_space 1500
	# shellcheck disable=SC2086
	apt_get qemu-system-x86 qemu-system-arm $suite
	rm -rf "$QEMU_ROOT" "$QEMU_ROOT.new"
	mkdir -p "$QEMU_ROOT.new"
	apt_unpack "$QEMU_ROOT.new" || die "cannot unpack QEMU below $COMMON: is the disk full?"
	mv "$QEMU_ROOT.new" "$QEMU_ROOT"
	qemu_good && return
	(qemu_run x86_64 --version) >&2 || :
	die "QEMU is missing or older than 9.1, and Debian's $(codename) and its backports gave no newer one: install qemu-system-x86 and qemu-system-arm >= 9.1"
}

locked qemu fetch_qemu
