// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints of the kernel on every CPU.
 *
 * Each online CPU has an event. A CPU that is possible but not online has a
 * reservation in the event's place, so that there is a slot for the event when the CPU comes
 * up. The event takes the reservation over and gives it back when the CPU goes down, either
 * under hwbp_raise_lock: nobody else can take the slot in between.
 *
 *	none		not registered
 *	waiting		CPU down, reservation	wait_for_cpu(), from none;
 *						follow_down(), from watching
 *	watching	CPU up, event		watch(), from either
 *	none					leave(), from either
 *
 * The task that registers or unregisters the breakpoint makes these changes, or the hotplug
 * thread of the CPU that comes or goes; wide_mutex lets one at a time.
 *
 * Events that are created disabled belong to a caller that enables each CPU's by itself, as
 * kgdb of an architecture without a back end does: CPUs that come up later get none.
 *
 * What the CPUs shall watch, the aim, is changed by a call of modify_wide_hw_breakpoint() in
 * any context: in the middle of another such call on the same CPU, and beside calls on other
 * CPUs. So no call waits for another, and none takes a lock. An aim is
 *
 *	said		in a cell of the calling CPU that no other call uses and
 *			nobody reads					say()
 *	newest		named by one word, which the calling CPU exchanges by
 *			one atomic operation				publish()
 *	followed	what a CPU's event watches; that CPU does it itself,
 *			with interrupts off				follow_here()
 *
 * No call writes a cell that the word names. The CPU that follows copies the cell and then
 * looks whether the word still names it. If another call on that CPU has followed in the
 * middle of this, the CPU starts again when that call is over.
 */

#define pr_fmt(fmt) "hw-breakpoint: " fmt

#include <linux/atomic.h>
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/cleanup.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/hw_breakpoint.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"

/*
 * A word that names an aim: the CPU that has said it, the number of its cell there, and how
 * many aims of all CPUs there have been, this one included.
 */
#define CELL_BITS	3
#define CELLS		BIT(CELL_BITS)
#define CPU_BITS	(ilog2(NR_CPUS) + 1)
#define WORD_CELL	GENMASK(CELL_BITS - 1, 0)
#define WORD_CPU	GENMASK(CPU_BITS + CELL_BITS - 1, CELL_BITS)
#define WORD_AIMS	GENMASK(BITS_PER_LONG - 1, CPU_BITS + CELL_BITS)

/* Names none: there is no such CPU. */
#define NO_AIM		(~0UL)

/**
 * struct wide_aim - what a call of modify_wide_hw_breakpoint() or its _local() says
 * @addr: perf_event_attr::bp_addr
 * @len: perf_event_attr::bp_len
 * @type: perf_event_attr::bp_type
 */
struct wide_aim {
	u64	addr;
	u64	len;
	u32	type;
};

/**
 * struct hwbp_wide_cpu - a wide breakpoint on one CPU
 * @bp: its event, or NULL; first, because callers have a pointer to it
 * @waiting: the reservation of a CPU that is not online
 * @wide: the breakpoint
 * @said: cells for the aims that calls on this CPU say
 * @saying: a bit for each cell whose call is not over
 * @calls: how many aims the calls on this CPU have said
 * @local: names an aim that was said for this CPU alone, or NO_AIM
 * @followed: names the newest aim of all CPUs when this CPU last looked; NO_AIM while it has
 *	no event, and none is being created
 * @late: aims that this CPU has never watched: there was a newer one, or the event had gone
 * @follow: makes this CPU follow; queued by any CPU
 * @ask: does the rest of a call that came on this CPU in an NMI, or in the middle of the CPU's
 *	choice of a slot; queued by that call
 *
 * @said to @late are written on this CPU alone, by its calls, by follow_here() and by
 * stop_following(), each of which a call may interrupt. While the CPU has no event, and calls on
 * it are refused, the task that creates the event writes @local and @followed, on any CPU. Every
 * CPU reads @said, @followed and @late.
 */
struct hwbp_wide_cpu {
	struct perf_event			*bp;
	struct hw_breakpoint_reservation	waiting;
	struct hwbp_wide			*wide;
	struct wide_aim				said[CELLS];
	unsigned long				saying;
	unsigned int				calls;
	unsigned long				local;
	atomic_long_t				followed;
	atomic_long_t				late;
	struct irq_work				follow;
	struct irq_work				ask;
};

