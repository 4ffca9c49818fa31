#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The guest's side of kdb.py: does what is to be seen, and stops itself after each part.
cd "$(dirname "$0")" || exit 1
stop() { echo g >/proc/sysrq-trigger; }
parameter=/sys/module/kgdboc/parameters/kgdboc

# What debuggers have claimed of all CPUs goes into kernel.panic, as -1 - n
without_kgdboc() {
	line=$(cat $parameter)
	echo >$parameter
	./kgdb_touch rounds 1
	claims=$(awk '!/^#/ { n += $6 } END { print 1 + n }' /sys/kernel/debug/hw_breakpoint/cpus)
	echo "-$claims" >/proc/sys/kernel/panic
	echo "$line" >$parameter
}

./kgdb_touch rounds 5
stop
./kgdb_touch in-turn writes 5
stop
./kgdb_touch rounds 1
stop
./kgdb_touch rounds 1
stop
without_kgdboc
stop
./kgdb_touch rounds 1
stop
