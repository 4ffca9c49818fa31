// SPDX-License-Identifier: GPL-2.0
/*
 * The slot registers of a CPU in other hands: lent to a guest, or overwritten by somebody
 * else; and written anew after that.
 */

#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/kprobes.h>
#include <linux/lockdep.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"
#include "slots.h"

/* What a slot's registers hold that are not its owner's for now. */
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
 * Writes only what differs. Slots that have an enable bit of their own and are not
 * among @slots are switched off. No debugger writes registers until the end: what
 * one wants meanwhile is there after it.
 *
 * Context: interrupts off; nothing may fire until the guest runs, nor after it has
 * until hwbp_take_back(), see hw_breakpoint_silence().
 */
void hwbp_lend(const struct hwbp_image *guest, u32 slots)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	u32 written, left;

	WRITE_ONCE(c->busy, true);
	barrier();	/* busy:A; what is armed is so until the end from here */
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

/*
 * What an NMI writes between the first line and the rest is written again, and
 * nothing is left out.
 */
static void forget(struct hwbp_cpu *c)
{
	c->known = 0;
	barrier();	/* known:A, pairs with an NMI's commit */
	c->unwritten = c->owned | c->placed;
	if (HWBP_SLOT_ENABLE)
		c->armed = hwbp_all_slots();
}
NOKPROBE_SYMBOL(forget);

/**
 * hwbp_forget() - the slot registers may hold anything
 *
 * The next commit writes them all. After a guest of which nobody can tell what it
 * left in them.
 *
 * Context: interrupts off; nothing may fire until hwbp_take_back() or
 * hwbp_restore().
 */
void hwbp_forget(void)
{
	forget(this_cpu_ptr(&hwbp_cpu));
}
NOKPROBE_SYMBOL(hwbp_forget);

/* Does anything have to be written before the master register may let @live fire? */
static bool is_behind(const struct hwbp_cpu *c, u32 live)
{
	return hwbp_to_be_written(c, live) || (live && c->armed & ~live) || c->pending;
}
NOKPROBE_SYMBOL(is_behind);

/**
 * hwbp_take_back() - end of hwbp_lend(), if there was one
 *
 * Writes what the host needs and the registers do not hold. The rest is left as the
 * guest had it, and need not be written when it runs again.
 *
 * Context: interrupts off, and nothing may fire yet.
 */
void hwbp_take_back(void)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	barrier();	/* busy:A */
	WRITE_ONCE(c->busy, false);
	barrier();	/* busy:C */
	if (is_behind(c, hwbp_desired_live(c)))
		hwbp_commit();
}
NOKPROBE_SYMBOL(hwbp_take_back);

/**
 * hwbp_restore() - write this CPU's registers, whatever they hold
 *
 * Also ends hwbp_lend().
 *
 * Context: interrupts off; the master register lets nothing fire.
 */
void hwbp_restore(void)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	WRITE_ONCE(c->busy, true);
	barrier();	/* busy:A */
	/* At boot nobody tells a CPU before it is up, and hwbp_prepare_cpu() is not called. */
	WRITE_ONCE(c->pending, true);
	forget(c);
	c->live = 0;
	barrier();	/* busy:A */
	WRITE_ONCE(c->busy, false);
	hwbp_commit_forced();
}
NOKPROBE_SYMBOL(hwbp_restore);

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
	hwbp_restore();
	hw_breakpoint_unsilence();
	/* Silence begins and ends without a write where nothing is believed to fire. */
	if (!hwbp_master())
		hwbp_commit_forced();
}
EXPORT_SYMBOL_GPL(hw_breakpoint_refresh);

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
EXPORT_SYMBOL_GPL(hw_breakpoint_contents);
