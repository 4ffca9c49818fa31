// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of a breakpoint that may be live.
 *
 * A change is atomic: a hit counts for the old setting or for the new one, there
 * is no moment between the two, and whatever can fail fails before anything has
 * changed.
 *
 * States of an event:
 *
 *	steady		hw.info and the attributes are what is or will be installed
 *	prepared	reservation->next has been checked, and a slot of the other pool is
 *			reserved if it needs one
 *
 *	steady		-> prepared	hwbp_prepare()
 *	prepared	-> steady	hwbp_cancel()
 *	prepared	-> steady	hwbp_apply()
 *
 * The new setting replaces the old one under the lock of the event's context.
 * perf installs and uninstalls the event under the same lock, so it is on one CPU
 * or on none meanwhile. If it is on one, that CPU makes the change with interrupts
 * off: no program runs there that could hit.
 *
 * An event that is inherited is prepared with all its copies before any of them
 * changes; perf's child_mutex keeps them together. A copy that a fork is about to make
 * is not among them yet, and holds nothing. Under the hold of that lock that makes it one
 * of them it becomes what the original is, and reserves a slot of that type, see
 * hw_breakpoint_join().
 */

#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"

/* ---- prepare ---- */

/*
 * The attributes that may change during a breakpoint's life. The tables in debugfs
 * read them at any time.
 */
static void copy_mutable(struct perf_event_attr *to,
			 const struct perf_event_attr *from)
{
	WRITE_ONCE(to->bp_addr, from->bp_addr);
	WRITE_ONCE(to->bp_len, from->bp_len);
	WRITE_ONCE(to->bp_type, from->bp_type);
	to->disabled = from->disabled;
}
NOKPROBE_SYMBOL(copy_mutable);

/* All bits set of what perf and we can change. */
static const struct perf_event_attr mutable = {
	.bp_addr = ~0ULL, .bp_len = ~0ULL, .bp_type = ~0U, .disabled = 1, .sig_data = ~0ULL,
};

/* True if @attr asks for no other change of @bp than perf and we can make. */
static bool only_mutable_differ(const struct perf_event *bp,
				const struct perf_event_attr *attr)
{
	const u64 *is = (const u64 *)&bp->attr, *wanted = (const u64 *)attr;
	const u64 *may = (const u64 *)&mutable;
	u64 differ = 0;
	size_t i;

	static_assert(sizeof(*attr) % sizeof(u64) == 0);
	/* Unrolled, words that may change entirely are not looked at: 116 instructions saved. */
#pragma GCC unroll 32
	for (i = 0; i < sizeof(*attr) / sizeof(u64); i++)
		differ |= (is[i] ^ wanted[i]) & ~may[i];
	return !differ;
}

/**
 * hwbp_prepare() - do all of a change that can fail
 * @bp: event that no other change is being made of
 * @attr: what it shall be
 *
 * steady -> prepared
 *
 * Context: task context; may sleep if slots of another type are needed.
 * Return: 0; as hwbp_parse(); -ENOSPC when the slots of another type are taken.
 * After an error nothing has changed.
 */
int hwbp_prepare(struct perf_event *bp, const struct perf_event_attr *attr)
{
	int err;

	hwbp_reservation(bp)->next = (struct arch_hw_breakpoint) { };
	err = hwbp_parse(bp, attr, &hwbp_reservation(bp)->next);
	if (!err)
		err = hwbp_prepare_move(bp, hwbp_type(attr->bp_type));
	hwbp_reservation(bp)->prepared = !err;
	if (!err)
		return 0;
	trace_hwbp_modify(bp, err);
	return hwbp_refused(err);
}

/*
 * prepared -> steady
 *
 * As it was before.
 */
static void hwbp_cancel(struct perf_event *bp)
{
	if (!hwbp_reservation(bp)->prepared)
		return;
	hwbp_cancel_move(bp);
	hwbp_reservation(bp)->prepared = false;
}

static int prepare_children(struct perf_event *parent,
			    const struct perf_event_attr *attr)
{
	struct perf_event *child;
	int err;

	list_for_each_entry(child, &parent->child_list, child_list) {
		err = hwbp_prepare(child, attr);
		if (err)
			return err;
	}
	return 0;
}

static void cancel_children(struct perf_event *parent)
{
	struct perf_event *child;

	list_for_each_entry(child, &parent->child_list, child_list)
		hwbp_cancel(child);
}

/**
 * hw_breakpoint_prepare() - check a change of an event and all its copies
 * @bp: the event, not inherited itself
 * @attr: what all of them shall be
 *
 * After success modify_user_hw_breakpoint_check() cannot fail for any of them,
 * and has to be called for each.
 *
 * Context: task context; perf holds bp->child_mutex.
 * Return: 0; -EINVAL if @attr differs in what cannot change; as hwbp_prepare().
 * After an error nothing has changed.
 */
int hw_breakpoint_prepare(struct perf_event *bp,
			  const struct perf_event_attr *attr)
{
	int err;

	lockdep_assert_held(&bp->child_mutex);
	if (!only_mutable_differ(bp, attr)) {
		trace_hwbp_modify(bp, -EINVAL);
		return hwbp_refused(-EINVAL);
	}
	err = hwbp_prepare(bp, attr);
	if (!err)
		err = prepare_children(bp, attr);
	if (err) {
		cancel_children(bp);
		hwbp_cancel(bp);
	}
	return err;
}

/* ---- apply ---- */

