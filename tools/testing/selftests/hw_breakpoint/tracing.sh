#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a distribution's own trace-cmd and perf make of the tracepoints; inside the guest.
# usage: tracing.sh DISK PROGRAM...
#
# DISK has these tools and all that they need. Each tracepoint is hit while both record. Beside
# what is done here, the PROGRAMs do that, with the words that stand behind them, and so do KUnit's
# suites and the module hwbp_oops.ko. What the tools have printed goes to standard output, as a tar.
events=/sys/kernel/tracing/events/hw_breakpoint
dir=/tmp/tracing
disk=/run/disk

# stock COMMAND...: one of the disk's
stock() { chroot $disk "$@"; }

# while_perf FILE WHOSE ARG...: this script once more, outside of the disk, while perf records
while_perf() {
	# shellcheck disable=SC2086 # words
	stock perf record $2 -m 2048 -e 'hw_breakpoint:*' -o $dir/"$1".data \
		chroot /proc/1/root /payload/tracing.sh "${@:3}" 2>>$dir/perf.err
}

suites() {
	for suite in debug wide; do echo 1 >/sys/kernel/debug/kunit/hw_breakpoint_$suite/run; done
}

rest() {
	# a table is read; an event of a task that exits, of a CPU, one that moves, and one too many
	perf stat -e mem:0x10000:w cat /sys/kernel/debug/hw_breakpoint/holders
	perf stat -C 0 -e mem:0x10000:w true
	perf bench -r 2 breakpoint modify
	# shellcheck disable=SC2046 # words
	perf stat $(printf ' -e mem:%d:w' $(seq 65536 8 66000)) true
	insmod ./hwbp_oops.ko
	echo exit >/sys/module/hwbp_oops/parameters/die
	for program in "$@"; do $program; done
}

# The suites take a CPU down, and perf's events of that CPU, which do not see it hand over what
# it has: the task that does it is recorded, too
cd /payload || exit 1
case $1 in
--all)
	while_perf suites -a --with-the-task
	while_perf rest -a --rest "${@:2}"
	exit ;;
--with-the-task) while_perf task "-t $(pgrep cpuhp/1)" --suites; exit ;;
--suites) suites; exit ;;
--rest) rest "${@:2}" >>$dir/log 2>&1; exit ;;
esac

mkdir $dir $disk
exec 3>&1 >$dir/log 2>&1
mount -o ro "$1" $disk
for d in dev proc sys tmp; do mount --rbind /$d $disk/$d; done
stock trace-cmd record -e hw_breakpoint -b 20000 -o $dir/trace.dat \
	chroot /proc/1/root /payload/tracing.sh --all "${@:2}" >$dir/trace-cmd.err 2>&1
stock trace-cmd report -i $dir/trace.dat >$dir/trace-cmd 2>>$dir/trace-cmd.err
stock trace-cmd check-events >$dir/check-events 2>&1
# On arm64 perf marks as the guest's what the kernel does while it has a vCPU loaded, and perf script
# leaves that out, kvm:kvm_entry of the stock kernel as well, unless it is told of guests
for f in suites task rest; do
	stock perf script --guestkallsyms=/proc/kallsyms -i $dir/$f.data
done >$dir/perf 2>>$dir/perf.err
stock trace-cmd --version | grep -m 1 version >$dir/versions
stock perf version >>$dir/versions
for e in "$events"/hwbp_*; do cp "$e/format" "$dir/format.${e##*/}"; done
rm $dir/*.dat*
tar -cf - -C $dir . >&3
