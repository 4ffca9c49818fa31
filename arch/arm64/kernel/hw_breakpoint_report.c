// SPDX-License-Identifier: GPL-2.0
/*
 * Decodes debug exceptions: which slots have fired, who is told, and what has to rest so that
 * the instruction can be stepped. A hit rests unless its owner is a tracer that was told: he
 * has to see to it himself.
 *
 * Exceptions from the kernel mask PSTATE.D on entry and nothing here unmasks it,
 * so the functions called from them are not interrupted by one another.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */

#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/kprobes.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include <asm/cputype.h>
#include <asm/debug-monitors.h>
#include <asm/esr.h>
#include <asm/exception.h>
#include <asm/hw_breakpoint.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>

#include "hw_breakpoint.h"

#define BREAK_SLOTS	GENMASK(ARM_MAX_BRP - 1, 0)
#define WATCH_SLOTS	GENMASK(HWBP_NR_SLOTS - 1, ARM_MAX_BRP)

/*
 * Syndrome of a watchpoint exception, from Armv8.9 on; 0 before (D24.2, ESR_EL1,
 * ISS encoding for an exception from a Watchpoint exception).
 */
#define ESR_WATCH_FAR_INVALID	BIT(10)		/* FnV */
#define ESR_WATCH_FAR_INEXACT	BIT(15)		/* FnP */
#define ESR_WATCH_HAS_NUMBER	BIT(17)		/* WPTV */
#define ESR_WATCH_NUMBER	GENMASK(23, 18)	/* WPT */

/* Slots of @pool that can have fired in the mode that @regs are from. */
static u32 candidates(u32 pool, const struct pt_regs *regs)
{
	u32 slots = hwbp_live() & pool, left;

	if (!user_mode(regs))
		return slots;
	for (left = slots; left; left &= left - 1) {
		if (image_of_kernel(hwbp_slot_image(__ffs(left))))
			slots &= ~BIT(__ffs(left));
	}
	return slots;
}
NOKPROBE_SYMBOL(candidates);

static u32 breakpoints_at(u64 pc, u32 slots)
{
	u32 hit = 0, left;

	for (left = slots; left; left &= left - 1) {
		const struct hwbp_image *image = hwbp_slot_image(__ffs(left));

		if (image->addr == (pc & ~3ULL) &&
		    FIELD_GET(DBG_CTRL_BAS, image->ctrl) & BIT(pc & 3))
			hit |= BIT(__ffs(left));
	}
	return hit;
}
NOKPROBE_SYMBOL(breakpoints_at);

static nokprobe_inline u64 first_byte(const struct hwbp_image *image)
{
	return image->addr + __ffs(FIELD_GET(DBG_CTRL_BAS, image->ctrl));
}

static nokprobe_inline u64 last_byte(const struct hwbp_image *image)
{
	return image->addr + __fls(FIELD_GET(DBG_CTRL_BAS, image->ctrl));
}

/* Those of @slots that watch a byte of @first to @last. */
static u32 watching(u64 first, u64 last, u32 slots)
{
	u32 found = 0, left;

	for (left = slots; left; left &= left - 1) {
		const struct hwbp_image *image = hwbp_slot_image(__ffs(left));

		if (first_byte(image) <= last && last_byte(image) >= first)
			found |= BIT(__ffs(left));
	}
	return found;
}
NOKPROBE_SYMBOL(watching);

/* Those of @slots whose first watched byte is lowest. */
static u32 lowest(u32 slots)
{
	u64 least = U64_MAX;
	u32 found = 0, left;

	for (left = slots; left; left &= left - 1) {
		u64 first = first_byte(hwbp_slot_image(__ffs(left)));

		if (first < least)
			found = 0;
		least = min(least, first);
		if (first == least)
			found |= BIT(__ffs(left));
	}
	return found;
}
NOKPROBE_SYMBOL(lowest);

