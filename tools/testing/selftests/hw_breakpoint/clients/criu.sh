#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's criu, as KTAP: it restores a process of 100 threads, each of which it stops at a
# breakpoint in hardware.
. ./lib.sh
images=/tmp/images
mkdir -p $images

# show STATUS LOG: why criu did not do it
show() { [ "$1" = 0 ] || grep -v '^([0-9.]*) *\(vdso\|cpu\|type\)' "$2" | tail -n 20; return "$1"; }

# saved: the process is gone, and what it was is in files
saved() {
	rm -f $go
	setsid ./watched threads 100 2 $go >/dev/null 2>&1 </dev/null &
	pid=$!
	wait_for_threads 101
	echo $pid >$images/pid
	criu dump -t $pid -D $images --shell-job -v4 -o dump.log || show $? $images/dump.log
}

# restored REQUEST COUNT: with so many requests to ptrace, and nothing left of them
restored() {
	pid=$(cat $images/pid)
	strace -o $out -e trace=ptrace criu restore -d -D $images --shell-job -v4 -o restore.log ||
		show $? $images/restore.log
	same 'requests for breakpoints' "$(grep -c "$1" $out)" "$2"
	same 'threads without a tracer' "$(cat /proc/"$pid"/task/*/status | grep -c '^TracerPid:.0$')" 101
	perf stat -x, -p "$pid" -e "mem:$alpha:w" -o $images/stat \
		sh -c "touch $go; while [ -d /proc/$pid ]; do sleep 0.1; done"
	same writes "$(awk -F, '/mem:/ { print $1 }' $images/stat)" 200
}

# For each of 101 threads: x86's address, and its control register twice; arm64's registers twice
case $(uname -m) in
aarch64) requests='PTRACE_SETREGSET.*NT_ARM_HW_BREAK' count=202 ;;
*) requests='PTRACE_POKEUSER.*u_debugreg' count=303 ;;
esac
echo 1..2
# what criu probes needs the loopback device
ip link set lo up
one "criu saves 100 threads" saved
one "criu restores them, with breakpoints" restored "$requests" $count