/**
 * struct hwbp_wide - a breakpoint on every CPU
 * @cpus: its share of each CPU
 * @node: in wide_list
 * @attr: of every CPU's event, but for the aim
 * @newest: names the aim of all CPUs; written by atomic operations alone
 * @triggered: called at a hit
 * @context: for @triggered
 */
struct hwbp_wide {
	struct hwbp_wide_cpu __percpu	*cpus;
	struct list_head		node;
	struct perf_event_attr		attr;
	atomic_long_t			newest;
	perf_overflow_handler_t		triggered;
	void				*context;
};

/* Protects wide_list and what every CPU has. Inside the CPU hotplug lock. */
static DEFINE_MUTEX(wide_mutex);

/* Those whose events come and go with the CPUs: all but those created disabled. */
static LIST_HEAD(wide_list);

static struct hwbp_wide_cpu *wide_cpu(struct perf_event * __percpu *events,
				      int cpu)
{
	return container_of(per_cpu_ptr(events, cpu), struct hwbp_wide_cpu, bp);
}

/* ---- aims ---- */

/* How many aims there were from the one that @old names to the one that @new names. */
static unsigned long aims_between(unsigned long old, unsigned long new)
{
	return (FIELD_GET(WORD_AIMS, new) - FIELD_GET(WORD_AIMS, old)) & FIELD_MAX(WORD_AIMS);
}

static void copy_aim(struct wide_aim *to, const struct wide_aim *from)
{
	to->addr = READ_ONCE(from->addr);
	to->len = READ_ONCE(from->len);
	to->type = READ_ONCE(from->type);
}

static void write_aim(struct wide_aim *to, const struct perf_event_attr *attr)
{
	WRITE_ONCE(to->addr, attr->bp_addr);
	WRITE_ONCE(to->len, attr->bp_len);
	WRITE_ONCE(to->type, attr->bp_type);
}

/* The cell that @word names. */
static struct wide_aim *named_by(struct hwbp_wide *wide, unsigned long word)
{
	struct hwbp_wide_cpu *wc = per_cpu_ptr(wide->cpus, FIELD_GET(WORD_CPU, word));

	return &wc->said[FIELD_GET(WORD_CELL, word)];
}

/*
 * Names what a CPU shall watch: the aim that was said for that CPU alone, unless one of all
 * CPUs has been said since.
 */
static unsigned long name_for(const struct hwbp_wide_cpu *wc, unsigned long newest)
{
	unsigned long local = READ_ONCE(wc->local);

	return local != NO_AIM && !aims_between(local, newest) ? local : newest;
}

/**
 * struct wide_name - what a CPU shall watch
 * @newest: names the aim of all CPUs
 * @name: names the one that this CPU shall watch
 */
struct wide_name {
	unsigned long	newest;
	unsigned long	name;
};

/*
 * Copies the aim that a CPU shall watch; on that CPU with interrupts off, or anywhere while it
 * has no event. A call on any CPU may say others meanwhile: the copy is whole if the word is
 * the same before and after.
 */
static struct wide_name read_aim(struct hwbp_wide_cpu *wc, struct wide_aim *aim)
{
	struct hwbp_wide *wide = wc->wide;
	struct wide_name word;

	do {
		/* aim:B */
		word.newest = atomic_long_read_acquire(&wide->newest);
		word.name = name_for(wc, word.newest);
		copy_aim(aim, named_by(wide, word.name));
		smp_rmb();	/* aim:D */
	} while (atomic_long_read(&wide->newest) != word.newest);
	return word;
}

static struct wide_name current_attr(struct hwbp_wide_cpu *wc, struct perf_event_attr *attr)
{
	struct wide_aim aim;
	struct wide_name word = read_aim(wc, &aim);

	*attr = wc->wide->attr;
	attr->bp_addr = aim.addr;
	attr->bp_len = aim.len;
	attr->bp_type = aim.type;
	return word;
}

