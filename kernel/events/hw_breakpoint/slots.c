// SPDX-License-Identifier: GPL-2.0
/*
 * The slots of a CPU: who owns them and what their registers hold.
 *
 * Each CPU has a desired set, the images of the slots that have an owner, and a
 * shadow, the images that its registers hold. hwbp_add() and hwbp_del() change the
 * desired set only. hwbp_commit() writes what differs, with the slots concerned
 * silenced by one write of the master register before and armed by one after.
 *
 * A register whose slot cannot fire is left alone: if the next owner wants what
 * it holds, nothing has to be written. Hence slots are handed out to whoever
 * wants their present content first, and otherwise from the top.
 *
 * States of a slot, each change made by the one function named:
 *
 *	free		no owner, cannot fire; registers hold anything
 *	installed	owner, registers not yet written	install(),
 *			change_slot()
 *	live		owner, registers written, may fire	commit()
 *	leaving		no owner, may still fire		uninstall()
 *	held		owner, registers written, silenced	commit(), for
 *			arch_hwbp_held()
 *	debugger's	the owner is a debugger			place()
 *
 * No breakpoint can be set on the functions that move slots between these states:
 * a hit half way would find shadow and hardware apart.
 *
 * A hit in a slot that is installed or leaving belongs to nobody. There is none
 * of either outside pmu_disable()/pmu_enable(), where interrupts are off.
 *
 * An NMI may come at any instruction, and a debugger in it may want a slot of this
 * CPU. It calls hwbp_sync_debuggers(). If that has interrupted a commit it leaves
 * all to it: the commit is done over when it is through. So it does where perf is
 * choosing a slot. If not, it finds the perf side between two instructions. What both
 * sides write, perf's side writes by single instructions, but where it is choosing a slot.
 */

#include <linux/bitops.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"

DEFINE_PER_CPU(struct hwbp_cpu, hwbp_cpu);

static_assert(HWBP_NR_SLOTS <= BITS_PER_TYPE(u32));

/* The slots that this machine has. */
static u32 all_slots(void)
{
	return arch_hwbp_pool(TYPE_INST) | arch_hwbp_pool(TYPE_DATA);
}
NOKPROBE_SYMBOL(all_slots);

/* Return: true if the registers of @slot hold @image for sure. */
static nokprobe_inline bool holds_image(const struct hwbp_cpu *c, int slot,
					const struct hwbp_image *image)
{
	return hwbp_image_equal(&c->have[slot], image) && c->known & BIT(slot);
}

/* What @slot shall hold: valid where it is owned or placed. */
static nokprobe_inline const struct hwbp_image *wanted(const struct hwbp_cpu *c, int slot)
{
	if (unlikely(c->placed & BIT(slot)))
		return &c->aim[slot];
	return &c->owner[slot]->hw.reservation.image;
}

/*
 * @slot shall hold @image from now on. No debugger is doing this at the same time, see
 * begin_claim(). A commit may come in between, that of a debug exception: the bits that
 * it has cleared come back, and what is written is written again; and what it has
 * disarmed is written in any case, see to_be_written().
 */
static nokprobe_inline void want(struct hwbp_cpu *c, unsigned int slot,
				 const struct hwbp_image *image)
{
	if (holds_image(c, slot, image))
		c->unwritten &= ~BIT(slot);
	else
		c->unwritten |= BIT(slot);
}

/*
 * Finds a slot that shall hold @image from now on.
 *
 * Return: the highest of @free that holds @image already, or the highest.
 */