/**
 * struct setting_change - a change that the CPU is asked to make on which an event runs
 * @bp: the event
 * @attr: what it shall be
 * @next: what hw_breakpoint_arch_parse() made of that
 * @done: that CPU has made it
 */
struct setting_change {
	struct perf_event		*bp;
	const struct perf_event_attr	*attr;
	const struct arch_hw_breakpoint	*next;
	bool				done;
};

static nokprobe_inline void adopt(struct setting_change *c)
{
	copy_mutable(&c->bp->attr, c->attr);
	hwbp_adopt(c->bp, c->next);
	c->done = true;
}

static void change_here(void *info)
{
	struct setting_change *c = info;
	raw_spinlock_t *lock = &c->bp->ctx->lock;
	unsigned long flags;

	raw_spin_lock_irqsave(lock, flags);
	if (c->bp->oncpu == -1 || c->bp->oncpu == smp_processor_id())
		adopt(c);
	raw_spin_unlock_irqrestore(lock, flags);
}

/* The event may run on another CPU by the time that this one gets the interrupt. */
static void change_there(struct setting_change *c)
{
	int cpu = READ_ONCE(c->bp->oncpu);

	if (cpu >= 0)
		smp_call_function_single(cpu, change_here, c, 1);
}

/**
 * hwbp_apply() - make a change that has been prepared
 * @bp: event
 * @attr: what hwbp_prepare() was called with
 *
 * prepared -> steady
 *
 * With the new setting.
 *
 * Context: task context; with interrupts off only for an event of the current
 * task or one that does not run.
 */
void hwbp_apply(struct perf_event *bp, const struct perf_event_attr *attr)
{
	struct setting_change c = { .bp = bp, .attr = attr, .next = &hwbp_reservation(bp)->next };

	change_here(&c);
	while (!c.done) {
		change_there(&c);
		if (!c.done)
			change_here(&c);
	}
	hwbp_finish_move(bp);
	hwbp_reservation(bp)->prepared = false;
	trace_hwbp_modify(bp, 0);
}

/* ---- copies that a fork makes ---- */

/*
 * perf has copied the attributes, perhaps while they were changed: the address may be
 * new and the length old, and the two may not even fit.
 *
 * What was checked for the task that the original is for stands for the copy, too. That
 * task may have executed a program of another word size since, and a fork is not the
 * place to say that its addresses are nobody's there. An architecture without a back end
 * may keep the state of a step in hw.info, which is none of the copy's: it parses anew.
 */
static int copy_parent(struct perf_event *bp)
{
	struct perf_event *parent = bp->parent;
	struct arch_hw_breakpoint hw;

	lockdep_assert_held(&parent->child_mutex);
	copy_mutable(&bp->attr, &parent->attr);
	bp->attr.sig_data = parent->attr.sig_data;
	if (!IS_ENABLED(CONFIG_HAVE_HW_BREAKPOINT_BACKEND))
		return register_perf_hw_breakpoint(bp);
	/* the address of its last hit, which a back end may keep there, is not looked at */
	hw = data_race(parent->hw.info);
	hwbp_set_info(bp, &hw);
	return 0;
}

/**
 * hw_breakpoint_join() - an inherited event is about to be one of its original's copies
 * @bp: event that is attached, holds nothing and runs nowhere
 *
 * @bp becomes what the original is, and reserves a slot of that type. From now on each change
 * of the original is made of @bp, too.
 *
 * The context that forks holds a slot for the original or for a copy of it, and as long as
 * perf holds the lock that one is of the same type: so what the new context comes to hold
 * some context may hold anyway, and there is room.
 *
 * Context: task context, may sleep; perf holds the child_mutex of the original.
 * Return: 0; as hwbp_reserve(); without a back end as register_perf_hw_breakpoint(), too.
 * After an error @bp must not join.
 */
int hw_breakpoint_join(struct perf_event *bp)
{
	int err = copy_parent(bp);

	if (err)
		trace_hwbp_reserve(bp, err);
	/* a copy of an event of a process holds nothing: the original does */
	return err || hwbp_is_of_process(bp) ? err : hwbp_reserve(bp);
}

/**
 * hwbp_change_local() - re-aim an event of this CPU
 * @bp: event of this CPU and no task
 * @attr: what it shall watch, with slots of the same type; no other attribute is
 *	looked at
 *
 * Takes no lock: the caller may have interrupted perf on this CPU with any of perf's locks held.
 * perf does not touch the event's slot with interrupts on. The handler of a kprobe may make
 * another such call in the middle of this one. Then the event may have some of either setting, and
 * the caller has to call again.
 *
 * Context: any but NMI, with interrupts off. The caller sees to it that nobody
 * else changes the event.
 * Return: 0; as hwbp_parse_aim(), and then nothing has changed.
 */
int hwbp_change_local(struct perf_event *bp, const struct perf_event_attr *attr)
{
	struct perf_event_attr merged = bp->attr;
	struct arch_hw_breakpoint next = { };
	struct setting_change c = { .bp = bp, .attr = &merged, .next = &next };
	int err;

	lockdep_assert_irqs_disabled();
	err = hwbp_parse_aim(bp, attr, &next);
	if (!err) {
		merged.bp_addr = attr->bp_addr;
		merged.bp_len = attr->bp_len;
		merged.bp_type = attr->bp_type;
		adopt(&c);
	}
	trace_hwbp_modify(bp, err);
	return err;
}
