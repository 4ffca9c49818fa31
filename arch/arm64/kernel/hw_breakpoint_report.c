// SPDX-License-Identifier: GPL-2.0
/*
 * Decodes debug exceptions: which slots have fired, who is told, and what has to rest so that
 * the instruction can be stepped.
 *
 * A hit goes through these states, in one exception on the CPU that has taken it:
 *
 *	fired		the slot matched; in a mask of slots	breakpoints_at(),
 *								watchpoints_at()
 *	told		its owner has been called, and its	tell(), tell_all()
 *			key is in hwbp_rest.told: what a
 *			handler re-aims is carried there
 *	resting		among what the CPU has to get past,	report()
 *			by a step or in an exclusive pair
 *	over		its owner sees to it: a tracer that	tell_all()
 *			was told, or a debugger that has
 *			moved the program or the slot
 *
 * If the CPU has taken the exception and no slot can have fired, the exception is nobody's, and
 * all slots rest for the one instruction.
 *
 * Debug exceptions mask PSTATE.D and interrupts on entry, and nothing here unmasks them. So no
 * other hit on this CPU interrupts what is called from here.
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

/*
 * ---- which slots have fired? ----
 *
 * Slots of user mode and of the kernel need not be told apart: none has an address that the
 * other mode executes or accesses, but for uaccess routines, which hit those of user mode.
 */

/* Does the slot of @image watch the byte at @addr, or break at the instruction there? */
static nokprobe_inline bool has_byte(const struct hwbp_image *image, u64 addr)
{
	u64 byte = addr - image->addr;

	return byte < sizeof(u64) && FIELD_GET(DBG_CTRL_BAS, image->ctrl) & BIT(byte);
}

/* Those of @slots that break at @pc. */
static nokprobe_inline u32 breakpoints_at(const struct hwbp_cpu *c, u64 pc, u32 slots)
{
	u32 hit = 0, left;

	for (left = slots; left; left &= left - 1) {
		if (has_byte(&c->have[__ffs(left)], pc))
			hit |= BIT(__ffs(left));
	}
	return hit;
}

/* Those of @slots that watch the byte at @addr for any of @access. */
static nokprobe_inline u32 watching_byte(const struct hwbp_cpu *c, u64 addr, u32 access,
					 u32 slots)
{
	u32 hit = 0, left;

	for (left = slots; left; left &= left - 1) {
		const struct hwbp_image *image = &c->have[__ffs(left)];

		if (FIELD_GET(DBG_CTRL_LSC, image->ctrl) & access && has_byte(image, addr))
			hit |= BIT(__ffs(left));
	}
	return hit;
}

static nokprobe_inline u64 first_byte(const struct hwbp_image *image)
{
	return image->addr + __ffs(FIELD_GET(DBG_CTRL_BAS, image->ctrl));
}

static nokprobe_inline u64 last_byte(const struct hwbp_image *image)
{
	return image->addr + __fls(FIELD_GET(DBG_CTRL_BAS, image->ctrl));
}