static nokprobe_inline unsigned long choose_slot(struct hwbp_cpu *c, u32 free,
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

static nokprobe_inline void own(struct hwbp_cpu *c, unsigned long slot,
				struct perf_event *bp)
{
	/* owner:A; show_slot() reads on from here, see owner:B. */
	smp_store_release(&c->owner[slot], bp);
	c->owned |= BIT(slot);
	c->changed |= BIT(slot);
	bp->hw.reservation.slot = slot;
}

/* No debugger gets or leaves a slot of this CPU from here; his wish remains. */
static nokprobe_inline void begin_claim(struct hwbp_cpu *c)
{
	WRITE_ONCE(c->claiming, true);
	barrier();	/* slot:A, pairs with slot:B in an NMI */
}

/* Return: true if a debugger's wish has waited for this: hwbp_sync_debuggers() follows. */
static nokprobe_inline bool claim_ends(struct hwbp_cpu *c)
{
	barrier();	/* slot:A */
	WRITE_ONCE(c->claiming, false);
	barrier();	/* slot:C, pairs with slot:B in an NMI */
	return unlikely(READ_ONCE(c->pending));
}

static nokprobe_inline void end_claim(struct hwbp_cpu *c)
{
	if (claim_ends(c))
		hwbp_sync_debuggers();
}

static nokprobe_inline u32 free_slots(const struct hwbp_cpu *c, u32 pool)
{
	return pool & ~(c->owned | c->placed);
}

/*
 * Debuggers may have gone that were not here to leave their slots. Without one an
 * event is left only where a debugger has taken what perf was promised. He may be
 * gone again by the time that is asked for.
 */
static u32 free_slots_again(struct hwbp_cpu *c, u32 pool)
{
	int attempts = 3;
	u32 free;

	do {
		WRITE_ONCE(c->claiming, false);
		if (c->placed)
			hwbp_sync_debuggers();
		begin_claim(c);
		free = free_slots(c, pool);
		if (free || hwbp_overdrawn(smp_processor_id()))
			return free;
	} while (--attempts);
	WARN_ONCE(1, "no slot for a reservation\n");
	return 0;
}
NOKPROBE_SYMBOL(free_slots_again);

/*
 * An event that a debugger has taken its slot from may have missed hits up to now, though
 * to perf it was running. It is refused once, so that it stands still for a moment at
 * least: even if there is a slot for it again, or perf lets another event go without.
 */
static bool must_pause(struct perf_event *bp)
{
	if (likely(!bp->hw.reservation.lost))
		return false;
	bp->hw.reservation.lost = false;
	hwbp_report_pause();
	return true;
}
NOKPROBE_SYMBOL(must_pause);

/*
 * What follows on occupy(), where anything does. Apart, or registers would be saved for it
 * each time.
 */
static noinline int occupied(struct perf_event *bp)
{
	int slot = bp->hw.reservation.slot;

	if (this_cpu_read(hwbp_cpu.pending))
		hwbp_sync_debuggers();
	trace_hwbp_install(bp, slot);
	return 0;
}
NOKPROBE_SYMBOL(occupied);

/* free or leaving -> installed */
static nokprobe_inline int occupy(struct hwbp_cpu *c, u32 free, struct perf_event *bp)
{
	own(c, choose_slot(c, free, &bp->hw.reservation.image), bp);
	if (claim_ends(c) || trace_hwbp_install_enabled())
		return occupied(bp);
	return 0;
}

/* install(), where there is more to it than to find a free slot. Apart for the same reason */
static noinline int install_slowly(struct perf_event *bp)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	u32 free;

	end_claim(c);
	if (!bp->hw.reservation.held || must_pause(bp))
		return -ENOSPC;

	begin_claim(c);
	free = free_slots_again(c, arch_hwbp_pool(hwbp_type(bp->attr.bp_type)));
	if (free)
		return occupy(c, free, bp);
	end_claim(c);
	hwbp_report_missing();
	return -ENOSPC;
}
NOKPROBE_SYMBOL(install_slowly);

static nokprobe_inline int install(struct perf_event *bp)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	u32 free;

	lockdep_assert_irqs_disabled();
	begin_claim(c);
	free = free_slots(c, arch_hwbp_pool(hwbp_type(bp->attr.bp_type)));
	if (unlikely(!free || !bp->hw.reservation.held || bp->hw.reservation.lost))
		return install_slowly(bp);
	return occupy(c, free, bp);
}

/* Apart for the same reason */
static noinline int add_sampling(struct perf_event *bp)
{
	bp->hw.last_period = bp->hw.sample_period;
	perf_swevent_set_period(bp);
	return install(bp);
}
NOKPROBE_SYMBOL(add_sampling);

/**
 * hwbp_add() - give an event a slot of this CPU
 * @bp: event
 * @flags: PERF_EF_START, if its hits count from here
 *
 * free or leaving -> installed; hwbp_commit() makes it live.
 *
 * Context: interrupts off.
 * Return: 0, or -ENOSPC for an event that holds no reservation, or whose slot a
 * debugger has taken, or had taken when it was uninstalled.
 */