/* Those of @slots whose last watched byte is highest. */
static u32 highest(u32 slots)
{
	u64 most = 0;
	u32 found = 0, left;

	for (left = slots; left; left &= left - 1) {
		u64 last = last_byte(hwbp_slot_image(__ffs(left)));

		if (last > most)
			found = 0;
		most = max(most, last);
		if (last == most)
			found |= BIT(__ffs(left));
	}
	return found;
}
NOKPROBE_SYMBOL(highest);

static u32 for_access(u32 access, u32 slots)
{
	u32 found = 0, left;

	for (left = slots; left; left &= left - 1) {
		const struct hwbp_image *image = hwbp_slot_image(__ffs(left));

		if (FIELD_GET(DBG_CTRL_LSC, image->ctrl) & access)
			found |= BIT(__ffs(left));
	}
	return found;
}
NOKPROBE_SYMBOL(for_access);

/*
 * FAR_EL1 is not always in the watched bytes (D2.10.5 Determining the memory
 * location that caused a Watchpoint exception). It lies
 *
 * - between the lowest address that the instruction accesses and the highest that
 *   it accesses and that is watched: what has fired is at FAR_EL1 or above it,
 *   and nothing that fires is between. Only DC ZVA may have been given an address
 *   above.
 * - in one naturally aligned block with a watched address that is accessed. The
 *   block is no larger than what DC ZVA zeroes; where the syndrome says that
 *   FAR_EL1 is inexact, no larger than the smallest page.
 *
 * What is outside of the block has not fired, and to count it would be wrong.
 */
static u32 watchpoints_near(u64 addr, u64 block, u32 slots)
{
	u64 start = addr & ~(block - 1);
	u32 found = watching(addr, addr, slots);

	if (!found)
		found = lowest(watching(addr, start + block - 1, slots));
	if (!found)
		found = highest(watching(start, addr, slots));
	return found;
}
NOKPROBE_SYMBOL(watchpoints_near);

static u64 far_block(unsigned long esr)
{
	if (esr & ESR_WATCH_FAR_INEXACT)
		return PAGE_SIZE;
	return 4ULL << (read_cpuid(DCZID_EL0) & 0xf);
}
NOKPROBE_SYMBOL(far_block);

/*
 * An atomic instruction reads and writes. The syndrome should call it a read if a
 * read would have been reported (WnR), but emulators have been seen to call it a
 * write, hence the last attempt.
 *
 * Return: the slots that have fired; none if that cannot be said.
 */
static u32 watchpoints_at(u64 addr, unsigned long esr, u32 slots)
{
	u32 access = esr & ESR_ELx_WNR ? ARM_BREAKPOINT_STORE : ARM_BREAKPOINT_LOAD;
	u32 number = ARM_MAX_BRP + FIELD_GET(ESR_WATCH_NUMBER, esr);
	u32 found;

	if (esr & ESR_WATCH_HAS_NUMBER && number < HWBP_NR_SLOTS &&
	    slots & BIT(number))
		return BIT(number);
	if (esr & ESR_WATCH_FAR_INVALID)
		return 0;

	found = watchpoints_near(addr, far_block(esr), for_access(access, slots));
	return found ?: watching(addr, addr, slots);
}
NOKPROBE_SYMBOL(watchpoints_at);

static bool is_tracers(struct perf_event *bp)
{
	const struct debug_info *debug = &current->thread.debug;
	int i;

	/* most are not, and need not be looked for */
	if (is_default_overflow_handler(bp))
		return false;
	for (i = 0; i < ARRAY_SIZE(debug->hbp_break); i++) {
		if (debug->hbp_break[i] == bp)
			return true;
	}
	for (i = 0; i < ARRAY_SIZE(debug->hbp_watch); i++) {
		if (debug->hbp_watch[i] == bp)
			return true;
	}
	return false;
}
NOKPROBE_SYMBOL(is_tracers);

/*
 * The debugger may have removed the breakpoint, or go on elsewhere; then there is
 * nothing to get past.
 */
static bool report_to_debugger(struct hw_breakpoint_debug *debug, int slot,
			       u32 later, struct pt_regs *regs)
{
	unsigned int flags = hwbp_debugger_among(debug, later) ? HW_BREAKPOINT_HIT_MORE : 0;
	u64 pc = instruction_pointer(regs);

	debug->hit(debug, regs, slot, flags);
	return instruction_pointer(regs) == pc && hwbp_slot_debugger(slot) == debug;
}
NOKPROBE_SYMBOL(report_to_debugger);

