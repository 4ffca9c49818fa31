#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# hotplug.sh MODULE: a breakpoint of all CPUs is on those that come later, too.
# The module is module/hwbp_client.ko.
cpu1=/sys/devices/system/cpu/cpu1/online
client=/sys/module/hwbp_client/parameters

# hits_on_cpu1 N NAME: 100 writes there, 100 hits
hits_on_cpu1() {
	before=$(cat $client/hits)
	taskset -c 1 sh -c "echo 100 >$client/write"
	hits=$(($(cat $client/hits) - before))
	echo "# $hits hits of 100 writes"
	[ $hits = 100 ] || printf 'not '
	echo "ok $1 $2"
}

echo "KTAP version 1"
[ -w $cpu1 ] || { echo "1..0 # SKIP needs a second CPU"; exit 4; }
echo 1..2
echo 0 >$cpu1
insmod "$1" || { echo "Bail out! insmod"; exit 1; }
echo 1 >$cpu1
hits_on_cpu1 1 "a CPU that comes online after the registration"
rmmod hwbp_client
insmod "$1"
echo 0 >$cpu1
echo 1 >$cpu1
hits_on_cpu1 2 "a CPU that goes offline and comes back"
rmmod hwbp_client