/*
 * newest -> followed, on the CPU that has looked at @newest. @watches: the CPU watches that aim
 * now; false if it watches an aim of its own, or cannot watch the new aim and keeps the old one.
 *
 * If this CPU does not watch @newest, that is counted here among the aims that this CPU has never
 * watched. If a call on this CPU has come in the middle and has followed a newer aim, that call has
 * counted @newest, and nothing is left to do here.
 */
static void note_followed(struct hwbp_wide_cpu *wc, unsigned long newest, bool watches)
{
	unsigned long old = atomic_long_read(&wc->followed), aims, missed;

	for (;;) {
		aims = aims_between(old, newest);
		if (!aims || aims > FIELD_MAX(WORD_AIMS) / 2)
			return;
		missed = aims - watches;
		/* late:A, pairs with late:B: who reads @followed finds what has been counted */
		atomic_long_add(missed, &wc->late);
		if (atomic_long_try_cmpxchg(&wc->followed, &old, newest))
			return;
		atomic_long_sub(missed, &wc->late);
	}
}

/*
 * Called on the CPU that loses its event. From now on the CPU watches no aim, and what it has not
 * followed by now it never watches: those aims are counted here. Calls on the CPU are refused
 * first, so that none, in an NMI for instance, says an aim that is not counted.
 */
static struct perf_event *stop_following(struct hwbp_wide_cpu *wc)
{
	struct perf_event *bp = wc->bp;
	unsigned long flags;

	local_irq_save(flags);
	WRITE_ONCE(wc->bp, NULL);
	barrier();	/* down:A, pairs with check_aim() in a call that interrupts this */
	atomic_long_add(aims_between(atomic_long_read(&wc->followed),
				     atomic_long_read(&wc->wide->newest)), &wc->late);
	/* late:A */
	atomic_long_set_release(&wc->followed, NO_AIM);
	local_irq_restore(flags);
	return bp;
}

/*
 * Lets this CPU's event watch the newest aim; with interrupts off, not in an NMI.
 *
 * A handler on this CPU may call modify_wide_hw_breakpoint() in the middle: that call comes
 * here as well, and is over before this goes on. This may have left half of one aim in the
 * event and that call half of another, so this starts again. A call on another CPU queues
 * @follow for this CPU once more.
 */
static int follow_here(struct hwbp_wide_cpu *wc)
{
	struct perf_event_attr attr;
	struct perf_event *bp;
	struct wide_name word;
	unsigned int calls;
	int err;

	do {
		bp = READ_ONCE(wc->bp);
		if (!bp)
			return -ENODEV;
		calls = READ_ONCE(wc->calls);
		barrier();	/* calls:B, pairs with calls:A in a call that interrupts this */
		word = current_attr(wc, &attr);
		err = hwbp_change_local(bp, &attr);
		note_followed(wc, word.newest, !err && word.name == word.newest);
		barrier();	/* calls:B */
	} while (READ_ONCE(wc->calls) != calls);
	return err;
}

/* An interrupt of the CPU that is to follow */
static void follow_work(struct irq_work *work)
{
	follow_here(container_of(work, struct hwbp_wide_cpu, follow));
}

/* The same for a task on another CPU that waits for it */
static void follow_call(void *wc)
{
	follow_here(wc);
}

/* ---- one CPU ---- */

/* perf's own where the caller has none, as perf chooses it */
static perf_overflow_handler_t handler_of(const struct hwbp_wide *wide)
{
	if (wide->triggered)
		return wide->triggered;
	return wide->attr.write_backward ? perf_event_output_backward :
					   perf_event_output_forward;
}

/*
 * perf hands a handler and its context on to the event that it creates, and nothing else. So
 * these say which reservation the event takes over, until it is about to be enabled.
 */
static struct perf_event *create(struct hwbp_wide *wide, int cpu, struct perf_event_attr *attr)
{
	struct hwbp_wide_cpu *wc = per_cpu_ptr(wide->cpus, cpu);
	struct perf_event *bp;

	attr->disabled = 1;
	bp = perf_event_create_kernel_counter(attr, cpu, NULL, hwbp_takes_over, &wc->waiting);
	if (IS_ERR(bp))
		return bp;
	bp->overflow_handler = handler_of(wide);
	bp->overflow_handler_context = wide->triggered ? wide->context : NULL;
	bp->attr.disabled = wide->attr.disabled;
	if (!bp->attr.disabled)
		perf_event_enable(bp);
	return bp;
}

