// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/hw_breakpoint: who has what.
 *
 * Snapshots; nothing is written that tasks or CPUs read. Of the layer's locks only those of
 * tasks' accounts are taken, one at a time, see hwbp_visit_account(): who opens or closes an
 * event of that context waits until its rows have been copied. However many CPUs and events
 * there are, the steps between two calls of cond_resched() are bounded, and a section of RCU
 * is for one row.
 */

#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <trace/events/hw_breakpoint.h>

#include "internal.h"
#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
#include "slots.h"
#endif

/* ---- columns ---- */

/*
 * An address as whoever opened the table may see it, by kptr_restrict and
 * perf_event_paranoid as in /proc/kallsyms. Those of user space tell how it is laid out,
 * too.
 */
static u64 shown_address(const struct seq_file *m, u64 addr)
{
	return kallsyms_show_value(m->file->f_cred) ? addr : 0;
}

/* ---- what is in the slots ---- */

#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
/*
 * Return: the number, in the initial namespace, of the task whose registers the event is in now, or
 * of the process; 0 for an event of a CPU, or of a task that has exited. The event may have been opened for another
 * task: perf swaps the contexts of clones, and a child has no pid yet when it inherits. The
 * caller's RCU read lock keeps the context from being freed, and ctx->lock keeps the task.
 */
static pid_t event_pid(const struct perf_event *bp)
{
	struct perf_event_context *ctx = READ_ONCE(bp->ctx);
	struct hw_breakpoint_holder holder;
	pid_t pid;

	if (!ctx)
		return 0;
	if (hwbp_is_of_process(bp)) {
		hwbp_holder(bp, &holder);
		return holder.pid;
	}
	raw_spin_lock_irq(&ctx->lock);
	/* An exited task has left an error pointer, a CPU's context has none. */
	pid = IS_ERR_OR_NULL(ctx->task) ? 0 : task_pid_nr(ctx->task);
	raw_spin_unlock_irq(&ctx->lock);
	return pid;
}

static bool is_listed(const struct hw_breakpoint_debug *bp, int cpu)
{
	int type, i;

	for (type = 0; type < TYPE_MAX; type++) {
		for (i = 0; i < HWBP_MAX_PER_TYPE; i++) {
			if (hwbp_debugger_at(cpu, type, i) == bp)
				return true;
		}
	}
	return false;
}

/*
 * The debugger's breakpoint may be freed once the CPU has taken the slot back, so it is read only
 * if it is in the list, too. Where the slot has never been a debugger's before, the pointer may
 * still be NULL here.
 */
static void show_debugger(struct seq_file *m, int cpu, int slot)
{
	struct hw_breakpoint_debug *bp = READ_ONCE(per_cpu(hwbp_cpu, cpu).debugger[slot]);
	struct hw_breakpoint_aim aim;

	if (!bp || !is_listed(bp, cpu) || !hwbp_debugger_aim(bp, &aim)) {
		seq_printf(m, "%d %d - - - - leaving\n", cpu, slot);
		return;
	}
	seq_printf(m, "%d %d %s %#llx %u %s debugger\n", cpu, slot,
		   hwbp_type_name(aim.type), shown_address(m, aim.addr), aim.len,
		   bp->owner);
}

static void show_slot(struct seq_file *m, int cpu, int slot)
{
	struct perf_event *bp;

	guard(rcu)();
	/* owner:B, pairs with owner:A */
	bp = READ_ONCE(per_cpu(hwbp_cpu, cpu).owner[slot]);
	if (READ_ONCE(per_cpu(hwbp_cpu, cpu).placed) & BIT(slot)) {
		show_debugger(m, cpu, slot);
		return;
	}
	if (!bp) {
		seq_printf(m, "%d %d - - - - free\n", cpu, slot);
		return;
	}
	seq_printf(m, "%d %d %s %#llx %llu ", cpu, slot,
		   hwbp_type_name(READ_ONCE(bp->attr.bp_type)),
		   shown_address(m, READ_ONCE(bp->attr.bp_addr)),
		   READ_ONCE(bp->attr.bp_len));
	hwbp_show_name(m, hwbp_reservation(bp)->comm);
	seq_printf(m, ">%d %s\n", event_pid(bp), hwbp_state_name(READ_ONCE(bp->state)));
}

static void show_slots(struct seq_file *m, unsigned int row)
{
	int cpu = row / HWBP_NR_SLOTS, slot = row % HWBP_NR_SLOTS;

	if (cpu_online(cpu) && hwbp_all_slots() & BIT(slot))
		show_slot(m, cpu, slot);
}

