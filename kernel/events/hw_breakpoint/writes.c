// SPDX-License-Identifier: GPL-2.0
/*
 * How many slots' registers are written on each CPU, and how many writes are spared, while
 * somebody wants it counted.
 *
 * Counted from the tracepoints, which are in the way of every switch of tasks already: while
 * nobody counts, that way has no instruction more.
 *
 * States:
 *
 *	idle		nobody counts			idle -> counting: start_counting()
 *	counting	each CPU adds to its own	counting -> idle: stop_counting()
 */

#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/kprobes.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"

/* Each CPU adds to its own, interrupts off or in an NMI; anybody reads. */
DEFINE_PER_CPU(struct hwbp_writes, hwbp_writes);

/* Protects @counting, and the tracepoints' calls of what is below. */
static DEFINE_MUTEX(counting_lock);
static bool counting;	/* the calls are there */

static void count_asked(void *unused, struct perf_event *bp, int slot)
{
	this_cpu_inc(hwbp_writes.asked);
}
NOKPROBE_SYMBOL(count_asked);

/*
 * A slot that is taken or given back may have to be written. What an NMI on this CPU does in the
 * middle of this is counted once, with its own or with that of the CPU that it has interrupted.
 */
static void count_commit(void *unused, u32 live, u32 written, u64 master)
{
	unsigned long asked = this_cpu_xchg(hwbp_writes.asked, 0);
	unsigned int n = hweight32(written);

	this_cpu_inc(hwbp_writes.commits);
	this_cpu_add(hwbp_writes.written, n);
	if (asked > n)
		this_cpu_add(hwbp_writes.spared, asked - n);
}
NOKPROBE_SYMBOL(count_commit);

/*
 * idle -> counting
 *
 * Commits first, and last when it ends: so @asked is never more than what one commit is for.
 */
static int start_counting(void)
{
	int err = register_trace_hwbp_commit(count_commit, NULL);

	if (err)
		return err;
	err = register_trace_hwbp_install(count_asked, NULL);
	if (err)
		goto commit;
	err = register_trace_hwbp_uninstall(count_asked, NULL);
	if (err)
		goto install;
	WRITE_ONCE(counting, true);
	return 0;

install:
	unregister_trace_hwbp_install(count_asked, NULL);
commit:
	unregister_trace_hwbp_commit(count_commit, NULL);
	return err;
}

/* counting -> idle */
static void stop_counting(void)
{
	WRITE_ONCE(counting, false);
	unregister_trace_hwbp_uninstall(count_asked, NULL);
	unregister_trace_hwbp_install(count_asked, NULL);
	unregister_trace_hwbp_commit(count_commit, NULL);
}

/**
 * hwbp_count_writes() - count what is written to registers from now on, or no longer
 * @on: which
 *
 * What has been counted stays.
 *
 * Context: task context; takes counting_lock.
 * Return: 0, or what the tracepoints answer: without CONFIG_TRACEPOINTS -ENOSYS.
 */
int hwbp_count_writes(bool on)
{
	guard(mutex)(&counting_lock);
	if (on == counting)
		return 0;
	if (on)
		return start_counting();
	stop_counting();
	return 0;
}

/**
 * hwbp_counts_writes() - whether it is counted
 *
 * Context: any.
 * Return: true while it is.
 */
bool hwbp_counts_writes(void)
{
	return READ_ONCE(counting);
}
