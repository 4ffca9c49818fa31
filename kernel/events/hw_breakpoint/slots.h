/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private to slots.c, commit.c, place.c and loan.c: struct hwbp_cpu of the running CPU.
 *
 * perf's side calls these with interrupts off. An NMI may come between any two
 * instructions of theirs, and a debugger in it may commit, see place.c.
 */
#ifndef _KERNEL_EVENTS_HW_BREAKPOINT_SLOTS_H
#define _KERNEL_EVENTS_HW_BREAKPOINT_SLOTS_H

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>

#include "internal.h"

/* The slots that this machine has. */
static nokprobe_inline u32 hwbp_all_slots(void)
{
	return arch_hwbp_pool(TYPE_INST) | arch_hwbp_pool(TYPE_DATA);
}

/*
 * @slot shall hold @image from now on. perf's side calls this between hwbp_begin_choice()
 * and hwbp_end_choice(), and a debugger in a commit, so no NMI does the same to @slot in
 * the middle. On arm64 a hit may interrupt perf's side here, and its handler commits: the
 * bits that this commit clears in @unwritten are set again, and those slots are written once
 * more than needed; a slot that it disarms is written whatever is found here, see
 * hwbp_to_be_written().
 */
static nokprobe_inline void hwbp_want(struct hwbp_cpu *c, unsigned int slot,
				      const struct hwbp_image *image)
{
	if (hwbp_holds(c, slot, image))
		c->unwritten &= ~BIT(slot);
	else
		c->unwritten |= BIT(slot);
}

/*
 * Finds a slot that shall hold @image from now on, for somebody who has had none yet.
 *
 * Return: the highest of @free that holds @image already, or the highest.
 */
static nokprobe_inline unsigned long hwbp_choose_slot(struct hwbp_cpu *c, u32 free,
						      const struct hwbp_image *image)
{
	unsigned long slot;
	u32 left;

	for (left = free & c->known; left; left &= ~BIT(slot)) {
		slot = __fls(left);
		if (hwbp_image_equal(&c->have[slot], image)) {
			c->unwritten &= ~BIT(slot);
			return slot;
		}
	}
	slot = __fls(free);
	c->unwritten |= BIT(slot);
	return slot;
}

static nokprobe_inline u32 hwbp_free_slots(const struct hwbp_cpu *c, u32 pool)
{
	return pool & ~(c->owned | c->placed);
}

/* From here to the end of the choice no debugger gets or leaves a slot of this CPU. */
static nokprobe_inline void hwbp_begin_choice(struct hwbp_cpu *c)
{
	WRITE_ONCE(c->choosing, true);
	barrier();	/* slot:A, pairs with slot:B in an NMI */
}

/* Return: true if a debugger's wish has waited for this: hwbp_sync_debuggers() follows. */
static nokprobe_inline bool hwbp_choice_ends(struct hwbp_cpu *c)
{
	barrier();	/* slot:A */
	WRITE_ONCE(c->choosing, false);
	barrier();	/* slot:C, pairs with slot:B in an NMI */
	/* An NMI that comes from here on waits for nothing, whatever this reads. */
	return unlikely(data_race(__this_cpu_read(hwbp_cpu.pending)));
}

static nokprobe_inline void hwbp_end_choice(struct hwbp_cpu *c)
{
	if (hwbp_choice_ends(c))
		hwbp_sync_debuggers();
}

/* Slots of the desired set. */
static nokprobe_inline u32 hwbp_desired_slots(const struct hwbp_cpu *c)
{
	return c->owned | c->placed;
}

/* Those of @desired, the desired set, that shall fire. */
static nokprobe_inline u32 hwbp_desired_live(const struct hwbp_cpu *c, u32 desired)
{
	return HWBP_SLOTS_REST ? desired & ~arch_hwbp_rests(c, desired) : desired;
}

static nokprobe_inline const struct hwbp_image *
hwbp_known_image(const struct hwbp_cpu *c, int slot)
{
	return c->known & BIT(slot) ? &c->have[slot] : NULL;
}

/*
 * Those of @live whose registers do not hold what they shall. One that is disarmed
 * does not, whatever hwbp_want() has found: an NMI's commit may have disarmed it as a
 * leaving slot just after.
 */
static nokprobe_inline u32 hwbp_to_be_written(const struct hwbp_cpu *c, u32 live)
{
	u32 disarmed = HWBP_SLOT_ENABLE ? ~c->armed : 0;

	return live & (c->unwritten | disarmed);
}

/* commit.c */
void hwbp_disarm_slots(struct hwbp_cpu *c, u32 slots);
void hwbp_commit_forced(void);

/* place.c */
void hwbp_place_debuggers(struct hwbp_cpu *c);
u32 hwbp_free_slots_again(struct hwbp_cpu *c, u32 pool, bool *overdrawn);
bool hwbp_must_pause(struct perf_event *bp);

#endif /* _KERNEL_EVENTS_HW_BREAKPOINT_SLOTS_H */