/*
 * none or waiting -> watching, for an online CPU; the caller holds wide_mutex.
 *
 * After an error the CPU is waiting if it was; or it has none, where perf's event had taken
 * the reservation over and perf then found no memory to finish it.
 */
static int watch(struct hwbp_wide *wide, int cpu)
{
	struct hwbp_wide_cpu *wc = per_cpu_ptr(wide->cpus, cpu);
	struct perf_event_attr attr;
	struct perf_event *bp;

	/* Without an event on @cpu calls there are refused, so none of them writes these. */
	wc->local = NO_AIM;
	atomic_long_set(&wc->followed, current_attr(wc, &attr).newest);
	bp = create(wide, cpu, &attr);
	if (IS_ERR(bp)) {
		atomic_long_set(&wc->followed, NO_AIM);
		return PTR_ERR(bp);
	}
	WRITE_ONCE(wc->bp, bp);
	/* A call on another CPU may have said a new aim while @cpu had no event to follow it. */
	smp_call_function_single(cpu, follow_call, wc, 1);
	return 0;
}

/* none -> waiting, for a CPU that is not online; the caller holds wide_mutex */
static int wait_for_cpu(struct hwbp_wide *wide, int cpu)
{
	return hwbp_reserve_for_cpu(&per_cpu_ptr(wide->cpus, cpu)->waiting, cpu,
				    hwbp_type(wide->attr.bp_type));
}

/* watching or waiting -> none; the caller holds wide_mutex */
static void leave(struct hwbp_wide_cpu *wc)
{
	struct perf_event *bp = wc->bp;

	WRITE_ONCE(wc->bp, NULL);
	unregister_hw_breakpoint(bp);
	hwbp_release_reservation(&wc->waiting);
}

/* ---- CPU hotplug ---- */

static void follow_up(struct hwbp_wide *wide, unsigned int cpu)
{
	int err = watch(wide, cpu);

	if (err)
		pr_warn("CPU %u has no event of a wide breakpoint: %d\n", cpu, err);
}

/* In the hotplug thread of @cpu, which takes interrupts and runs only threads of its own yet. */
static int wide_cpu_up(unsigned int cpu)
{
	struct hwbp_wide *wide;

	mutex_lock(&wide_mutex);
	list_for_each_entry(wide, &wide_list, node)
		follow_up(wide, cpu);
	mutex_unlock(&wide_mutex);
	return 0;
}

/*
 * watching -> waiting; the caller holds wide_mutex. A CPU for which perf refused an event when
 * it came up is waiting already.
 */
static void follow_down(struct hwbp_wide_cpu *wc)
{
	struct perf_event *bp;

	if (!wc->bp)
		return;
	bp = stop_following(wc);
	perf_event_disable(bp);
	hwbp_hand_over(&wc->waiting, hwbp_reservation(bp));
	unregister_hw_breakpoint(bp);
}

/* In the hotplug thread of @cpu, before perf takes its events. */
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

/* On the CPU that calls. A CPU that cannot watch the new address counts it in its @late. */
static int check_aim(struct hwbp_wide_cpu *wc,
		     const struct perf_event_attr *attr)
{
	struct perf_event *bp = READ_ONCE(wc->bp);
	struct arch_hw_breakpoint hw = { };

	/* On its last way down a CPU takes no interrupt, so nothing can be left to one. */
	if (!bp || !cpu_online(smp_processor_id()))
		return -ENODEV;
	return hwbp_parse_aim(bp, attr, &hw);
}

/* Does a word name this CPU's cell @i? */
static bool is_named(struct hwbp_wide_cpu *wc, int i)
{
	struct hwbp_wide *wide = wc->wide;

	return named_by(wide, atomic_long_read(&wide->newest)) == &wc->said[i] ||
	       (wc->local != NO_AIM && named_by(wide, wc->local) == &wc->said[i]);
}

/*
 * Takes a cell of this CPU for one call alone.
 *
 * A call that interrupts this after the first look may take the same cell, have the word
 * name it and give it back. Hence the second look.
 *
 * Return: the number of the cell; -EBUSY if there is none.
 */