int hwbp_add(struct perf_event *bp, int flags)
{
	bp->hw.state = flags & PERF_EF_START ? 0 : PERF_HES_STOPPED;
	if (unlikely(is_sampling_event(bp)))
		return add_sampling(bp);
	return install(bp);
}
NOKPROBE_SYMBOL(hwbp_add);

/* Has the owner that @slot had until now missed hits? Nobody can take it any more. */
static nokprobe_inline bool had_lost(struct hwbp_cpu *c, int slot)
{
	if (likely(!(READ_ONCE(c->taken) & BIT(slot))))
		return false;
	this_cpu_and(hwbp_cpu.taken, ~BIT(slot));
	return true;
}

static nokprobe_inline void uninstall(struct perf_event *bp)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	int slot = bp->hw.reservation.slot;

	lockdep_assert_irqs_disabled();
	/* Changed while a debugger had its slot: perf is about to be told. */
	if (slot < 0)
		return;
	if (WARN_ON_ONCE(c->owner[slot] != bp))
		return;

	this_cpu_and(hwbp_cpu.owned, ~BIT(slot));
	if (had_lost(c, slot))
		bp->hw.reservation.lost = true;
	this_cpu_or(hwbp_cpu.changed, BIT(slot));
	WRITE_ONCE(c->owner[slot], NULL);
	bp->hw.reservation.slot = -1;
	trace_hwbp_uninstall(bp, slot);
}

/**
 * hwbp_del() - take an event's slot of this CPU away
 * @bp: event that hwbp_add() was called for on this CPU
 * @flags: unused
 *
 * live, held or installed -> leaving; hwbp_commit() makes it free. Or the slot is
 * a debugger's by now and remains so.
 *
 * Context: interrupts off.
 */
void hwbp_del(struct perf_event *bp, int flags)
{
	uninstall(bp);
}
NOKPROBE_SYMBOL(hwbp_del);

/* ---- the registers ---- */

/* Slots of the desired set that shall fire. */
static nokprobe_inline u32 desired_live(const struct hwbp_cpu *c)
{
	u32 live = c->owned | c->placed, left;

	if (!HWBP_SLOTS_REST)
		return live;
	for (left = live; left; left &= left - 1) {
		if (arch_hwbp_held(wanted(c, __ffs(left))))
			live &= ~BIT(__ffs(left));
	}
	return live;
}

static nokprobe_inline const struct hwbp_image *
known_image(const struct hwbp_cpu *c, int slot)
{
	return c->known & BIT(slot) ? &c->have[slot] : NULL;
}

static nokprobe_inline void write_slots(struct hwbp_cpu *c, u32 slots)
{
	u32 left;

	for (left = slots; left; left &= left - 1) {
		int slot = __ffs(left);
		const struct hwbp_image *image = wanted(c, slot);

		arch_hwbp_write(slot, known_image(c, slot), image);
		c->have[slot] = *image;
	}
	c->known |= slots;
	c->unwritten &= ~slots;
	if (HWBP_SLOT_ENABLE)
		c->armed |= slots;
}

static void disarm_slots(struct hwbp_cpu *c, u32 slots)
{
	u32 left;

	for (left = slots; left; left &= left - 1) {
		int slot = __ffs(left);

		arch_hwbp_write(slot, known_image(c, slot), NULL);
		c->have[slot].ctrl = 0;
	}
	c->armed &= ~slots;
	/* Of those that rest. */
	c->unwritten |= slots & (c->owned | c->placed);
}
NOKPROBE_SYMBOL(disarm_slots);

static nokprobe_inline void write_master(struct hwbp_cpu *c, u64 master, bool force)
{
	if (master == c->master && !force)
		return;
	arch_hwbp_write_master(c->master, master);
	c->master = master;
}

/* ---- debuggers ---- */

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
		want(c, slot, &c->owner[slot]->hw.reservation.image);
}
NOKPROBE_SYMBOL(unplace);

