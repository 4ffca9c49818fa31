// SPDX-License-Identifier: GPL-2.0
/*
 * Slots of architectures without a back end: they find the slot, own it and
 * write the registers themselves, at once.
 *
 *	free		in no slot of this CPU
 *	installed	in the one that the architecture knows of	install()
 *	free							uninstall()
 *
 * Their code may be interrupted half way by a handler on this CPU, of a kprobe or of a
 * breakpoint, which re-aims a wide breakpoint. It would find owners and registers that do not
 * agree. So wide.c asks hwbp_is_changing(), and leaves it to an interrupt of this CPU, as
 * after an NMI.
 */

#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/kdebug.h>
#include <linux/limits.h>
#include <linux/notifier.h>
#include <linux/percpu.h>

#include <trace/events/hw_breakpoint.h>

#include "account.h"

/* This CPU is in the architecture's code; written by the CPU itself with interrupts off. */
static DEFINE_PER_CPU(bool, legacy_changing);

static void begin_change(void)
{
	this_cpu_write(legacy_changing, true);
	barrier();	/* legacy:A, pairs with hwbp_is_changing() in a handler on this CPU */
}

static void end_change(void)
{
	barrier();	/* legacy:A */
	this_cpu_write(legacy_changing, false);
}

/**
 * hwbp_is_changing() - has this call interrupted a change of this CPU's slots?
 *
 * Context: interrupts off.
 * Return: true if the slots must be left alone.
 */
bool hwbp_is_changing(void)
{
	return this_cpu_read(legacy_changing);
}

/* free -> installed */
static int install(struct perf_event *bp)
{
	int ret = arch_install_hw_breakpoint(bp);

	/* Which one only the architecture knows. */
	WRITE_ONCE(hwbp_reservation(bp)->slot, ret ? -1 : 0);	/* tables read it */
	trace_hwbp_install(bp, ret);
	return ret;
}

/* installed -> free */
static void uninstall(struct perf_event *bp)
{
	arch_uninstall_hw_breakpoint(bp);
	WRITE_ONCE(hwbp_reservation(bp)->slot, -1);
	trace_hwbp_uninstall(bp, -1);
}

static bool is_installed(const struct perf_event *bp)
{
	return hwbp_reservation(bp)->slot >= 0;
}

/**
 * hwbp_add() - have the architecture install an event on this CPU
 * @bp: event
 * @flags: PERF_EF_START, if its hits count from here
 *
 * Its registers are written when this returns.
 *
 * Context: interrupts off.
 * Return: 0; -ENOSPC for an event that holds no reservation; what
 * arch_install_hw_breakpoint() returns.
 */
int hwbp_add(struct perf_event *bp, int flags)
{
	int ret;

	/* it was moved to a CPU that had no slot left for it */
	if (!hwbp_reservation(bp)->held)
		return -ENOSPC;
	bp->hw.state = flags & PERF_EF_START ? 0 : PERF_HES_STOPPED;
	if (is_sampling_event(bp)) {
		bp->hw.last_period = bp->hw.sample_period;
		perf_swevent_set_period(bp);
	}
	begin_change();
	ret = install(bp);
	end_change();
	return ret;
}

/**
 * hwbp_del() - have the architecture uninstall an event
 * @bp: event that hwbp_add() was called for on this CPU
 * @flags: unused
 *
 * An event whose change has failed, see hwbp_adopt(), is in no slot any more: nothing happens.
 *
 * Context: interrupts off.
 */
void hwbp_del(struct perf_event *bp, int flags)
{
	begin_change();
	if (is_installed(bp))
		uninstall(bp);
	end_change();
}

/**
 * hwbp_pmu_enable() - perf is through with a change of what runs on this CPU
 * @pmu: ours
 *
 * The architecture has written the registers by now.
 *
 * Context: interrupts off.
 */
void hwbp_pmu_enable(struct pmu *pmu) { }

/**
 * hwbp_adopt() - what hwbp_prepare() has checked is an event's setting from now on
 * @bp: event that runs on this CPU or on none; its attributes are the new ones
 * @next: what hw_breakpoint_arch_parse() made of these
 *
 * An event that is installed is uninstalled and installed anew. It holds a slot of the pool that
 * it goes to, so the architecture finds one. If it finds none all the same, there is a warning, and
 * the event counts nothing any more. How the architecture steps over a hit is its own matter.
 *
 * Context: interrupts off.
 */
void hwbp_adopt(struct perf_event *bp, const struct arch_hw_breakpoint *next)
{
	bool installed = is_installed(bp);

	begin_change();
	if (installed)
		uninstall(bp);
	bp->hw.info = *next;
	if (installed)
		WARN_ON_ONCE(install(bp));
	end_change();
}

/* Nobody says what CPUs have beyond hw_breakpoint_slots(). */
unsigned int hwbp_context_slots(void)
{
	return 0;
}

bool hwbp_has_more_slots(int cpu)
{
	return false;
}

/* No debugger takes slots here. */
void hwbp_report_taken(const struct perf_event *bp) { }
void hwbp_retry_missing(void) { }

bool hwbp_missing(void)
{
	return false;
}

/* Before everybody else: what is ours must not reach a debugger. */
static struct notifier_block legacy_exceptions = {
	.notifier_call	= hw_breakpoint_exceptions_notify,
	.priority	= INT_MAX,
};

/**
 * hwbp_slots_init() - have the architecture told of debug exceptions
 *
 * Context: task context, boot.
 * Return: 0, or what register_die_notifier() returns.
 */
int __init hwbp_slots_init(void)
{
	return register_die_notifier(&legacy_exceptions);
}

/* ---- the stock names, for kgdb of unconverted architectures ---- */

/**
 * release_bp_slot() - hwbp_release() under its historical name
 * @bp: event
 *
 * Context: task context, may sleep.
 */
void release_bp_slot(struct perf_event *bp)
{
	hwbp_release(bp);
}

/* Nobody else runs, but somebody may have been stopped half way. */
static bool dbg_may_change(const struct perf_event *bp)
{
	return !hwbp_reservation(bp)->account && !mutex_is_locked(&hwbp_raise_lock);
}

/**
 * dbg_reserve_bp_slot() - reserve from a debugger that has stopped the machine
 * @bp: event of a CPU that has been given back with dbg_release_bp_slot()
 *
 * Not in the table of holders: kgdb frees such events without releasing them. No
 * debugger of the other kind is on such an architecture, whose decision would have
 * to be waited for.
 *
 * Context: any, while no other CPU runs. Never waits.
 * Return: 0, -ENOSPC, or -EBUSY when the accounting was stopped half way.
 */
int dbg_reserve_bp_slot(struct perf_event *bp)
{
	int err = -EBUSY;

	if (dbg_may_change(bp))
		err = hwbp_hold(hwbp_reservation(bp), hwbp_type(bp->attr.bp_type));
	trace_hwbp_reserve(bp, err);
	return err;
}

/**
 * dbg_release_bp_slot() - release from a debugger that has stopped the machine
 * @bp: event of a CPU
 *
 * Context: any, while no other CPU runs. Never waits.
 * Return: 0, or -EBUSY when the accounting was stopped half way.
 */
int dbg_release_bp_slot(struct perf_event *bp)
{
	if (!dbg_may_change(bp)) {
		trace_hwbp_release(bp, -EBUSY);
		return -EBUSY;
	}
	if (hwbp_let_go(hwbp_reservation(bp)))
		trace_hwbp_release(bp, 0);
	return 0;
}
