// SPDX-License-Identifier: GPL-2.0
/*
 * The slots of a CPU that debuggers have, and how they get and leave them.
 *
 * Which debuggers may have a slot is decided in claims.c, and debug.c says what they watch. Each
 * CPU gives out its own slots, in hwbp_sync_debuggers(). On the CPU that a debugger runs on the
 * debugger calls it, perhaps in an NMI; the others call it in the interrupt that they are sent.
 *
 * States of a slot, whose others are in slots.c and commit.c; "free" and "leaving" have no owner:
 *
 *	free, leaving			-> placed	place()
 *	installed, live, resting	-> placed	place()
 *	placed				-> leaving	unplace()
 *	placed				-> installed	unplace()
 *
 * An NMI may come at any instruction of perf's side. If it has interrupted a commit, or a
 * loan (@busy), the debugger in it leaves its wish behind (@pending), and the commit is
 * done over when it is through. The same goes for an NMI that comes while perf is choosing a
 * slot (@choosing). Anywhere else the NMI changes slots at once, between two instructions of
 * perf's side: what both sides write, perf's side writes by single instructions there.
 *
 * Everything here but what is for perf's side may run in an NMI: it takes no lock, and
 * no kprobe and no breakpoint can be set on it.
 */

#include <linux/bitops.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/smp.h>

#include "internal.h"
#include "slots.h"

/* ---- which breakpoints has this CPU? ---- */

static bool is_among(const struct hw_breakpoint_debug *bp,
		     struct hw_breakpoint_debug * const *list, unsigned int n)
{
	while (n--) {
		if (list[n] == bp)
			return true;
	}
	return false;
}
NOKPROBE_SYMBOL(is_among);

/*
 * placed -> leaving
 * placed -> installed
 *
 * Installed if an event still owns the slot, which a debugger has taken from it: perf has not been
 * told yet. It will be, see hwbp_must_pause().
 */
static void unplace(struct hwbp_cpu *c, int slot)
{
	c->placed &= ~BIT(slot);
	if (c->owned & BIT(slot))
		hwbp_want(c, slot, &hwbp_reservation(c->owner[slot])->image);
}
NOKPROBE_SYMBOL(unplace);

static void aim_slot(struct hwbp_cpu *c, int slot, const struct hw_breakpoint_aim *aim)
{
	c->aim[slot] = aim->image;
	hwbp_want(c, slot, &c->aim[slot]);
}
NOKPROBE_SYMBOL(aim_slot);

/*
 * What does a breakpoint watch that is in the list of @type? Its debugger may have released it
 * since the list was read, and reserved it for the other pool. Then it gets no slot of @type.
 */
static bool aim_of(const struct hw_breakpoint_debug *bp, int type,
		   struct hw_breakpoint_aim *aim)
{
	return hwbp_debugger_aim(bp, aim) && hwbp_type(aim->type) == type;
}
NOKPROBE_SYMBOL(aim_of);

/* Takes back slots of @type that debuggers want no more; aims the others at what they want now. */
static void review(struct hwbp_cpu *c, int type, struct hw_breakpoint_debug * const *list,
		   unsigned int n)
{
	struct hw_breakpoint_aim aim;
	u32 left;

	for (left = c->placed & arch_hwbp_pool(type); left; left &= left - 1) {
		int slot = __ffs(left);

		if (!is_among(c->debugger[slot], list, n) ||
		    !aim_of(c->debugger[slot], type, &aim))
			unplace(c, slot);
		else
			aim_slot(c, slot, &aim);
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
 * free, leaving -> placed
 * installed, live, resting -> placed
 *
 * If the slot is taken from an event, perf is told when this CPU takes interrupts. Debuggers
 * have not claimed more slots than there are, so there always is one that no debugger has.
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
		WRITE_ONCE(hwbp_reservation(c->owner[slot])->must_pause, true);
		hwbp_report_taken(c->owner[slot]);
		data_race(c->taken++);	/* others read it */
	}
	aim_slot(c, slot, aim);
	c->debugger[slot] = bp;
	WRITE_ONCE(c->placed, c->placed | BIT(slot));
}
NOKPROBE_SYMBOL(place);

static bool has_slot(const struct hwbp_cpu *c, int type, const struct hw_breakpoint_debug *bp)
{
	u32 left;

	for (left = c->placed & arch_hwbp_pool(type); left; left &= left - 1) {
		if (c->debugger[__ffs(left)] == bp)
			return true;
	}
	return false;
}
NOKPROBE_SYMBOL(has_slot);