static void follow(struct hwbp_cpu *c, int slot, const struct hw_breakpoint_aim *aim)
{
	c->aim[slot] = aim->image;
	want(c, slot, &c->aim[slot]);
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
	u32 free = free_slots(c, pool);
	int slot;

	if (WARN_ON_ONCE(!(pool & ~c->placed)))
		return;
	if (free) {
		slot = choose_slot(c, free, &aim->image);
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
static noinline void place_debuggers(struct hwbp_cpu *c)
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
NOKPROBE_SYMBOL(place_debuggers);

/* ---- commit ---- */

/*
 * Those of @live whose registers do not hold what they shall. One that is disarmed
 * does not, whatever want() has found: an NMI's commit may have disarmed it as a
 * leaving slot just after.
 */
static nokprobe_inline u32 to_be_written(const struct hwbp_cpu *c, u32 live)
{
	u32 disarmed = HWBP_SLOT_ENABLE ? ~c->armed : 0;

	return live & (c->unwritten | disarmed);
}

/* Those of @slots, which may fire, that must not while they are written. */
static nokprobe_inline u32 to_be_silenced(const struct hwbp_cpu *c, u32 slots)
{
	u32 quiet = slots, left;

	for (left = slots & c->known; left; left &= left - 1) {
		int slot = __ffs(left);

		if (arch_hwbp_changes_at_once(&c->have[slot], wanted(c, slot)))
			quiet &= ~BIT(slot);
	}
	return quiet;
}

/* installed -> live, leaving -> free, live <-> held: the slots' registers are right by now */
static nokprobe_inline void switch_over(struct hwbp_cpu *c, u32 live, u32 written, bool force)
{
	/* What fires at once, even here, must be known to be live. */
	c->live |= live;
	write_master(c, arch_hwbp_master(c->have, live, 0), force);
	c->live = live;
	c->changed = 0;
	trace_hwbp_commit(live, written, c->master);
}

/* Apart: most commits write the master register alone. */
static noinline void write_and_switch_over(struct hwbp_cpu *c, u32 live, u32 change, u32 stale,
					   bool force)
{
	u32 quiet = to_be_silenced(c, change & c->live) | (stale & c->live);

	if (quiet)
		write_master(c, arch_hwbp_master(c->have, c->live & ~quiet,
						 quiet), false);
	write_slots(c, change);
	if (stale)
		disarm_slots(c, stale);
	switch_over(c, live, change | stale, force);
}
NOKPROBE_SYMBOL(write_and_switch_over);

/*
 * @force writes the master register, and disarms slots, even where the shadow
 * says that this is not needed.
 */
static nokprobe_inline void write_difference(struct hwbp_cpu *c, bool force)
{
	u32 live = desired_live(c);
	u32 change = to_be_written(c, live);
	u32 stale = HWBP_SLOT_ENABLE && (live || force) ? c->armed & ~live : 0;

	if (unlikely(change | stale))
		write_and_switch_over(c, live, change, stale, force);
	else
		switch_over(c, live, 0, force);
}

/* A debugger's wish waits until perf has its slot, see end_claim(). */
static nokprobe_inline bool wishes_pending(const struct hwbp_cpu *c)
{
	return unlikely(READ_ONCE(c->pending)) && !READ_ONCE(c->claiming);
}

/*
 * Whoever interrupts a commit leaves his wishes behind, and the commit is done over
 * before it is through. It must not be left between the last look at @pending and
 * the end of @busy, hence the look after that.
 */
static nokprobe_inline void commit(struct hwbp_cpu *c, bool force)
{
	unsigned long flags;

	if (unlikely(c->busy)) {
		WRITE_ONCE(c->pending, true);
		return;
	}
	flags = arch_hwbp_mask();
	do {
		WRITE_ONCE(c->busy, true);
		barrier();	/* busy:A, pairs with busy:B in an NMI */
		if (wishes_pending(c))
			place_debuggers(c);
		write_difference(c, force);
		barrier();	/* busy:A */
		WRITE_ONCE(c->busy, false);
		barrier();	/* busy:C, pairs with busy:B in an NMI */
	} while (wishes_pending(c));
	arch_hwbp_unmask(flags);
}

/**
 * hwbp_pmu_enable() - perf is through with a change of what runs on this CPU
 * @pmu: ours
 *
 * Context: interrupts off.
 */
void hwbp_pmu_enable(struct pmu *pmu)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	if (c->changed)
		commit(c, false);
}
NOKPROBE_SYMBOL(hwbp_pmu_enable);

/**
 * hwbp_commit() - let this CPU's registers hold the desired set
 *
 * Context: interrupts off, or NMI.
 */
void hwbp_commit(void)
{
	commit(this_cpu_ptr(&hwbp_cpu), false);
}
NOKPROBE_SYMBOL(hwbp_commit);

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

/* ---- changes ---- */

/*
 * Whose hits the event has reported: that task may be about to execute the
 * instruction, which must not count again. NULL if the event has not run.
 */
static nokprobe_inline struct task_struct *hit_task(const struct perf_event *bp)
{
	const struct perf_event_context *ctx = bp->ctx;

	if (bp->oncpu != -1)
		return current;
	return ctx->is_active || IS_ERR_OR_NULL(ctx->task) ? NULL : ctx->task;
}

/* What rests for the old setting rests for the new one. */
static nokprobe_inline void carry_hits(struct perf_event *bp, const struct hwbp_image *old)
{
	struct task_struct *tsk = hit_task(bp);

	if (tsk)
		arch_hwbp_carry_hits(tsk, old, &bp->hw.reservation.image);
}

static nokprobe_inline void take_next(struct perf_event *bp)
{
	struct hwbp_image old = bp->hw.reservation.image;

	hwbp_settle(bp, &bp->hw.next);
	if (HWBP_SLOTS_REST)
		carry_hits(bp, &old);
}

/*
 * live, held or installed -> installed, in the same slot. Nobody commits half an image:
 * while it changes the slot is not owned, and no debugger gets it. A handler may have come
 * in the middle of another claim, by a breakpoint on what that reads: it goes on after.
 */
static nokprobe_inline void change_slot(struct perf_event *bp, int slot)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	bool inside = READ_ONCE(c->claiming);

	begin_claim(c);
	this_cpu_and(hwbp_cpu.owned, ~BIT(slot));
	take_next(bp);
	if (likely(!(c->placed & BIT(slot))))
		want(c, slot, &bp->hw.reservation.image);
	this_cpu_or(hwbp_cpu.changed, BIT(slot));
	this_cpu_or(hwbp_cpu.owned, BIT(slot));
	if (likely(!inside))
		end_claim(c);
}

