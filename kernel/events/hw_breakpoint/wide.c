// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints of the kernel on every CPU.
 *
 * Each online CPU has an event. A CPU that is possible but not online has a
 * reservation in its place, so that there is a slot for its event when it comes.
 * What is held for a CPU changes hands under the accounting lock, in either
 * direction: nobody else can take the slot in between.
 *
 *	none		not registered
 *	waiting		CPU down, reservation	register, wide_cpu_down()
 *	watching	CPU up, event		register, wide_cpu_up()
 *
 * An event that is created disabled belongs to a caller who enables each CPU's
 * himself, as kgdb does: it is not carried over to other CPUs.
 */

#define pr_fmt(fmt) "hw-breakpoint: " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/hw_breakpoint.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"

/**
 * struct hwbp_wide_cpu - a wide breakpoint on one CPU
 * @bp: its event, or NULL; first, because callers have a pointer to it
 * @waiting: the reservation of a CPU that is not online
 * @wide: what it is part of
 * @csd: asks this CPU to follow @wide's attributes
 */
struct hwbp_wide_cpu {
	struct perf_event			*bp;
	struct hw_breakpoint_reservation	waiting;
	struct hwbp_wide			*wide;
	call_single_data_t			csd;
};

/**
 * struct hwbp_wide - a breakpoint on every CPU
 * @cpus: its share of each CPU
 * @node: in wide_list
 * @lock: protects @attr, which changes in any context but NMI
 * @attr: what every CPU shall watch
 * @triggered: called at a hit
 * @context: for @triggered
 */
struct hwbp_wide {
	struct hwbp_wide_cpu __percpu	*cpus;
	struct list_head		node;
	raw_spinlock_t			lock;
	struct perf_event_attr		attr;
	perf_overflow_handler_t		triggered;
	void				*context;
};

/* Protects wide_list and what every CPU has. Inside the CPU hotplug lock. */
static DEFINE_MUTEX(wide_mutex);

/* All that follow CPUs. */
static LIST_HEAD(wide_list);

static struct hwbp_wide_cpu *wide_cpu(struct perf_event * __percpu *events,
				      int cpu)
{
	return container_of(per_cpu_ptr(events, cpu), struct hwbp_wide_cpu, bp);
}

static struct perf_event_attr current_attr(struct hwbp_wide *wide)
{
	struct perf_event_attr attr;
	unsigned long flags;

	raw_spin_lock_irqsave(&wide->lock, flags);
	attr = wide->attr;
	raw_spin_unlock_irqrestore(&wide->lock, flags);
	return attr;
}

/* ---- one CPU ---- */

static void follow_ipi(void *info);

/*
 * none or waiting -> watching. After an error waiting stays waiting; or it is none, where
 * perf had an event that took over and could not finish it for want of memory.
 */
static int watch(struct hwbp_wide *wide, int cpu)
{
	struct hwbp_wide_cpu *wc = per_cpu_ptr(wide->cpus, cpu);
	struct perf_event_attr attr = current_attr(wide);
	struct perf_event *bp;

	hwbp_leave_to_next(&wc->waiting);
	bp = perf_event_create_kernel_counter(&attr, cpu, NULL, wide->triggered,
					      wide->context);
	hwbp_leave_to_next(NULL);
	if (IS_ERR(bp))
		return PTR_ERR(bp);
	WRITE_ONCE(wc->bp, bp);
	/* It may have been aimed elsewhere while there was no event to change. */
	smp_call_function_single(cpu, follow_ipi, wc, 1);
	return 0;
}

/* none -> waiting */
static int wait_for_cpu(struct hwbp_wide *wide, int cpu)
{
	return hwbp_reserve_for_cpu(&per_cpu_ptr(wide->cpus, cpu)->waiting, cpu,
				    hwbp_type(wide->attr.bp_type));
}

/* watching or waiting -> none */
static void leave(struct hwbp_wide_cpu *wc)
{
	struct perf_event *bp = wc->bp;

	/* An interrupt of ask_others() may come as late as this. */
	WRITE_ONCE(wc->bp, NULL);
	unregister_hw_breakpoint(bp);
	hwbp_release_reservation(&wc->waiting);
}

/* ---- CPU hotplug ---- */

static void follow_up(struct hwbp_wide *wide, unsigned int cpu)
{
	int err = watch(wide, cpu);

	if (err)
		pr_warn("CPU %u does not watch %#llx: %d\n", cpu,
			wide->attr.bp_addr, err);
}

static int wide_cpu_up(unsigned int cpu)
{
	struct hwbp_wide *wide;

	mutex_lock(&wide_mutex);
	list_for_each_entry(wide, &wide_list, node)
		follow_up(wide, cpu);
	mutex_unlock(&wide_mutex);
	return 0;
}

/* watching -> waiting; an event that never came up waits already */
static void follow_down(struct hwbp_wide_cpu *wc)
{
	struct perf_event *bp = wc->bp;

	if (!bp)
		return;
	WRITE_ONCE(wc->bp, NULL);
	perf_event_disable(bp);
	hwbp_inherit(&wc->waiting, &bp->hw.reservation);
	unregister_hw_breakpoint(bp);
}

