/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private to slots.c, place.c and loan.c: struct hwbp_cpu of the running CPU.
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

/* Return: true if the registers of @slot hold @image for sure. */
static nokprobe_inline bool hwbp_holds(const struct hwbp_cpu *c, int slot,
				       const struct hwbp_image *image)
{
	return hwbp_image_equal(&c->have[slot], image) && c->known & BIT(slot);
}

/* What @slot shall hold: valid where it is owned or placed. */
static nokprobe_inline const struct hwbp_image *hwbp_wanted(const struct hwbp_cpu *c, int slot)
{
	if (unlikely(c->placed & BIT(slot)))
		return &c->aim[slot];
	return &c->owner[slot]->hw.reservation.image;
}

/*
 * @slot shall hold @image from now on. No debugger is doing this at the same time, see
 * hwbp_begin_claim(). A commit may come in between, that of a debug exception: the bits that
 * it has cleared come back, and what is written is written again; and what it has
 * disarmed is written in any case, see hwbp_to_be_written().
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
 * Finds a slot that shall hold @image from now on.
 *
 * Return: the highest of @free that holds @image already, or the highest.
 */
static nokprobe_inline unsigned long hwbp_choose_slot(struct hwbp_cpu *c, u32 free,
						      const struct hwbp_image *image)
{
	unsigned long slot;
	u32 same;

	for (same = free & c->known; same; same &= ~BIT(slot)) {
		slot = __fls(same);
		if (likely(hwbp_image_equal(&c->have[slot], image))) {
			if (unlikely(c->unwritten & BIT(slot)))
				c->unwritten &= ~BIT(slot);
			return slot;
		}
		/* Seldom is there another: nothing is kept in registers for it. */
		barrier();
	}
	slot = __fls(free);
	c->unwritten |= BIT(slot);
	return slot;
}

static nokprobe_inline u32 hwbp_free_slots(const struct hwbp_cpu *c, u32 pool)
{
	return pool & ~(c->owned | c->placed);
}

/* No debugger gets or leaves a slot of this CPU from here; his wish remains. */
static nokprobe_inline void hwbp_begin_claim(struct hwbp_cpu *c)
{
	WRITE_ONCE(c->claiming, true);
	barrier();	/* slot:A, pairs with slot:B in an NMI */
}

/* Return: true if a debugger's wish has waited for this: hwbp_sync_debuggers() follows. */
static nokprobe_inline bool hwbp_claim_ends(struct hwbp_cpu *c)
{
	barrier();	/* slot:A */
	WRITE_ONCE(c->claiming, false);
	barrier();	/* slot:C, pairs with slot:B in an NMI */
	return unlikely(READ_ONCE(c->pending));
}

static nokprobe_inline void hwbp_end_claim(struct hwbp_cpu *c)
{
	if (hwbp_claim_ends(c))
		hwbp_sync_debuggers();
}

/* Slots of the desired set that shall fire. */
static nokprobe_inline u32 hwbp_desired_live(const struct hwbp_cpu *c)
{
	u32 live = c->owned | c->placed, left;

	if (!HWBP_SLOTS_REST)
		return live;
	for (left = live; left; left &= left - 1) {
		if (arch_hwbp_held(hwbp_wanted(c, __ffs(left))))
			live &= ~BIT(__ffs(left));
	}
	return live;
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

/* slots.c */
void hwbp_disarm_slots(struct hwbp_cpu *c, u32 slots);
void hwbp_commit_forced(void);

/* place.c */
void hwbp_place_debuggers(struct hwbp_cpu *c);
u32 hwbp_free_slots_again(struct hwbp_cpu *c, u32 pool);
bool hwbp_must_pause(struct perf_event *bp);

#endif /* _KERNEL_EVENTS_HW_BREAKPOINT_SLOTS_H */