/* To a slot of the other pool, of which it holds one, too, unless a debugger takes it. */
static void change_pool(struct perf_event *bp)
{
	struct hw_breakpoint_reservation *res = &bp->hw.reservation;
	bool lost;

	uninstall(bp);
	take_next(bp);
	/* If it has lost its slot before, it pauses when perf is told, and not now. */
	lost = res->lost;
	res->lost = false;
	if (install(bp)) {
		lost = true;
		hwbp_report_taken(bp);
	}
	res->lost = lost;
}
NOKPROBE_SYMBOL(change_pool);

/**
 * hwbp_adopt() - what hwbp_prepare() has checked is an event's setting from now on
 * @bp: event that runs on this CPU or on none; its attributes are the new ones
 *
 * Context: interrupts off.
 */
void hwbp_adopt(struct perf_event *bp)
{
	int slot = bp->hw.reservation.slot;

	if (slot < 0) {
		take_next(bp);
		return;
	}
	if (arch_hwbp_pool(hwbp_type(bp->attr.bp_type)) & BIT(slot))
		change_slot(bp, slot);
	else
		change_pool(bp);
	hwbp_commit();
}
NOKPROBE_SYMBOL(hwbp_adopt);

/* ---- loans ---- */

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
		disarm_slots(c, written);
	for (left = slots; left; left &= left - 1) {
		int slot = __ffs(left);

		if (holds_image(c, slot, &guest[slot]))
			continue;
		arch_hwbp_write(slot, known_image(c, slot), &guest[slot]);
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
		c->armed = all_slots();
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
	return to_be_written(c, live) || (live && c->armed & ~live) || c->pending;
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
	if (is_behind(c, desired_live(c)))
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
	commit(c, true);
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
		commit(this_cpu_ptr(&hwbp_cpu), true);
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

/**
 * hwbp_core_data() - would a breakpoint there hit this layer itself?
 * @addr: first byte
 * @end: last byte
 *
 * Context: any.
 * Return: true if the range overlaps the slots of some CPU.
 */
bool hwbp_core_data(unsigned long addr, unsigned long end)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		unsigned long c = (unsigned long)per_cpu_ptr(&hwbp_cpu, cpu);

		if (end >= c && addr < c + sizeof(struct hwbp_cpu))
			return true;
	}
	return hwbp_debugger_data(addr, end);
}