static int wide_cpu_down(unsigned int cpu)
{
	struct hwbp_wide *wide;

	mutex_lock(&wide_mutex);
	list_for_each_entry(wide, &wide_list, node)
		follow_down(per_cpu_ptr(wide->cpus, cpu));
	mutex_unlock(&wide_mutex);
	return 0;
}

/* Between perf's own bring-up of the CPU and the first tasks on it. */
static int __init wide_init(void)
{
	int ret = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN,
					    "perf/hw_breakpoint:wide",
					    wide_cpu_up, wide_cpu_down);

	return ret < 0 ? ret : 0;
}
core_initcall(wide_init);

/* ---- re-aiming ---- */

/*
 * The newest attributes, whoever asked: two who change them at the same time
 * leave all CPUs with the same.
 */
static int follow_here(struct hwbp_wide_cpu *wc)
{
	struct perf_event *bp = READ_ONCE(wc->bp);
	struct perf_event_attr attr;

	if (!bp)
		return -ENODEV;
	attr = current_attr(wc->wide);
	return hwbp_change_local(bp, &attr);
}

static void follow_ipi(void *info)
{
	follow_here(info);
}

/* What one CPU can watch every CPU can. */
static int check_aim(struct hwbp_wide_cpu *wc,
		     const struct perf_event_attr *attr)
{
	struct perf_event *bp = READ_ONCE(wc->bp);
	struct arch_hw_breakpoint hw = { };

	return bp ? hwbp_parse_aim(bp, attr, &hw) : -ENODEV;
}

/**
 * modify_wide_hw_breakpoint_local() - re-aim a wide breakpoint on this CPU alone
 * @cpu_events: what register_wide_hw_breakpoint() returned
 * @attr: bp_addr, bp_len and bp_type of it are used
 *
 * The other CPUs go on to watch what they watch. Nothing of this is kept when the
 * CPU goes down.
 *
 * Context: any but NMI, with the CPU pinned; interrupt and kprobe handlers
 * included. Not at the same time as modify_user_hw_breakpoint() of the same event
 * or the unregistration.
 * Return: 0; -EINVAL or -EOPNOTSUPP for what cannot be watched, or another type of
 * slot; -ENODEV if this CPU has no event. After an error the CPU watches what it
 * did.
 */
int modify_wide_hw_breakpoint_local(struct perf_event * __percpu *cpu_events,
				    const struct perf_event_attr *attr)
{
	struct perf_event *bp;
	unsigned long flags;
	int ret;

	local_irq_save(flags);
	bp = *this_cpu_ptr(cpu_events);
	ret = bp ? hwbp_change_local(bp, attr) : -ENODEV;
	local_irq_restore(flags);
	return ret;
}
EXPORT_SYMBOL_GPL(modify_wide_hw_breakpoint_local);

static void aim(struct hwbp_wide *wide, const struct perf_event_attr *attr)
{
	raw_spin_lock(&wide->lock);
	wide->attr.bp_addr = attr->bp_addr;
	wide->attr.bp_len = attr->bp_len;
	wide->attr.bp_type = attr->bp_type;
	raw_spin_unlock(&wide->lock);
}

/*
 * A CPU that has not answered the last call yet will see the new attributes when
 * it does, and one that goes down leaves them to its successor.
 */
static void ask_others(struct hwbp_wide *wide)
{
	int cpu;

	for_each_online_cpu(cpu) {
		if (cpu != smp_processor_id())
			smp_call_function_single_async(cpu,
						       &per_cpu_ptr(wide->cpus, cpu)->csd);
	}
}

/**
 * modify_wide_hw_breakpoint() - re-aim a wide breakpoint on all CPUs
 * @cpu_events: what register_wide_hw_breakpoint() returned
 * @attr: bp_addr, bp_len and bp_type of it are used
 *
 * This CPU watches the new address at return, the others as soon as they take an
 * interrupt; CPUs that come up later start with it. Every hit until then is for
 * the old address. Of two calls at the same time one wins, on all CPUs.
 *
 * Context: any but NMI; interrupt and kprobe handlers included. Not at the same
 * time as the unregistration.
 * Return: 0; -EINVAL or -EOPNOTSUPP for what cannot be watched, or another type of
 * slot; -ENODEV on a CPU that is about to go down. After an error nothing has
 * changed.
 */
int modify_wide_hw_breakpoint(struct perf_event * __percpu *cpu_events,
			      const struct perf_event_attr *attr)
{
	struct hwbp_wide_cpu *wc;
	unsigned long flags;
	int err;

	local_irq_save(flags);
	wc = wide_cpu(cpu_events, smp_processor_id());
	err = check_aim(wc, attr);
	if (!err) {
		aim(wc->wide, attr);
		follow_here(wc);
		ask_others(wc->wide);
	}
	local_irq_restore(flags);
	return err;
}
EXPORT_SYMBOL_GPL(modify_wide_hw_breakpoint);

/* ---- registration ---- */

