// SPDX-License-Identifier: GPL-2.0
/*
 * The slot registers of a CPU in other hands: lent to a guest, overwritten by somebody
 * else, left half written by a task that died; and written anew after that.
 *
 * States of the slot registers of a CPU:
 *
 *	ours		hold what the shadow says; commits write them
 *	lent		hold what the shadow says, a guest's images; no commit writes
 *			them, see @busy
 *	forgotten	may hold anything, and the shadow says nothing
 *
 *	ours		-> lent		hwbp_lend()
 *	lent, ours	-> forgotten	hwbp_forget()
 *	lent, forgotten	-> ours		hwbp_take_back()
 *	lent, forgotten	-> ours		hwbp_restore()
 */

#define pr_fmt(fmt) "hw_breakpoint: " fmt

#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/lockdep.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"
#include "slots.h"

/* Notes what a guest has in the registers of a slot. */
static nokprobe_inline void note_guest(struct hwbp_cpu *c, int slot,
				       const struct hwbp_image *guest)
{
	c->have[slot] = *guest;
	c->known |= BIT(slot);
	c->unwritten |= BIT(slot);
	if (guest->ctrl & HWBP_SLOT_ENABLE)
		c->armed |= BIT(slot);
	else
		c->armed &= ~BIT(slot);
}

/**
 * hwbp_lend() - the slot registers are a guest's from here to hwbp_take_back()
 * @guest: what they shall hold, for each of @slots
 * @slots: slots that the guest has enabled; all, if it may read them
 *
 * ours -> lent
 *
 * Writes only what differs. Slots that have an enable bit of their own and are not
 * among @slots are switched off. No debugger writes registers until hwbp_take_back():
 * that writes what debuggers want by then.
 *
 * Context: interrupts off; nothing may fire from this call until the guest runs, nor
 * from the guest's exit until hwbp_take_back(), see hw_breakpoint_silence().
 */
void hwbp_lend(const struct hwbp_image *guest, u32 slots)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	u32 written, left;

	WRITE_ONCE(c->busy, true);
	barrier();	/* busy:A; from here on no NMI changes what is armed */
	written = HWBP_SLOT_ENABLE ? c->armed & ~slots : 0;
	if (written)
		hwbp_disarm_slots(c, written);
	for (left = slots; left; left &= left - 1) {
		int slot = __ffs(left);

		if (hwbp_holds(c, slot, &guest[slot]))
			continue;
		arch_hwbp_write(slot, hwbp_known_image(c, slot), &guest[slot]);
		note_guest(c, slot, &guest[slot]);
		written |= BIT(slot);
	}
	data_race(c->loans++);	/* others read it */
	trace_hwbp_lend(slots, written);
}
NOKPROBE_SYMBOL(hwbp_lend);

/**
 * hwbp_guest_wrote() - a guest has written the slot registers
 * @guest: what they hold now, for each of @slots
 * @slots: slots that it could write
 *
 * Context: between hwbp_lend() and hwbp_take_back().
 */
void hwbp_guest_wrote(const struct hwbp_image *guest, u32 slots)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	u32 left;

	for (left = slots; left; left &= left - 1)
		note_guest(c, __ffs(left), &guest[__ffs(left)]);
}
NOKPROBE_SYMBOL(hwbp_guest_wrote);

/**
 * hwbp_forget() - the slot registers may hold anything
 *
 * lent, ours -> forgotten
 *
 * Called after a guest that may have left anything in them, and by hwbp_restore(). The next
 * commit writes them all.
 *
 * Context: interrupts off, noinstr; nothing may fire until hwbp_take_back() or
 * hwbp_restore().
 */
noinstr void hwbp_forget(void)
{
	struct hwbp_cpu *c = raw_cpu_ptr(&hwbp_cpu);

	/* What an NMI writes from here to @unwritten is written again: no slot is left out. */
	c->known = 0;
	barrier();	/* known:A, pairs with an NMI's commit */
	c->unwritten = c->owned | c->placed;
	if (HWBP_SLOT_ENABLE)
		c->armed = hwbp_all_slots();
}

/* Does anything have to be written before the master register may let slots fire? */
static bool is_behind(const struct hwbp_cpu *c, u32 desired)
{
	u32 live = hwbp_desired_live(c, desired);

	return hwbp_to_be_written(c, live) || (desired && c->armed & ~live);
}
NOKPROBE_SYMBOL(is_behind);

/**
 * hwbp_take_back() - end of hwbp_lend(), if there was one
 *
 * lent, forgotten -> ours
 *
 * Writes what the host needs and the registers do not hold. The rest is left as the
 * guest had it, and need not be written when it runs again.
 *
 * Context: interrupts off, and nothing may fire yet.
 */
