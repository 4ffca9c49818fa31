#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kgdb's own tests (drivers/misc/kgdbts.c) with this kernel, as KTAP. The last of them
# needs somebody who forks. They are not run at boot: its breakpoints could not be
# removed once the kernel's code is read-only. Cases whose names end in ", control" do
# without hardware breakpoints.
ended='Unregistered I/O driver kgdbts'
dmesg -C
echo V1F100I100 >/sys/module/kgdbts/parameters/kgdbts
for ((i = 0; i < 600; i++)); do
	! dmesg | grep -q "$ended" || break
	(sleep 0.05)
done

dmesg | awk -v ended="$ended" '
	function result(name, passed) { print (passed ? "ok " : "not ok ") ++n " " name }
	function passed(name) { return (name in ran) && !(name in failed) }
	BEGIN { print "KTAP version 1\n1..9" }
	/kgdbts:RUN singlestep \[/ || /kgdbts:RUN \.\.\./ { next }
	/kgdbts:RUN / {
		name = $0
		sub(/.*kgdbts:RUN /, "", name)
		sub(/ [0-9]+ iterations/, "", name)
		ran[name]
	}
	/kgdbts: (ERROR|BP mismatch|SingleStep failed|failed)/ { failed[name]; print "# " $0 }
	index($0, ended) { over = 1 }
	END {
		result("hw breakpoint test", passed("hw breakpoint test"))
		result("hw write breakpoint test", passed("hw write breakpoint test"))
		result("access write breakpoint test", passed("access write breakpoint test"))
		result("plant and detach test, control", passed("plant and detach test"))
		result("sw breakpoint test, control", passed("sw breakpoint test"))
		result("bad memory access test, control", passed("bad memory access test"))
		result("singlestep test, control", passed("singlestep test"))
		result("kernel_clone for 100 breakpoints, control", passed("kernel_clone for 100 breakpoints"))
		result("ran to its end, control", over)
	}'
