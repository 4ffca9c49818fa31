// SPDX-License-Identifier: GPL-2.0
/*
 * An event for another thread, and a debugger's watchpoint in it, in a system
 * where many threads have a breakpoint each, as under a recorder such as rr.
 */
#include <stdio.h>
#include <sys/ioctl.h>

#include "bench.h"

static long word;

static const char *of(const char *name, int n)
{
	static char full[17];

	snprintf(full, sizeof(full), "%s@%d", name, n);
	return full;
}

static void event_once(const struct crowd *crowd, pid_t tid)
{
	struct perf_event_attr attr;
	int fd;

	watch_attr(&attr, &word);
	op_begin(of("create", crowd->n));
	fd = bp_open_attr(&attr, tid, -1);
	op_end();
	errno = -fd;
	if (fd < 0)
		fail("create");
	attr.bp_addr += 8;
	op_begin(of("modify", crowd->n));
	if (ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr))
		fail("modify");
	op_end();
	op_begin(of("close", crowd->n));
	close(fd);
	op_end();
}

static void trace(const struct crowd *crowd, pid_t tid)
{
	int i;

	tracee_stop(tid);
	tracee_set(tid);
	for (i = 1; i <= repeats; i++) {
		op_begin(of("ptrace", crowd->n));
		tracee_move(tid, i);
		op_end();
	}
	tracee_clear(tid);
}

void bench_threads(int n)
{
	struct crowd crowd;
	int i;

	pin(0);
	crowd_start(&crowd, n < 1 ? 1 : n);
	/* all over the crowd, in no order of its own */
	for (i = 0; i < repeats; i++)
		event_once(&crowd, crowd.tids[i * 7919L % crowd.n]);
	trace(&crowd, crowd.tids[crowd.n / 2]);
	crowd_end(&crowd);
}