static struct hwbp_wide *new_wide(const struct perf_event_attr *attr,
				  perf_overflow_handler_t triggered, void *context)
{
	struct hwbp_wide *wide = kzalloc(sizeof(*wide), GFP_KERNEL);
	int cpu;

	if (!wide)
		return NULL;
	wide->cpus = alloc_percpu(struct hwbp_wide_cpu);
	if (!wide->cpus) {
		kfree(wide);
		return NULL;
	}
	raw_spin_lock_init(&wide->lock);
	INIT_LIST_HEAD(&wide->node);
	wide->attr = *attr;
	wide->triggered = triggered;
	wide->context = context;
	for_each_possible_cpu(cpu) {
		struct hwbp_wide_cpu *wc = per_cpu_ptr(wide->cpus, cpu);

		wc->wide = wide;
		INIT_CSD(&wc->csd, follow_ipi, wc);
	}
	return wide;
}

static int watch_all(struct hwbp_wide *wide)
{
	int cpu, err;

	for_each_possible_cpu(cpu) {
		if (cpu_online(cpu))
			err = watch(wide, cpu);
		else
			err = wide->attr.disabled ? 0 : wait_for_cpu(wide, cpu);
		if (err)
			return err;
	}
	return 0;
}

static void leave_all(struct hwbp_wide *wide)
{
	int cpu;

	for_each_possible_cpu(cpu)
		leave(per_cpu_ptr(wide->cpus, cpu));
}

/* No call of ask_others() is on its way any more: a CPU takes them in order. */
static void free_wide(struct hwbp_wide *wide)
{
	kick_all_cpus_sync();
	free_percpu(wide->cpus);
	kfree(wide);
}

/**
 * register_wide_hw_breakpoint_cpuslocked() - set a breakpoint on every CPU
 * @attr: attributes, see hw_breakpoint_init()
 * @triggered: called at a hit, in the context of the exception
 * @context: for @triggered
 *
 * Context: as register_wide_hw_breakpoint(), but the caller holds the CPU hotplug
 * lock for reading.
 * Return: as register_wide_hw_breakpoint().
 */
struct perf_event * __percpu *
register_wide_hw_breakpoint_cpuslocked(struct perf_event_attr *attr,
				       perf_overflow_handler_t triggered,
				       void *context)
{
	struct hwbp_wide *wide = new_wide(attr, triggered, context);
	int err;

	lockdep_assert_cpus_held();
	if (!wide)
		return (void __percpu __force *)ERR_PTR(-ENOMEM);

	mutex_lock(&wide_mutex);
	err = watch_all(wide);
	if (err)
		leave_all(wide);
	else if (!attr->disabled)
		list_add_tail(&wide->node, &wide_list);
	mutex_unlock(&wide_mutex);

	if (!err)
		return &wide->cpus->bp;
	free_wide(wide);
	return (void __percpu __force *)ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(register_wide_hw_breakpoint_cpuslocked);

/**
 * register_wide_hw_breakpoint() - set a breakpoint on every CPU
 * @attr: attributes, see hw_breakpoint_init()
 * @triggered: called at a hit, in the context of the exception
 * @context: for @triggered
 *
 * CPUs that come up later have it too, unless it is created disabled: a slot of
 * every possible CPU is held from now on.
 *
 * Context: task context, may sleep; takes the CPU hotplug lock for reading.
 * Return: an event for each CPU that is online, NULL for others; or an error
 * pointer, and then no CPU has it.
 */
struct perf_event * __percpu *
register_wide_hw_breakpoint(struct perf_event_attr *attr,
			    perf_overflow_handler_t triggered, void *context)
{
	struct perf_event * __percpu *events;

	cpus_read_lock();
	events = register_wide_hw_breakpoint_cpuslocked(attr, triggered, context);
	cpus_read_unlock();
	return events;
}
EXPORT_SYMBOL_GPL(register_wide_hw_breakpoint);

/**
 * unregister_wide_hw_breakpoint_cpuslocked() - remove it from every CPU
 * @cpu_events: what the registration returned
 *
 * Context: task context, may sleep; the caller holds the CPU hotplug lock for
 * reading.
 */
void
unregister_wide_hw_breakpoint_cpuslocked(struct perf_event * __percpu *cpu_events)
{
	struct hwbp_wide *wide = wide_cpu(cpu_events, cpumask_first(cpu_possible_mask))->wide;

	lockdep_assert_cpus_held();
	mutex_lock(&wide_mutex);
	list_del_init(&wide->node);
	leave_all(wide);
	mutex_unlock(&wide_mutex);
	free_wide(wide);
}
EXPORT_SYMBOL_GPL(unregister_wide_hw_breakpoint_cpuslocked);

/**
 * unregister_wide_hw_breakpoint() - remove a breakpoint from every CPU
 * @cpu_events: what register_wide_hw_breakpoint() returned
 *
 * Context: task context, may sleep; takes the CPU hotplug lock for reading.
 */
void unregister_wide_hw_breakpoint(struct perf_event * __percpu *cpu_events)
{
	cpus_read_lock();
	unregister_wide_hw_breakpoint_cpuslocked(cpu_events);
	cpus_read_unlock();
}
EXPORT_SYMBOL_GPL(unregister_wide_hw_breakpoint);
