#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs ./test of the tar on the second disk, passes on what it prints and how it ends, as the
# guests' first process does (selftests/hw_breakpoint/qemu/init.c), and powers off.
ports=/dev/virtio-ports
mkdir -p /run/hwbp
cd /run/hwbp || exit
tar -xf /dev/vdb
{
	sh ./test
	echo $? >status
} 2>&1 | tee $ports/output >output
sync
echo "exit $(cat status) $(wc -c <output)" >$ports/verdict
systemctl poweroff