void hwbp_take_back(void)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	/* Asked before @busy ends: after that an NMI may give up a slot in the middle of this. */
	bool behind = is_behind(c, hwbp_desired_slots(c));

	barrier();	/* busy:A */
	WRITE_ONCE(c->busy, false);
	barrier();	/* busy:C */
	if (behind || READ_ONCE(c->pending))
		hwbp_commit();
}
NOKPROBE_SYMBOL(hwbp_take_back);

/**
 * hwbp_restore() - write this CPU's registers, whatever they hold
 *
 * lent, forgotten -> ours
 *
 * Context: interrupts off; the master register lets nothing fire.
 */
void hwbp_restore(void)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	WRITE_ONCE(c->busy, true);
	barrier();	/* busy:A */
	/* At boot no debugger tells a CPU before it is up, and hwbp_prepare_cpu() is not called. */
	WRITE_ONCE(c->pending, true);
	hwbp_forget();
	c->live = 0;
	barrier();	/* busy:A */
	WRITE_ONCE(c->busy, false);
	hwbp_commit_forced();
}
NOKPROBE_SYMBOL(hwbp_restore);

/*
 * Ends a section of hw_breakpoint_silence() with all registers written. Where the shadow says that
 * nothing can fire, hw_breakpoint_silence() and hw_breakpoint_unsilence() do not write the master
 * register: it is written here.
 */
static void restore_and_unsilence(void)
{
	hwbp_restore();
	hw_breakpoint_unsilence();
	if (!hwbp_master())
		hwbp_commit_forced();
}
NOKPROBE_SYMBOL(restore_and_unsilence);

/**
 * hw_breakpoint_refresh() - write this CPU's registers, whatever they hold
 *
 * For those who have written debug registers themselves, or suspect that somebody
 * has.
 *
 * Context: interrupts off, not from an NMI.
 */
void hw_breakpoint_refresh(void)
{
	lockdep_assert_irqs_disabled();
	hw_breakpoint_silence();
	restore_and_unsilence();
}

/**
 * hw_breakpoint_contents() - what a slot's registers hold, from the shadow
 * @slot: slot of this CPU
 * @image: filled; control bits that are in the master register only while the slot
 *	may fire
 *
 * Context: interrupts off. No register is read.
 * Return: false if that is not known, see hw_breakpoint_refresh().
 */
bool hw_breakpoint_contents(int slot, struct hwbp_image *image)
{
	const struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	if (slot < 0 || slot >= HWBP_NR_SLOTS || !(c->known & BIT(slot)))
		return false;
	*image = c->have[slot];
	return true;
}

/* ---- what a dying task leaves behind ---- */

/* abandoned -> in order; an NMI in between finds that it is in a section. */
static void heal(struct hwbp_cpu *c)
{
	hw_breakpoint_silence();
	arch_hwbp_abandon();
	WRITE_ONCE(c->choosing, false);
	restore_and_unsilence();
	WRITE_ONCE(c->healed, c->healed + 1);
	trace_hwbp_heal(c->healed);
	pr_warn("CPU %d: %s[%d] died while it kept breakpoints from firing; they are on again\n",
		smp_processor_id(), current->comm, task_pid_nr(current));
}
NOKPROBE_SYMBOL(heal);

/**
 * hw_breakpoint_heal() - the current task dies, wherever it was
 *
 * If the task was in the middle of a silent section, a loan, a commit or the choice of a
 * slot, nobody ends that. Each would keep the breakpoints of this CPU from firing, or
 * debuggers from their slots, for ever. None of them spans a task switch. So what this
 * CPU is in the middle of is the current task's, or has been left by a task that is gone:
 * the registers are written anew, whatever they hold.
 *
 * Called before the task is preemptible again after an oops, and by every task that
 * exits. Not called from interrupts: what an NMI or a debugger has interrupted goes on, and
 * where a task would have to die in an interrupt the kernel panics instead.
 *
 * Context: task context, interrupts on or off.
 */
void hw_breakpoint_heal(void)
{
	struct hwbp_cpu *c;
	unsigned long flags;

	local_irq_save(flags);
	c = this_cpu_ptr(&hwbp_cpu);
	/* An NMI in the middle of this leaves both as they were. */
	if (unlikely(arch_hwbp_abandoned() || data_race(c->busy || c->choosing)))
		heal(c);
	local_irq_restore(flags);
	/* After local_irq_restore(), which may mask again all that was masked before. */
	arch_hwbp_end_exception();
}
NOKPROBE_SYMBOL(hw_breakpoint_heal);
