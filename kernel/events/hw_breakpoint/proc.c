// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/hw_breakpoints: who has what, for everybody, as far as the reader may know.
 *
 * Who is refused a breakpoint looks here who has them, without debugfs and without privileges.
 * The reader is whoever opened the file; a process that has been given it also sees its own tasks,
 * which ptrace lets it in any case. This is shown
 *
 *	an event of a task	to who may ptrace the task to read, and has it in the
 *				file's PID namespace: its memory and maps are open anyway
 *	an event of a CPU	to the user who opened it, and to who may watch CPUs
 *				(CAP_PERFMON): what a CPU accesses may be anybody's
 *	its opener		to the same user, in the opener's namespace, and with
 *				CAP_PERFMON
 *	a kernel's address	to who may see such in /proc/kallsyms
 *
 * All others are counted, in the last line, where their place tells nothing. Only contexts of
 * which rows are shown are copied: no task is made to wait by a reader who may not know of it.
 */

#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/perf_event.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "internal.h"

/**
 * struct hwbp_proc_reader - somebody who reads the file
 * @cursor: where
 * @viewer: who
 * @ended: the last line has been shown
 */
struct hwbp_proc_reader {
	struct hwbp_cursor	cursor;
	struct hwbp_viewer	viewer;
	bool			ended;
};

static u64 shown_address(const struct hwbp_viewer *viewer, u64 addr)
{
	return addr < TASK_SIZE_MAX || viewer->kernel ? addr : 0;
}

static void show_row(struct seq_file *m, const struct hwbp_viewer *viewer,
		     const struct hwbp_row *row)
{
	const struct hw_breakpoint_holder *holder = &row->holder;

	if (hwbp_knows_opener(&row->opener, viewer)) {
		hwbp_show_name(m, holder->comm);
		seq_printf(m, " %d", hwbp_opener_pid(&row->opener, viewer));
	} else {
		seq_puts(m, "- 0");
	}
	seq_printf(m, " %d %d %s %#llx %llu %s\n", holder->pid, holder->cpu,
		   hwbp_type_name(holder->type), shown_address(viewer, holder->addr), row->len,
		   hwbp_state_name(row->state));
}

#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
static void show_debugger(struct seq_file *m, const struct hwbp_viewer *viewer,
			  const struct hw_breakpoint_debug *bp)
{
	struct hw_breakpoint_aim aim;

	hwbp_debugger_aim(bp, &aim);
	hwbp_show_name(m, bp->owner);
	seq_printf(m, " 0 0 %d %s %#llx %u debugger\n", bp->cpu, hwbp_type_name(aim.type),
		   shown_address(viewer, aim.addr), aim.len);
}

/* What they have on all CPUs is in the list of each, and so of the first. */
static void show_debuggers(struct seq_file *m, const struct hwbp_viewer *viewer)
{
	int cpu = cpumask_first(cpu_possible_mask), i;

	guard(rcu)();
	for (i = 0; i < TYPE_MAX * HWBP_MAX_PER_TYPE; i++) {
		const struct hw_breakpoint_debug *bp =
			hwbp_debugger_at(cpu, i / HWBP_MAX_PER_TYPE, i % HWBP_MAX_PER_TYPE);

		if (bp)
			show_debugger(m, viewer, bp);
	}
}
#else
static void show_debuggers(struct seq_file *m, const struct hwbp_viewer *viewer) { }
#endif

/* By pool: one number where a slot serves both types */
static void show_others(struct seq_file *m, const struct hwbp_cursor *c)
{
	int type;

	seq_puts(m, "# others:");
	for (type = 0; type < TYPE_MAX; type++)
		seq_printf(m, " %u", c->hidden[type]);
	seq_puts(m, "\n");
}

/* The cursor stands for what comes after the last row. */
static void *line_at(struct hwbp_proc_reader *reader)
{
	const struct hwbp_row *row;

	if (reader->ended)
		return NULL;
	row = hwbp_cursor_row(&reader->cursor);
	return row ? (void *)row : &reader->cursor;
}

static void *proc_start(struct seq_file *m, loff_t *pos)
{
	struct hwbp_proc_reader *reader = m->private;

	if (*pos)
		return line_at(reader);
	hwbp_cursor_begin(&reader->cursor);
	reader->ended = false;
	return SEQ_START_TOKEN;
}

static void *proc_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct hwbp_proc_reader *reader = m->private;

	cond_resched();
	++*pos;
	if (v == &reader->cursor)
		reader->ended = true;
	else if (v != SEQ_START_TOKEN)
		hwbp_cursor_advance(&reader->cursor);
	return line_at(reader);
}

static void proc_stop(struct seq_file *m, void *v) { }

static int proc_show(struct seq_file *m, void *v)
{
	const struct hwbp_proc_reader *reader = m->private;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "# opener pid target cpu type addr len state\n");
	} else if (v == &reader->cursor) {
		show_debuggers(m, &reader->viewer);
		show_others(m, &reader->cursor);
	} else {
		show_row(m, &reader->viewer, v);
	}
	return 0;
}

static const struct seq_operations proc_seq_ops = {
	.start	= proc_start,
	.next	= proc_next,
	.stop	= proc_stop,
	.show	= proc_show,
};

static int proc_open(struct inode *inode, struct file *file)
{
	struct hwbp_proc_reader *reader;

	reader = __seq_open_private(file, &proc_seq_ops, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	reader->viewer = (struct hwbp_viewer) {
		.cred	= file->f_cred,
		.ns	= proc_pid_ns(inode->i_sb),
		.all	= perfmon_capable(),
		.kernel	= kallsyms_show_value(file->f_cred),
	};
	reader->cursor.viewer = &reader->viewer;
	return 0;
}

static int proc_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct hwbp_proc_reader *reader = m->private;

	hwbp_cursor_end(&reader->cursor);
	return seq_release_private(inode, file);
}

static const struct proc_ops hwbp_proc_ops = {
	.proc_flags	= PROC_ENTRY_PERMANENT,
	.proc_open	= proc_open,
	.proc_read_iter	= seq_read_iter,
	.proc_lseek	= seq_lseek,
	.proc_release	= proc_release,
};

static int __init hwbp_proc_init(void)
{
	proc_create("hw_breakpoints", 0444, NULL, &hwbp_proc_ops);
	return 0;
}
late_initcall(hwbp_proc_init);