static int take_cell(struct hwbp_wide_cpu *wc)
{
	int i;

	for (i = 0; i < (int)CELLS; i++) {
		if (is_named(wc, i) || test_and_set_bit(i, &wc->saying))
			continue;
		if (!is_named(wc, i))
			return i;
		clear_bit(i, &wc->saying);
	}
	return -EBUSY;
}

/* said -> newest, for all CPUs; the last CPU to exchange the word wins */
static void publish(struct hwbp_wide *wide, int cpu, int cell)
{
	unsigned long old = atomic_long_read(&wide->newest), new;

	do {
		new = FIELD_PREP(WORD_AIMS, FIELD_GET(WORD_AIMS, old) + 1) |
		      FIELD_PREP(WORD_CPU, cpu) | FIELD_PREP(WORD_CELL, cell);
		/* aim:A, pairs with aim:B: the cell is written before the word names it */
	} while (!atomic_long_try_cmpxchg(&wide->newest, &old, new));
}

/* said -> newest, for this CPU */
static void publish_local(struct hwbp_wide_cpu *wc, int cpu, int cell)
{
	unsigned long newest = atomic_long_read(&wc->wide->newest);

	WRITE_ONCE(wc->local, (newest & WORD_AIMS) | FIELD_PREP(WORD_CPU, cpu) |
			      FIELD_PREP(WORD_CELL, cell));
}

/* On the calling CPU, interrupts off: writes an aim to a cell, and has the word name it. */
static int say(struct hwbp_wide_cpu *wc, const struct perf_event_attr *attr, bool everywhere)
{
	int cpu = smp_processor_id(), cell = take_cell(wc);

	if (cell < 0)
		return cell;
	/* aim:C, pairs with aim:D: who copies what is written here finds another word after */
	smp_mb();
	write_aim(&wc->said[cell], attr);
	if (everywhere)
		publish(wc->wide, cpu, cell);
	else
		publish_local(wc, cpu, cell);
	WRITE_ONCE(wc->calls, wc->calls + 1);
	barrier();	/* calls:A, pairs with calls:B in the follow_here() that this interrupts */
	clear_bit(cell, &wc->saying);
	return 0;
}

/*
 * Has the other CPUs follow; not in an NMI, with preemption off: an online CPU goes down only
 * when every other one can be preempted. This takes long where there are many CPUs, so the
 * caller does not disable interrupts for it. A CPU whose @follow is queued already and has not
 * begun finds the new aim when it begins. A CPU that goes down before has its next event created
 * with the new aim, see watch().
 */
static void ask_others(struct hwbp_wide *wide)
{
	int cpu;

	for_each_online_cpu(cpu) {
		if (cpu != smp_processor_id())
			irq_work_queue_on(&per_cpu_ptr(wide->cpus, cpu)->follow, cpu);
	}
}

/* The first interrupt on a CPU after a call that was left to it, see re_aim() */
static void ask_work(struct irq_work *work)
{
	struct hwbp_wide_cpu *wc = container_of(work, struct hwbp_wide_cpu, ask);

	follow_here(wc);
	ask_others(wc->wide);
}

/*
 * newest -> followed, on this CPU; with interrupts off.
 *
 * An NMI may have interrupted perf half way on this CPU, and must not send interrupts to
 * others. On x86 the handler of an INT3 or of a #DB in the kernel counts as an NMI. On arm64 the
 * handler of a hit or of a kprobe does not count as one, but may have interrupted perf, too: see
 * hwbp_is_changing().
 *
 * Return: false if an interrupt of this CPU does this later, and asks the others, too.
 */
static bool follow_now(struct hwbp_wide_cpu *wc, bool everywhere)
{
	if (in_nmi() || hwbp_is_changing()) {
		irq_work_queue(everywhere ? &wc->ask : &wc->follow);
		return false;
	}
	follow_here(wc);
	return true;
}

/* Return: an error; 0 if an interrupt of this CPU has to do the rest; 1 if this CPU has followed */
static int re_aim_here(struct hwbp_wide_cpu *wc, const struct perf_event_attr *attr,
		       bool everywhere)
{
	unsigned long flags;
	int ret;

	local_irq_save(flags);
	ret = check_aim(wc, attr) ?: say(wc, attr, everywhere);
	if (!ret)
		ret = follow_now(wc, everywhere);
	local_irq_restore(flags);
	return ret;
}