/* How often hw_breakpoint_heal() had something to do */
static void show_healed(struct seq_file *m, unsigned int cpu)
{
	if (cpu_possible(cpu))
		seq_printf(m, "%u %u\n", cpu, READ_ONCE(per_cpu(hwbp_cpu, cpu).healed));
}

/* How often slots rested for longer than an instruction */
static void show_unwatched(struct seq_file *m, unsigned int cpu)
{
	if (cpu_possible(cpu))
		seq_printf(m, "%u %lu\n", cpu, READ_ONCE(per_cpu(hwbp_cpu, cpu).unwatched));
}
#endif /* CONFIG_HAVE_HW_BREAKPOINT_BACKEND */

/* ---- what has happened ---- */

#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
static void show_slot_counts(struct seq_file *m, unsigned int cpu)
{
	const struct hwbp_cpu *c = per_cpu_ptr(&hwbp_cpu, cpu);

	seq_printf(m, "%u %lu %lu", cpu, READ_ONCE(c->loans), READ_ONCE(c->taken));
}

static void show_writes(struct seq_file *m, unsigned int cpu)
{
	const struct hwbp_writes *w = per_cpu_ptr(&hwbp_writes, cpu);

	if (cpu_possible(cpu))
		seq_printf(m, "%u %lu %lu %lu\n", cpu, READ_ONCE(w->commits),
			   READ_ONCE(w->written), READ_ONCE(w->spared));
}

/* The file that starts and stops the count of these */
static int get_counting(void *unused, u64 *val)
{
	*val = hwbp_counts_writes();
	return 0;
}

static int set_counting(void *unused, u64 val)
{
	return val > 1 ? -EINVAL : hwbp_count_writes(val);
}

DEFINE_DEBUGFS_ATTRIBUTE(counting_fops, get_counting, set_counting, "%llu\n");
#else
/* Nobody lends or takes slots there. */
static void show_slot_counts(struct seq_file *m, unsigned int cpu)
{
	seq_printf(m, "%u - -", cpu);
}
#endif

static void show_counts(struct seq_file *m, unsigned int cpu)
{
	int i;

	if (!cpu_possible(cpu))
		return;
	show_slot_counts(m, cpu);
	for (i = 0; i < HWBP_REASONS; i++)
		seq_printf(m, " %lu", READ_ONCE(per_cpu(hwbp_refusals, cpu).n[i]));
	seq_puts(m, "\n");
}

/* ---- what has been reserved ---- */

/**
 * struct hwbp_table_reader - somebody who reads a table by CPU
 * @table: the table
 * @anywhere: the most that one context's events hold that run on any CPU, by type
 */
struct hwbp_table_reader {
	const struct hwbp_table	*table;
	unsigned int		anywhere[TYPE_MAX];
};

/* Once for all rows, since this sums up the tallies of all CPUs */
static void count_anywhere(struct hwbp_table_reader *reader)
{
	int type;

	for (type = 0; type < TYPE_MAX; type++)
		reader->anywhere[type] = hwbp_level_held(HWBP_ANYWHERE, type);
}

/* The most that one context holds on a CPU */
static unsigned int largest_on(const struct hwbp_table_reader *reader, int cpu, int type)
{
	unsigned int anywhere = reader->anywhere[type];

	if (hwbp_level_assumed(cpu, type) <= anywhere)
		return anywhere;
	return max(anywhere, hwbp_level_held(cpu, type));
}

/* What is reserved on a CPU, and of how many. Debuggers may have taken what perf has. */
static void show_cpu(struct seq_file *m, unsigned int row)
{
	int cpu = row / TYPE_MAX, type = row % TYPE_MAX;
	unsigned int slots = hwbp_capacity(type), pinned, tasks, claims;
	const struct hwbp_cpu_account *ca;

	if (!cpu_possible(cpu))
		return;
	ca = hwbp_cpu_account(cpu, type);
	pinned = READ_ONCE(ca->pinned);
	tasks = largest_on(m->private, cpu, type);
	claims = hwbp_nr_claims(atomic64_read(&ca->claims));
	seq_printf(m, "%d %d %u %u %u %u %u\n", cpu, type, slots, pinned, tasks, claims,
		   slots - min(pinned + tasks + claims, slots));
}

/* ---- tables with a row for each CPU, or more ---- */

/**
 * struct hwbp_table - a table by CPU
 * @name: its file
 * @head: its first line
 * @rows: how many rows there are for each CPU
 * @show: prints a row, or nothing
 * @begin: called before the first row, or NULL
 */
struct hwbp_table {
	const char	*name;
	const char	*head;
	unsigned int	rows;
	void		(*show)(struct seq_file *m, unsigned int row);
	void		(*begin)(struct hwbp_table_reader *reader);
};

