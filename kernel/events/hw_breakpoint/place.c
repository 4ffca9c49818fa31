// SPDX-License-Identifier: GPL-2.0
/*
 * The slots of a CPU that debuggers have, and how they get and leave them.
 *
 * Who of the debuggers may have a slot, and what they watch, is said in account.c and
 * debug.c. Each CPU gives out its own slots, when it is told to look: hwbp_sync_debuggers(),
 * on the CPU that a debugger runs on by the debugger itself, perhaps in an NMI.
 *
 * An NMI may come at any instruction, and a debugger in it may want a slot of this
 * CPU. It calls hwbp_sync_debuggers(). If that has interrupted a commit it leaves
 * all to it: the commit is done over when it is through. So it does where perf is
 * choosing a slot. If not, it finds the perf side between two instructions. What both
 * sides write, perf's side writes by single instructions, but where it is choosing a slot.
 */

#include <linux/bitops.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/smp.h>

#include "internal.h"
#include "slots.h"

static bool is_among(const struct hw_breakpoint_debug *bp,
		     struct hw_breakpoint_debug * const *list)
{
	int i;

	for (i = 0; i < HWBP_NR_SLOTS; i++) {
		if (list[i] == bp)
			return true;
	}
	return false;
}
NOKPROBE_SYMBOL(is_among);

/*
 * debugger's -> free; or back to the event that it was taken from, if perf has not
 * been told meanwhile; it will be, see @taken
 */
static void unplace(struct hwbp_cpu *c, int slot)
{
	c->placed &= ~BIT(slot);
	if (c->owned & BIT(slot))
		hwbp_want(c, slot, &c->owner[slot]->hw.reservation.image);
}
NOKPROBE_SYMBOL(unplace);

static void follow(struct hwbp_cpu *c, int slot, const struct hw_breakpoint_aim *aim)
{
	c->aim[slot] = aim->image;
	hwbp_want(c, slot, &c->aim[slot]);
}
NOKPROBE_SYMBOL(follow);

/*
 * Lets those go that are not watched for any more; the others may have moved. One
 * that was released and reserved again since may be of the other pool by now.
 */
static void review(struct hwbp_cpu *c, struct hw_breakpoint_debug * const *list)
{
	struct hw_breakpoint_aim aim;
	u32 left;

	for (left = c->placed; left; left &= left - 1) {
		int slot = __ffs(left);

		if (!is_among(c->debugger[slot], list) ||
		    !hwbp_debugger_aim(c->debugger[slot], &aim) ||
		    !(arch_hwbp_pool(hwbp_type(aim.type)) & BIT(slot)))
			unplace(c, slot);
		else
			follow(c, slot, &aim);
	}
}
NOKPROBE_SYMBOL(review);

/* Return: one of @slots that is taken from perf, flexible events first. */
static int victim(struct hwbp_cpu *c, u32 slots)
{
	u32 left;

	for (left = slots; left; left &= left - 1) {
		if (!c->owner[__ffs(left)]->attr.pinned)
			return __ffs(left);
	}
	return __ffs(slots);
}
NOKPROBE_SYMBOL(victim);

/*
 * free -> debugger's; or installed, live or held -> debugger's, of which perf is
 * told when the CPU takes interrupts. More are not claimed than there are slots, so
 * there always is one.
 */
static void place(struct hwbp_cpu *c, struct hw_breakpoint_debug *bp,
		  const struct hw_breakpoint_aim *aim)
{
	u32 pool = arch_hwbp_pool(hwbp_type(aim->type));
	u32 free = hwbp_free_slots(c, pool);
	int slot;

	if (WARN_ON_ONCE(!(pool & ~c->placed)))
		return;
	if (free) {
		slot = hwbp_choose_slot(c, free, &aim->image);
	} else {
		slot = victim(c, pool & ~c->placed);
		c->taken |= BIT(slot);
		hwbp_report_taken(c->owner[slot]);
	}
	follow(c, slot, aim);
	c->debugger[slot] = bp;
	WRITE_ONCE(c->placed, c->placed | BIT(slot));
}
NOKPROBE_SYMBOL(place);

static bool has_slot(const struct hwbp_cpu *c, const struct hw_breakpoint_debug *bp)
{
	u32 left;

	for (left = c->placed; left; left &= left - 1) {
		if (c->debugger[__ffs(left)] == bp)
			return true;
	}
	return false;
}
NOKPROBE_SYMBOL(has_slot);