/*
 * Tells the owner of a slot that was hit, if there is one. One in user space that
 * was hit by a uaccess routine is not told: the kernel has to get on, and no
 * tracer could help. @later: slots that follow.
 *
 * Return: true if the slot has to rest.
 */
static bool report(int slot, u64 addr, u32 later, struct pt_regs *regs)
{
	struct hw_breakpoint_debug *debug = hwbp_slot_debugger(slot);
	bool kernel = image_of_kernel(hwbp_slot_image(slot));
	struct perf_event *bp = hwbp_slot_owner(slot);

	if (debug)
		return report_to_debugger(debug, slot, later, regs);
	if (!bp)
		return true;

	counter_arch_bp(bp)->trigger = addr;
	if (!kernel && !user_mode(regs))
		return true;

	perf_bp_event(bp, regs);
	return kernel || !is_tracers(bp);
}
NOKPROBE_SYMBOL(report);

/*
 * A handler may re-aim its breakpoint, and that may put it into another slot. So what
 * it was is noted before, and arch_hwbp_carry_hits() adds what it becomes.
 *
 * Return: what has to rest: of @hit, or anything if it is not known what was hit.
 */
static struct hwbp_hits report_all(u32 hit, u64 addr, struct pt_regs *regs)
{
	struct hwbp_hits *told = &this_cpu_ptr(&hwbp_rest)->told, rest;
	u32 left;

	guard(rcu)();
	told->n = hit ? 0 : HWBP_MAX_HITS + 1;
	for (left = hit; left; left &= left - 1) {
		u8 before = told->n;

		add_key(told, hit_key(hwbp_slot_image(__ffs(left))));
		if (!report(__ffs(left), addr, left & (left - 1), regs))
			told->n = before;
	}
	rest = *told;
	told->n = 0;
	return rest;
}
NOKPROBE_SYMBOL(report_all);

/**
 * do_breakpoint() - breakpoint exception
 * @esr: syndrome
 * @regs: registers before the instruction
 *
 * Context: exception, interrupts and PSTATE.D masked.
 */
void do_breakpoint(unsigned long esr, struct pt_regs *regs)
{
	u64 pc = instruction_pointer(regs);
	u32 hit = breakpoints_at(pc, candidates(BREAK_SLOTS, regs));
	struct hwbp_hits rest = report_all(hit, pc, regs);

	if (!rest.n)
		return;
	if (user_mode(regs))
		hwbp_begin_user_step(&rest);
	else if (!hwbp_simulate(regs))
		hwbp_begin_kernel_step(&rest, regs);
}
NOKPROBE_SYMBOL(do_breakpoint);

/**
 * do_watchpoint() - watchpoint exception
 * @addr: FAR_EL1
 * @esr: syndrome; WnR tells the kind of access
 * @regs: registers before the instruction
 *
 * Context: exception, interrupts and PSTATE.D masked.
 */
void do_watchpoint(unsigned long addr, unsigned long esr, struct pt_regs *regs)
{
	/* untagged_addr() would leave a tag of KASAN's in an address of the kernel's */
	u32 hit = watchpoints_at(__untagged_addr(addr), esr,
				 candidates(WATCH_SLOTS, regs));
	struct hwbp_hits rest = report_all(hit, addr, regs);

	if (!rest.n)
		return;
	if (user_mode(regs))
		hwbp_begin_user_step(&rest);
	else
		hwbp_begin_kernel_step(&rest, regs);
}
NOKPROBE_SYMBOL(do_watchpoint);

/**
 * hw_breakpoint_exceptions_notify() - nothing comes through the die chain here
 * @unused: not used
 * @val: not used
 * @data: not used
 *
 * Context: any.
 * Return: NOTIFY_DONE.
 */
int hw_breakpoint_exceptions_notify(struct notifier_block *unused,
				    unsigned long val, void *data)
{
	return NOTIFY_DONE;
}