/* With preemption off, so that this CPU is the same all the time. */
static int re_aim(struct perf_event * __percpu *cpu_events, const struct perf_event_attr *attr,
		  bool everywhere)
{
	struct hwbp_wide_cpu *wc;
	int ret;

	guard(preempt)();
	wc = wide_cpu(cpu_events, smp_processor_id());
	ret = re_aim_here(wc, attr, everywhere);
	if (ret > 0 && everywhere)
		ask_others(wc->wide);
	trace_hwbp_modify_wide(attr, !everywhere, !ret, min(ret, 0));
	return min(ret, 0);
}

/**
 * modify_wide_hw_breakpoint_local() - re-aim a wide breakpoint on this CPU alone
 * @cpu_events: what register_wide_hw_breakpoint() returned
 * @attr: bp_addr, bp_len and bp_type of it are used
 *
 * The other CPUs go on to watch what they watch. This CPU does so again from the next
 * modify_wide_hw_breakpoint() on, or when it has gone down and come up.
 *
 * Context: any, with the CPU pinned; interrupt and kprobe handlers included, in the middle
 * of another such call, too. After a call from an NMI the CPU watches the new address as
 * soon as it takes interrupts, otherwise at return; on x86 a handler of a kprobe that is an
 * INT3, or of a breakpoint of the kernel's, counts as an NMI, and so does anywhere a handler
 * that has interrupted this CPU's choice of a slot. Not at the same time as
 * modify_user_hw_breakpoint() of the same event or the unregistration.
 * Return: 0; -EINVAL or -EOPNOTSUPP for what cannot be watched, or another type of
 * slot; -ENODEV if this CPU has no event or is about to go down; -EBUSY in the middle of
 * so many calls, each in the middle of another, that there is no cell for one more. After
 * an error the CPU watches what it did.
 */
int modify_wide_hw_breakpoint_local(struct perf_event * __percpu *cpu_events,
				    const struct perf_event_attr *attr)
{
	return re_aim(cpu_events, attr, false);
}

/**
 * modify_wide_hw_breakpoint() - re-aim a wide breakpoint on all CPUs
 * @cpu_events: what register_wide_hw_breakpoint() returned
 * @attr: bp_addr, bp_len and bp_type of it are used
 *
 * This CPU watches the new address at return, the others as soon as they take an
 * interrupt. After a call from an NMI, or what counts as one, see
 * modify_wide_hw_breakpoint_local(), this CPU watches it, and asks the others, as soon as
 * this CPU takes interrupts. Otherwise interrupts are off only while this CPU follows, and as the
 * caller has them while it asks the others. CPUs that come up later watch it from the start. On
 * each CPU every hit until then is for the old address. Of several calls, at the same time or in
 * the middle of one another, all CPUs end with the aim of the one that was last to exchange the
 * word that names it.
 *
 * Context: any; interrupt and kprobe handlers included, in the middle of another such call,
 * too. Not at the same time as the unregistration, but for the breakpoint's own handler.
 * Return: as modify_wide_hw_breakpoint_local(). After an error nothing has changed, on no CPU.
 */
int modify_wide_hw_breakpoint(struct perf_event * __percpu *cpu_events,
			      const struct perf_event_attr *attr)
{
	return re_aim(cpu_events, attr, true);
}
EXPORT_SYMBOL_GPL(modify_wide_hw_breakpoint);

static struct hwbp_wide *wide_of(struct perf_event * __percpu *cpu_events)
{
	return wide_cpu(cpu_events, cpumask_first(cpu_possible_mask))->wide;
}

/**
 * hw_breakpoint_wide_aims() - how often a wide breakpoint has been aimed anew
 * @cpu_events: what register_wide_hw_breakpoint() returned
 *
 * Context: any.
 * Return: how many calls of modify_wide_hw_breakpoint() have returned 0, or will; on 32-bit
 * architectures modulo what is left of a word, 2^23 at least.
 */
unsigned long hw_breakpoint_wide_aims(struct perf_event * __percpu *cpu_events)
{
	return FIELD_GET(WORD_AIMS, atomic_long_read(&wide_of(cpu_events)->newest));
}