static void place_those_of(struct hwbp_cpu *c, int type)
{
	struct hw_breakpoint_debug *list[HWBP_MAX_PER_TYPE];
	unsigned int i, n = hwbp_debuggers(type, list);
	struct hw_breakpoint_aim aim;

	review(c, type, list, n);
	for (i = 0; i < n; i++) {
		if (!has_slot(c, type, list[i]) && aim_of(list[i], type, &aim))
			place(c, list[i], &aim);
	}
}
NOKPROBE_SYMBOL(place_those_of);

/**
 * hwbp_place_debuggers() - give debuggers the slots that they wish for, and take the others
 * back
 * @c: this CPU's
 *
 * @pending is cleared first: an NMI that leaves a wish behind later sets it again.
 *
 * Context: interrupts off, or NMI; @busy.
 */
void hwbp_place_debuggers(struct hwbp_cpu *c)
{
	int type;

	WRITE_ONCE(c->pending, false);
	barrier();	/* busy:D, pairs with busy:B in an NMI */
	for (type = 0; type < TYPE_MAX; type++)
		place_those_of(c, type);
}
NOKPROBE_SYMBOL(hwbp_place_debuggers);

/*
 * Has this NMI interrupted an exception that has yet to report the hit of some slot? Outside of an
 * NMI no such exception is interrupted, whatever the hardware says.
 */
static bool hits_under_way(const struct hwbp_cpu *c)
{
	return in_nmi() && c->live && arch_hwbp_unreported();
}
NOKPROBE_SYMBOL(hits_under_way);

/**
 * hwbp_sync_debuggers() - let this CPU's registers follow debuggers' wishes
 *
 * If this interrupts a commit, a loan or the choice of a slot on this CPU, it only notes @pending,
 * and what it has interrupted does the rest at its end. If it runs in an NMI that has interrupted a
 * debug exception, the rest is done later, too: the hits that are not reported yet belong to those
 * who have the slots now.
 *
 * Context: interrupts off, or NMI.
 */
void hwbp_sync_debuggers(void)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	WRITE_ONCE(c->pending, true);
	barrier();	/* busy:B, slot:B; pairs with :A and :C of either */
	if (READ_ONCE(c->busy) || READ_ONCE(c->choosing))
		return;
	if (hits_under_way(c))
		hwbp_look_again();
	else
		hwbp_commit();
}
NOKPROBE_SYMBOL(hwbp_sync_debuggers);

/* ---- for perf's side ---- */

/**
 * hwbp_free_slots_again() - which slots are free, when debuggers have been looked at?
 * @c: this CPU's
 * @pool: the slots that will do
 * @overdrawn: set if there is none because debuggers have taken what perf was promised
 *
 * Debuggers may have released slots that this CPU has not taken from them yet, since it has
 * not looked. A debugger that has taken a slot may have released it again before this CPU
 * asks whether the slots are overdrawn, hence the attempts.
 *
 * Context: interrupts off; this CPU is choosing a slot (hwbp_begin_choice()) at return.
 * Return: mask of slot numbers.
 */
u32 hwbp_free_slots_again(struct hwbp_cpu *c, u32 pool, bool *overdrawn)
{
	int attempts = 3;
	u32 free;

	do {
		WRITE_ONCE(c->choosing, false);
		if (READ_ONCE(c->placed))
			hwbp_sync_debuggers();
		hwbp_begin_choice(c);
		free = hwbp_free_slots(c, pool);
		*overdrawn = !free && hwbp_overdrawn(smp_processor_id());
	} while (!free && !*overdrawn && --attempts);
	return free;
}
NOKPROBE_SYMBOL(hwbp_free_slots_again);

/**
 * hwbp_must_pause() - is an event refused a slot once?
 * @bp: event that perf wants to install
 *
 * An event whose slot a debugger has taken may have missed hits up to now, though to perf the
 * event was running. So it is refused once, and stands still for a moment at least: even if there
 * is a slot for it again, or perf lets another event go without.
 *
 * Context: interrupts off.
 * Return: true if so; perf schedules again at once then.
 */
bool hwbp_must_pause(struct perf_event *bp)
{
	if (likely(!hwbp_reservation(bp)->must_pause))
		return false;
	hwbp_reservation(bp)->must_pause = false;
	hwbp_report_pause();
	return true;
}
NOKPROBE_SYMBOL(hwbp_must_pause);

/* ---- for the back ends ---- */

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

	if (!hwbp_debugger_aim(c->debugger[slot], &aim) || !hwbp_holds(c, slot, &aim.image))
		return NULL;
	return c->debugger[slot];
}
NOKPROBE_SYMBOL(hwbp_find_slot_debugger);

/**
 * hwbp_debugger_among() - has an exception hit another slot of the same debugger?
 * @debug: breakpoint of the debugger's that was hit
 * @slots: other slots that the exception has hit
 *
 * Context: interrupts off, from the exception.
 * Return: true if one of @slots is the same debugger's: one with the same handler.
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