/* ---- debugfs ---- */

#ifdef CONFIG_DEBUG_FS
static bool is_listed(const struct hw_breakpoint_debug *bp, int cpu)
{
	int i;

	for (i = 0; i < HWBP_NR_SLOTS; i++) {
		if (hwbp_debugger_at(cpu, i) == bp)
			return true;
	}
	return false;
}

/* It may be freed once the CPU has let it go, hence the list and not the slot. */
static void show_debugger(struct seq_file *m, int cpu, int slot)
{
	struct hw_breakpoint_debug *bp = READ_ONCE(per_cpu(hwbp_cpu, cpu).debugger[slot]);
	struct hw_breakpoint_aim aim;

	if (!is_listed(bp, cpu) || !hwbp_debugger_aim(bp, &aim)) {
		seq_printf(m, "%d %d - - - - leaving\n", cpu, slot);
		return;
	}
	seq_printf(m, "%d %d %s %#lx %u %s debugger\n", cpu, slot,
		   hwbp_type_name(aim.type), aim.addr, aim.len, bp->owner);
}

static void show_slot(struct seq_file *m, int cpu, int slot)
{
	/* owner:B, pairs with owner:A */
	struct perf_event *bp = READ_ONCE(per_cpu(hwbp_cpu, cpu).owner[slot]);

	if (READ_ONCE(per_cpu(hwbp_cpu, cpu).placed) & BIT(slot)) {
		show_debugger(m, cpu, slot);
		return;
	}
	if (!bp) {
		seq_printf(m, "%d %d - - - - free\n", cpu, slot);
		return;
	}
	seq_printf(m, "%d %d %s %#llx %llu ", cpu, slot,
		   hwbp_type_name(READ_ONCE(bp->attr.bp_type)),
		   READ_ONCE(bp->attr.bp_addr), READ_ONCE(bp->attr.bp_len));
	hwbp_show_opener(m, bp);
	seq_printf(m, ">%d %s\n", hwbp_event_pid(bp), hwbp_state_name(bp));
}

/**
 * hwbp_show_slots() - print the slots of all CPUs and their owners
 * @m: where to
 *
 * Context: takes the RCU read lock, which keeps the owners from being freed. A
 * snapshot, like hwbp_show_holders().
 */
void hwbp_show_slots(struct seq_file *m)
{
	int cpu, slot;

	seq_puts(m, "# cpu slot type addr len owner state\n");
	rcu_read_lock();
	for_each_online_cpu(cpu) {
		for (slot = 0; slot < HWBP_NR_SLOTS; slot++) {
			if (all_slots() & BIT(slot))
				show_slot(m, cpu, slot);
		}
	}
	rcu_read_unlock();
}
#endif /* CONFIG_DEBUG_FS */

/* ---- CPU hotplug ---- */

/*
 * A CPU starts with all slots off and their registers unknown. perf has taken
 * every event off it when it went down. What debuggers have reserved meanwhile is
 * placed when it calls hwbp_restore().
 */
static int hwbp_prepare_cpu(unsigned int cpu)
{
	struct hwbp_cpu *c = per_cpu_ptr(&hwbp_cpu, cpu);

	c->known = 0;
	c->placed = 0;
	c->unwritten = 0;
	c->live = 0;
	c->armed = 0;
	c->master = 0;
	c->busy = false;
	c->pending = true;
	return 0;
}

static int __init hwbp_hotplug_init(void)
{
	int ret;

	ret = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN,
					"perf/hw_breakpoint:prepare",
					hwbp_prepare_cpu, NULL);
	return ret < 0 ? ret : 0;
}
core_initcall(hwbp_hotplug_init);

/* The number of slots and the pools must agree, or accounting is not exact. */
int __init hwbp_slots_init(void)
{
	int type;

	for (type = 0; type < TYPE_MAX; type++) {
		if (WARN_ON(hweight32(arch_hwbp_pool(type)) != hwbp_capacity(type)))
			return -EINVAL;
	}
	return 0;
}