/**
 * hw_breakpoint_wide_late() - how many aims of a wide breakpoint a CPU has not watched
 * @cpu_events: what register_wide_hw_breakpoint() returned
 * @cpu: the CPU
 *
 * What @cpu has written to the address of such an aim, while that was the newest, may have gone
 * unseen. A CPU without an event watches nothing, and aims that are said meanwhile do not count.
 *
 * Context: any, on any CPU; not at the same time as the unregistration. Never too few; some are
 * counted twice while @cpu is about to follow, or to lose its event.
 * Return: how many aims of all CPUs, of those since @cpu has had an event, @cpu does not watch
 * yet, or has never watched: because it followed a newer one first, or one of its own, or went
 * down before it followed, or cannot watch what the CPU of the call can.
 */
unsigned long hw_breakpoint_wide_late(struct perf_event * __percpu *cpu_events, int cpu)
{
	struct hwbp_wide_cpu *wc = wide_cpu(cpu_events, cpu);
	/* late:B; and @followed before @newest, so that it is not the later of the two */
	unsigned long followed = atomic_long_read_acquire(&wc->followed);
	unsigned long late = atomic_long_read(&wc->late);

	if (followed == NO_AIM)
		return late;
	return late + aims_between(followed, atomic_long_read(&wc->wide->newest));
}

/* ---- registration ---- */

static void init_cpu(struct hwbp_wide_cpu *wc, struct hwbp_wide *wide)
{
	wc->wide = wide;
	wc->local = NO_AIM;
	atomic_long_set(&wc->followed, NO_AIM);
	/* They run with interrupts off in PREEMPT_RT, too. */
	wc->follow = IRQ_WORK_INIT_HARD(follow_work);
	wc->ask = IRQ_WORK_INIT_HARD(ask_work);
}

static struct hwbp_wide *new_wide(const struct perf_event_attr *attr,
				  perf_overflow_handler_t triggered, void *context)
{
	struct hwbp_wide *wide = kzalloc(sizeof(*wide), GFP_KERNEL);
	unsigned long first = FIELD_PREP(WORD_CPU, cpumask_first(cpu_possible_mask));
	int cpu;

	if (!wide)
		return NULL;
	wide->cpus = alloc_percpu(struct hwbp_wide_cpu);
	if (!wide->cpus) {
		kfree(wide);
		return NULL;
	}
	INIT_LIST_HEAD(&wide->node);
	wide->attr = *attr;
	wide->triggered = triggered;
	wide->context = context;
	atomic_long_set(&wide->newest, first);
	write_aim(named_by(wide, first), attr);
	for_each_possible_cpu(cpu)
		init_cpu(per_cpu_ptr(wide->cpus, cpu), wide);
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

/*
 * Waits until no interrupt is to come on any CPU that a call has queued. No CPU has an event any
 * more, so all further calls are refused. The interrupt of @ask queues @follow of the other CPUs:
 * so @ask comes first.
 */
static void wait_for_calls(struct hwbp_wide *wide)
{
	int cpu;

	for_each_possible_cpu(cpu)
		irq_work_sync(&per_cpu_ptr(wide->cpus, cpu)->ask);
	for_each_possible_cpu(cpu)
		irq_work_sync(&per_cpu_ptr(wide->cpus, cpu)->follow);
}

static void free_wide(struct hwbp_wide *wide)
{
	wait_for_calls(wide);
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
		return ERR_PTR_PCPU(-ENOMEM);

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
	return ERR_PTR_PCPU(err);
}

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
 * unregister_wide_hw_breakpoint_cpuslocked() - remove a breakpoint from every CPU
 * @cpu_events: what the registration returned
 *
 * When it returns no CPU is in the middle of following a call, nor will be. The breakpoint's
 * own handler may call until its CPU's event has gone, and is refused after that.
 *
 * Context: task context, may sleep; the caller holds the CPU hotplug lock for
 * reading.
 */
void
unregister_wide_hw_breakpoint_cpuslocked(struct perf_event * __percpu *cpu_events)
{
	struct hwbp_wide *wide = wide_of(cpu_events);

	lockdep_assert_cpus_held();
	mutex_lock(&wide_mutex);
	list_del_init(&wide->node);
	leave_all(wide);
	mutex_unlock(&wide_mutex);
	free_wide(wide);
}

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