/* @pending goes first: what is wished for later is looked at later. */
void hwbp_place_debuggers(struct hwbp_cpu *c)
{
	struct hw_breakpoint_debug *list[HWBP_NR_SLOTS];
	struct hw_breakpoint_aim aim;
	int i;

	WRITE_ONCE(c->pending, false);
	barrier();	/* busy:D, pairs with busy:B in an NMI */
	hwbp_debuggers(list);
	review(c, list);
	for (i = 0; i < HWBP_NR_SLOTS; i++) {
		if (list[i] && !has_slot(c, list[i]) &&
		    hwbp_debugger_aim(list[i], &aim))
			place(c, list[i], &aim);
	}
}
NOKPROBE_SYMBOL(hwbp_place_debuggers);

/*
 * Debuggers may have gone that were not here to leave their slots. Without one an
 * event is left only where a debugger has taken what perf was promised. He may be
 * gone again by the time that is asked for.
 */
u32 hwbp_free_slots_again(struct hwbp_cpu *c, u32 pool)
{
	int attempts = 3;
	u32 free;

	do {
		WRITE_ONCE(c->claiming, false);
		if (c->placed)
			hwbp_sync_debuggers();
		hwbp_begin_claim(c);
		free = hwbp_free_slots(c, pool);
		if (free || hwbp_overdrawn(smp_processor_id()))
			return free;
	} while (--attempts);
	WARN_ONCE(1, "no slot for a reservation\n");
	return 0;
}
NOKPROBE_SYMBOL(hwbp_free_slots_again);

/*
 * An event that a debugger has taken its slot from may have missed hits up to now, though
 * to perf it was running. It is refused once, so that it stands still for a moment at
 * least: even if there is a slot for it again, or perf lets another event go without.
 */
bool hwbp_must_pause(struct perf_event *bp)
{
	if (likely(!bp->hw.reservation.lost))
		return false;
	bp->hw.reservation.lost = false;
	hwbp_report_pause();
	return true;
}
NOKPROBE_SYMBOL(hwbp_must_pause);

/*
 * Has a slot fired whose hit has yet to be reported, by what this NMI has interrupted?
 * Outside of an NMI nothing of the kind can be under way, whatever the hardware says.
 */
static bool hits_under_way(const struct hwbp_cpu *c)
{
	return in_nmi() && c->live && arch_hwbp_unreported();
}
NOKPROBE_SYMBOL(hits_under_way);

/**
 * hwbp_sync_debuggers() - let this CPU's registers follow debuggers' wishes
 *
 * In the middle of a commit, or while the registers are lent, it is done at the end
 * of that. So it is in the middle of a debug exception, whose hits belong to those who
 * have the slots now.
 *
 * Context: interrupts off, or NMI.
 */
void hwbp_sync_debuggers(void)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	WRITE_ONCE(c->pending, true);
	barrier();	/* busy:B, slot:B; pairs with :A and :C of either */
	if (READ_ONCE(c->busy) || READ_ONCE(c->claiming))
		return;
	if (hits_under_way(c))
		hwbp_look_again();
	else
		hwbp_commit();
}
NOKPROBE_SYMBOL(hwbp_sync_debuggers);

/**
 * hwbp_find_slot_debugger() - hwbp_slot_debugger() for a slot that is a debugger's
 * @slot: slot of this CPU
 *
 * Context: interrupts off, from the exception.
 * Return: as hwbp_slot_debugger().
 */
struct hw_breakpoint_debug *hwbp_find_slot_debugger(int slot)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	struct hw_breakpoint_aim aim;

	if (!hwbp_debugger_aim(c->debugger[slot], &aim) ||
	    !hwbp_image_equal(&c->have[slot], &aim.image))
		return NULL;
	return c->debugger[slot];
}
NOKPROBE_SYMBOL(hwbp_find_slot_debugger);

/**
 * hwbp_debugger_among() - is a debugger hit by more than one slot?
 * @debug: breakpoint of his that was hit
 * @slots: other slots that were
 *
 * Context: interrupts off, from the exception.
 * Return: true if one of @slots is the same debugger's, who is known by his handler.
 */
bool hwbp_debugger_among(const struct hw_breakpoint_debug *debug, u32 slots)
{
	const struct hw_breakpoint_debug *other;

	for (; slots; slots &= slots - 1) {
		other = hwbp_slot_debugger(__ffs(slots));
		if (other && other->hit == debug->hit)
			return true;
	}
	return false;
}
NOKPROBE_SYMBOL(hwbp_debugger_among);