static const struct hwbp_table tables[] = {
#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
	{ "slots", "# cpu slot type addr len owner state", HWBP_NR_SLOTS, show_slots },
	{ "healed", "# cpu healed", 1, show_healed },
	{ "unwatched", "# cpu times", 1, show_unwatched },
	{ "writes", "# cpu commits written spared", 1, show_writes },
#else
	{ "slots", "# this architecture keeps its slots to itself" },
	{ "healed", "# cpu healed" },
	{ "unwatched", "# cpu times" },
	{ "writes", "# cpu commits written spared" },
#endif
	{ "counts", "# cpu loans taken no-slot no-memory invalid denied unsupported other", 1,
	  show_counts },
	{ "cpus", "# cpu pool slots cpu-events largest-task debuggers free", TYPE_MAX, show_cpu,
	  count_anywhere },
};

static void *table_at(const struct hwbp_table *table, loff_t *pos)
{
	return *pos <= (loff_t)table->rows * nr_cpu_ids ? pos : NULL;
}

/* Position 0 is the head. */
static void *table_start(struct seq_file *m, loff_t *pos)
{
	struct hwbp_table_reader *reader = m->private;

	if (!*pos && reader->table->begin)
		reader->table->begin(reader);
	return table_at(reader->table, pos);
}

/* There may be many CPUs in a row that show nothing, so this lets others run. */
static void *table_next(struct seq_file *m, void *v, loff_t *pos)
{
	const struct hwbp_table_reader *reader = m->private;

	cond_resched();
	++*pos;
	return table_at(reader->table, pos);
}

static void table_stop(struct seq_file *m, void *v) { }

static int table_show(struct seq_file *m, void *v)
{
	const struct hwbp_table_reader *reader = m->private;
	const loff_t *pos = v;

	if (*pos)
		reader->table->show(m, *pos - 1);
	else
		seq_printf(m, "%s\n", reader->table->head);
	return 0;
}

static const struct seq_operations table_ops = {
	.start	= table_start,
	.next	= table_next,
	.stop	= table_stop,
	.show	= table_show,
};

static int table_open(struct inode *inode, struct file *file)
{
	struct hwbp_table_reader *reader;

	reader = __seq_open_private(file, &table_ops, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	reader->table = inode->i_private;
	return 0;
}

static const struct file_operations table_fops = {
	.owner		= THIS_MODULE,
	.open		= table_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= seq_release_private,
};

/* ---- the table of holders ---- */

/* From the beginning, or from where it was left: at the entry that is to be shown next. */
static void *holders_start(struct seq_file *m, loff_t *pos)
{
	struct hwbp_cursor *c = m->private;

	if (*pos)
		return (void *)hwbp_cursor_row(c);
	hwbp_cursor_begin(c);
	return SEQ_START_TOKEN;
}

static void *holders_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct hwbp_cursor *c = m->private;

	cond_resched();
	++*pos;
	if (v != SEQ_START_TOKEN)
		hwbp_cursor_advance(c);
	return (void *)hwbp_cursor_row(c);
}

static int holders_show(struct seq_file *m, void *v)
{
	const struct hwbp_row *row = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "# opener target cpu type addr len state\n");
		return 0;
	}
	hwbp_show_name(m, row->holder.comm);
	seq_printf(m, " %d %d %s %#llx %llu %s\n", row->holder.pid, row->holder.cpu,
		   hwbp_type_name(row->holder.type), shown_address(m, row->holder.addr), row->len,
		   hwbp_state_name(row->state));
	trace_hwbp_held(&row->holder, row->id, row->len, row->on_cpu, row->slot);
	return 0;
}

static const struct seq_operations holders_ops = {
	.start	= holders_start,
	.next	= holders_next,
	.stop	= table_stop,
	.show	= holders_show,
};

static int holders_open(struct inode *inode, struct file *file)
{
	return seq_open_private(file, &holders_ops, sizeof(struct hwbp_cursor));
}

static int holders_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	hwbp_cursor_end(m->private);
	return seq_release_private(inode, file);
}

static const struct file_operations holders_fops = {
	.owner		= THIS_MODULE,
	.open		= holders_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= holders_release,
};

static int __init hwbp_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("hw_breakpoint", NULL);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		debugfs_create_file(tables[i].name, 0400, dir, (void *)&tables[i], &table_fops);
	debugfs_create_file("holders", 0400, dir, NULL, &holders_fops);
#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
	debugfs_create_file_unsafe("count_writes", 0600, dir, NULL, &counting_fops);
#endif
	return 0;
}
late_initcall(hwbp_debugfs_init);