/* Those of @slots that watch a byte of @first to @last for any of @access. */
static u32 watching(u64 first, u64 last, u32 access, u32 slots)
{
	u32 found = 0, left;

	for (left = slots; left; left &= left - 1) {
		const struct hwbp_image *image = hwbp_slot_image(__ffs(left));

		if (FIELD_GET(DBG_CTRL_LSC, image->ctrl) & access &&
		    first_byte(image) <= last && last_byte(image) >= first)
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

/*
 * FAR_EL1 is not always in the watched bytes (D2.10.5 Determining the memory
 * location that caused a Watchpoint exception). It lies
 *
 * - between the lowest address that the instruction accesses and the highest that
 *   it accesses and that is watched: the slot that has fired is at FAR_EL1 or above it,
 *   and no other slot that fires is between. Only the program's operand of DC ZVA may be an
 *   address above.
 * - in one naturally aligned block with a watched address that is accessed. The
 *   block is no larger than what DC ZVA zeroes; where the syndrome says that
 *   FAR_EL1 is inexact, no larger than the smallest page.
 *
 * A slot that watches nothing in the block has not fired, and must not be reported.
 */
static u32 watchpoints_near(u64 addr, u64 block, u32 access, u32 slots)
{
	u64 start = addr & ~(block - 1);
	u32 found = lowest(watching(addr, start + block - 1, access, slots));

	return found ?: highest(watching(start, addr, access, slots));
}
NOKPROBE_SYMBOL(watchpoints_near);

/* Size of the block in which FAR_EL1 is. */
static u64 far_block(unsigned long esr)
{
	if (esr & ESR_WATCH_FAR_INEXACT)
		return PAGE_SIZE;
	return 4ULL << (read_cpuid(DCZID_EL0) & 0xf);
}
NOKPROBE_SYMBOL(far_block);

/*
 * No slot watches @addr, which is FAR_EL1, for @access.
 *
 * An atomic instruction reads and writes. The syndrome should call it a read if a
 * read would have been reported (WnR), but emulators have been seen to call it a
 * write, hence the last attempt.
 */
static u32 watchpoints_elsewhere(const struct hwbp_cpu *c, u64 addr,
				 unsigned long esr, u32 access, u32 slots)
{
	u32 found = watchpoints_near(addr, far_block(esr), access, slots);

	return found ?: watching_byte(c, addr, HW_BREAKPOINT_RW, slots);
}
NOKPROBE_SYMBOL(watchpoints_elsewhere);

/* Return: the slot of @slots that the syndrome names, if it does. */
static u32 numbered(unsigned long esr, u32 slots)
{
	u32 number = ARM_MAX_BRP + FIELD_GET(ESR_WATCH_NUMBER, esr);

	if (esr & ESR_WATCH_HAS_NUMBER && number < HWBP_NR_SLOTS)
		return slots & BIT(number);
	return 0;
}
NOKPROBE_SYMBOL(numbered);

/* Return: the slots that have fired; none if that cannot be said. */
static nokprobe_inline u32 watchpoints_at(const struct hwbp_cpu *c, u64 addr,
					  unsigned long esr, u32 slots)
{
	u32 access = esr & ESR_ELx_WNR ? ARM_BREAKPOINT_STORE : ARM_BREAKPOINT_LOAD;
	u32 found;

	if (unlikely(esr & (ESR_WATCH_HAS_NUMBER | ESR_WATCH_FAR_INVALID))) {
		found = numbered(esr, slots);
		if (found || esr & ESR_WATCH_FAR_INVALID)
			return found;
	}
	return watching_byte(c, addr, access, slots) ?:
	       watchpoints_elsewhere(c, addr, esr, access, slots);
}

/* ---- who is told? ---- */

/* Is @bp one of the breakpoints that a tracer of the current task has set? */
static bool is_tracers(struct perf_event *bp)
{
	const struct debug_info *debug = &current->thread.debug;
	int i;

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
 * Calls the debugger that owns @slot. It may remove the breakpoint, or let the program go on
 * elsewhere: then the CPU need not step over the hit.
 *
 * Return: true if the slot has to rest.
 */
static bool tell_debugger(struct hw_breakpoint_debug *debug, int slot, u32 later,
			  struct pt_regs *regs)
{
	unsigned int flags = hwbp_debugger_among(debug, later) ? HW_BREAKPOINT_HIT_MORE : 0;
	u64 pc = instruction_pointer(regs);

	debug->hit(debug, regs, slot, flags);
	return instruction_pointer(regs) == pc && hwbp_slot_debugger(slot) == debug;
}
NOKPROBE_SYMBOL(tell_debugger);

/*
 * fired -> told, if the slot has an owner. The owner of a slot of user mode is not told of a hit by
 * a uaccess routine of the kernel: the kernel has to get on, and no tracer could help.
 *
 * A tracer's slot need not rest if the tracer was told: it is the tracer that has to get its task
 * over the instruction. While a uprobe steps the task, the tracer's signal waits for the end of
 * that step, so the slot has to rest until then.
 *
 * @kernel: the slot fires in the kernel. @later: slots of the same exception that follow.
 *
 * Return: true if the slot has to rest.
 */
static nokprobe_inline bool tell(const struct hwbp_cpu *c, int slot, bool kernel, u64 addr,
				 u32 later, struct pt_regs *regs)
{
	struct perf_event *bp = hwbp_owner(c, slot);
	struct hw_breakpoint_debug *debug;

	if (unlikely(!bp)) {
		debug = hwbp_slot_debugger(slot);
		return !debug || tell_debugger(debug, slot, later, regs);
	}

	counter_arch_bp(bp)->trigger = addr;
	if (!kernel && !user_mode(regs))
		return true;

	perf_bp_event(bp, regs);
	/* an event that only counts has the default handler, and no tracer's event has it */
	return kernel || is_default_overflow_handler(bp) || !is_tracers(bp) || hwbp_in_uprobe();
}

/*
 * Tells the owners of @hit, one after the other. A handler may re-aim its breakpoint, which may
 * put the breakpoint into another slot. So the key of each hit is noted before its owner is
 * told, and arch_hwbp_carry_hits() adds the new one.
 *
 * Return: those that have to rest; anything, if no slot can have fired.
 */
static nokprobe_inline struct hwbp_hits *tell_all(const struct hwbp_cpu *c, u32 hit, u64 addr,
						  struct pt_regs *regs)
{
	struct hwbp_hits *told = this_cpu_ptr(&hwbp_rest.told);
	u32 left;

	guard(rcu)();
	told->n = hit ? 0 : HWBP_MAX_HITS + 1;
	for (left = hit; left; left &= left - 1) {
		const struct hwbp_image *image = &c->have[__ffs(left)];
		bool kernel = image_of_kernel(image);
		u8 before = told->n;

		add_key(told, hit_key(image));
		if (!tell(c, __ffs(left), kernel, addr, left & (left - 1), regs))
			told->n = before;
	}
	return told;
}

/* ---- exceptions ---- */

/*
 * Tells the owners of @hit and sees to it that the program gets past the slots that have to rest:
 * by a step, by rest without a step in an exclusive pair, or by simulating the instruction.
 */
static nokprobe_inline void report(const struct hwbp_cpu *c, u32 hit, u64 addr, bool execute,
				   struct pt_regs *regs)
{
	struct hwbp_hits *told = tell_all(c, hit, addr, regs);

	if (!told->n)
		return;
	if (likely(user_mode(regs)))
		hwbp_begin_user_step(told, regs);
	else if (!(execute && hwbp_simulate(regs)) &&
		 !hwbp_rest_in_pair(told, instruction_pointer(regs)))
		hwbp_begin_kernel_step(told, regs);
	told->n = 0;
}

/**
 * do_breakpoint() - breakpoint exception
 * @esr: syndrome
 * @regs: registers before the instruction
 *
 * Context: exception, interrupts and PSTATE.D masked.
 */
void do_breakpoint(unsigned long esr, struct pt_regs *regs)
{
	const struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	u64 pc = instruction_pointer(regs);
	u32 hit = breakpoints_at(c, pc, c->live & BREAK_SLOTS);

	report(c, hit, pc, true, regs);
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
	const struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	/* untagged_addr() would leave KASAN's tag in an address of the kernel */
	u32 hit = watchpoints_at(c, __untagged_addr(addr), esr, c->live & WATCH_SLOTS);

	report(c, hit, addr, false, regs);
}
NOKPROBE_SYMBOL(do_watchpoint);
