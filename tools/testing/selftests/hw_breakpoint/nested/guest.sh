#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the guest that is debugged: perf and gdb, which have breakpoints of their own in ./counter,
# while what they run comes by those that its debugger has in the kernel.
# usage: guest.sh ALPHA BETA ROUNDS WRITES; or guest.sh --rounds ROUNDS WRITES

# The kernel writes the second byte of a name of this length once
rounds() {
	for ((i = 1; i <= $1; i++)); do
		hostname "h$i-of-a-guest"
		domainname "d$i"
		./counter "$2" >/dev/null
	done
}

if [ "$1" = --rounds ]; then
	rounds "$2" "$3"
	exit
fi
# here its debugger sets the others
hostname h0-of-a-guest
perf stat -x, -o /tmp/stat -e "mem:$1:w" -e "mem:$2:w" -- "$0" --rounds "$3" "$4"
gdb -q -batch -nx -x own.py ./counter >/tmp/gdb 2>&1
# and here it ends
hostname he-of-a-guest
awk -F, -v e="mem:$1:w" 'index($3, e) { print "alpha", $1 }' /tmp/stat
awk -F, -v e="mem:$2:w" 'index($3, e) { print "beta", $1 }' /tmp/stat
cat /tmp/gdb
