// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/hw_breakpoint: who holds what. Lockless snapshots.
 */

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>

#include "internal.h"

const char *hwbp_type_name(u64 bp_type)
{
	static const char * const names[] = {
		[HW_BREAKPOINT_EMPTY]	= "-",
		[HW_BREAKPOINT_R]	= "r",
		[HW_BREAKPOINT_W]	= "w",
		[HW_BREAKPOINT_RW]	= "rw",
		[HW_BREAKPOINT_X]	= "x",
	};

	return bp_type < ARRAY_SIZE(names) ? names[bp_type] : "?";
}

const char *hwbp_state_name(const struct perf_event *bp)
{
	switch (READ_ONCE(bp->state)) {
	case PERF_EVENT_STATE_ACTIVE:
		return "active";
	case PERF_EVENT_STATE_INACTIVE:
		return "inactive";
	case PERF_EVENT_STATE_OFF:
		return "off";
	default:
		return "dead";
	}
}

/*
 * The task whose registers the event is in now, in the initial namespace, or 0
 * for an event of a CPU or of a task that has exited. Not the one it was opened
 * for: contexts of clones are swapped, and a child has no pid yet when it
 * inherits. The caller holds the RCU read lock and so keeps the context; its
 * lock keeps the task.
 */
pid_t hwbp_event_pid(const struct perf_event *bp)
{
	struct perf_event_context *ctx = READ_ONCE(bp->ctx);
	pid_t pid;

	if (!ctx)
		return 0;
	raw_spin_lock_irq(&ctx->lock);
	/* An exited task has left an error pointer, a CPU's context has none. */
	pid = IS_ERR_OR_NULL(ctx->task) ? 0 : task_pid_nr(ctx->task);
	raw_spin_unlock_irq(&ctx->lock);
	return pid;
}

/* A task may call itself what it likes: no blank or newline forges a column. */
void hwbp_show_opener(struct seq_file *m, const struct perf_event *bp)
{
	seq_escape(m, bp->hw.reservation.comm, " \t\n\\");
}

static int slots_show(struct seq_file *m, void *unused)
{
	hwbp_show_slots(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(slots);

static int holders_show(struct seq_file *m, void *unused)
{
	hwbp_show_holders(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(holders);

static int cpus_show(struct seq_file *m, void *unused)
{
	hwbp_show_cpus(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cpus);

static int __init hwbp_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("hw_breakpoint", NULL);

	debugfs_create_file("slots", 0400, dir, NULL, &slots_fops);
	debugfs_create_file("holders", 0400, dir, NULL, &holders_fops);
	debugfs_create_file("cpus", 0400, dir, NULL, &cpus_fops);
	return 0;
}
late_initcall(hwbp_debugfs_init);
