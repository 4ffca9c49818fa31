// SPDX-License-Identifier: GPL-2.0
/*
 * Which slots of a CPU rest, and how long: they are installed, and do not fire.
 *
 * The files that step note what an instruction has hit (struct hwbp_hits), by what the
 * registers match and not by slot: events may get other slots before the instruction is
 * done. The core asks arch_hwbp_rests() at each commit. So whoever changes what is noted
 * commits after it, on the same CPU and with interrupts off.
 *
 * What rests on a CPU, and the functions that begin and end it:
 *
 *	user	the slots of user mode that	hwbp_begin_user_step(),
 *		the current task steps over	hw_breakpoint_sigreturn();
 *						end_step(), of the user's step. The
 *						task takes them along:
 *						hw_breakpoint_thread_switch()
 *	kernel	the slots that the CPU steps	hwbp_begin_kernel_step(),
 *		over in the kernel		hw_breakpoint_resume_step();
 *						forget_kernel_step()
 *	pairs	slots hit in the kernel inside	hwbp_rest_in_pair(); hwbp_end_pairs(),
 *		an exclusive pair		on the way to user mode or to the next
 *						task
 *
 * arch_hwbp_carry_hits() lets what rests rest on when an event is given another address.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/thread_info.h>

#include <asm/hw_breakpoint.h>
#include <asm/processor.h>
#include <asm/text-patching.h>

#include "hw_breakpoint.h"

DEFINE_PER_CPU(struct hwbp_rest, hwbp_rest);

/* ---- hits ---- */

static nokprobe_inline bool was_hit(const struct hwbp_hits *hits,
				    const struct hwbp_image *image)
{
	return has_key(hits, hit_key(image));
}

/**
 * hwbp_add_hits() - hits of the same instruction, by another exception
 * @hits: hits of one instruction
 * @more: more of it
 *
 * Context: interrupts off.
 */
void hwbp_add_hits(struct hwbp_hits *hits, const struct hwbp_hits *more)
{
	int i;

	if (more->n > HWBP_MAX_HITS) {
		hits->n = more->n;
		return;
	}
	for (i = 0; i < more->n; i++)
		add_key(hits, more->key[i]);
}
NOKPROBE_SYMBOL(hwbp_add_hits);

/* ---- what the core asks ---- */

/*
 * A slot of user mode and a slot of the kernel never have the same key, since bit 53 of their
 * addresses differs. But when a task has hit more than HWBP_MAX_HITS in user mode, all slots of
 * user mode rest, and none of the kernel's.
 */
static nokprobe_inline bool rests_for_user(const struct hwbp_hits *hits,
					   const struct hwbp_image *image)
{
	if (unlikely(hits->n > HWBP_MAX_HITS))
		return !image_of_kernel(image);
	return was_hit(hits, image);
}

static nokprobe_inline bool rests(const struct hwbp_rest *rest, const struct hwbp_image *image)
{
	if (unlikely(rest->kernel.hits.n | rest->pairs.n) &&
	    (was_hit(&rest->kernel.hits, image) || was_hit(&rest->pairs, image)))
		return true;
	return rest->user && rests_for_user(rest->user, image);
}

/**
 * hwbp_rests() - arch_hwbp_rests(), where anything rests
 * @c: the running CPU
 * @rest: what rests there
 * @slots: slots with an owner
 *
 * Context: interrupts off, in a commit of this CPU.
 * Return: those of @slots that rest.
 */
u32 hwbp_rests(const struct hwbp_cpu *c, const struct hwbp_rest *rest, u32 slots)
{
	u32 resting = 0, left;

	for (left = slots; left; left &= left - 1) {
		if (rests(rest, hwbp_wanted(c, __ffs(left))))
			resting |= BIT(__ffs(left));
	}
	return resting;
}
NOKPROBE_SYMBOL(hwbp_rests);

static void carry_hits(struct hwbp_hits *hits, const struct hwbp_image *from,
		       const struct hwbp_image *to)
{
	if (unlikely(hits->n) && was_hit(hits, from))
		add_key(hits, hit_key(to));
}
NOKPROBE_SYMBOL(carry_hits);

/*
 * Between a task's hit in user mode and the end of the step anybody may change the event. Between
 * a hit in the kernel and the end of the step only handlers do: those of this hit and of other
 * hits of the same instruction. The event may be changed, too, while a step in the kernel is put
 * aside for an exception: then the instruction counts once more.
 */
void arch_hwbp_carry_hits(struct task_struct *tsk, const struct hwbp_image *from,
			  const struct hwbp_image *to)
{
	struct hwbp_user_step *step = &tsk->thread.debug.step;
	struct hwbp_rest *rest = this_cpu_ptr(&hwbp_rest);
	int i;

	carry_hits(&step->hits, from, to);
	for (i = 0; i < step->nr_left; i++)
		carry_hits(&step->left[i].hits, from, to);
	carry_hits(&rest->kernel.hits, from, to);
	carry_hits(&rest->told, from, to);
	carry_hits(&rest->pairs, from, to);
}
NOKPROBE_SYMBOL(arch_hwbp_carry_hits);

/* ---- exclusive pairs in the kernel ---- */

/* Pairs that are further apart are not promised to succeed (B2.12.5). */
#define PAIR_INSNS	32

/* After so many hits of one instruction in a row in_pair() looks at its code again. */
#define LOOK_AGAIN	256

/*
 * LDXR, STXR and the like; not CASP, whose encoding is next to theirs (C4.1: Load/store
 * exclusive register, Load/store exclusive pair).
 */
static bool is_exclusive(u32 insn, bool load)
{
	return (insn & 0x3fc00000) == (load ? 0x08400000 : 0x08000000) &&
	       (insn & (BIT(31) | BIT(21))) != BIT(21);
}
NOKPROBE_SYMBOL(is_exclusive);

/*
 * Looks for the next exclusive instruction from @pc on, this one included.
 *
 * Return: true if that is a load, or a store.
 */
static bool next_is(u64 pc, int step, bool load)
{
	u32 insn;
	int i;

	for (i = 0; i < PAIR_INSNS; i++, pc += step) {
		if (aarch64_insn_read((void *)pc, &insn) || is_exclusive(insn, !load))
			return false;
		if (is_exclusive(insn, load))
			return true;
	}
	return false;
}
NOKPROBE_SYMBOL(next_is);

static bool is_half(u64 pc)
{
	u32 insn;

	return !aarch64_insn_read((void *)pc, &insn) &&
	       (is_exclusive(insn, true) || is_exclusive(insn, false));
}
NOKPROBE_SYMBOL(is_half);

/*
 * A look at the code around an instruction takes long. The handler of a hit takes one when
 * the hit before was near enough to be in the same loop; and again at times if the same
 * instruction goes on hitting, because the code may have been patched by then. There may be
 * several breakpoints in a pair: the hit before need not be of the same instruction.
 */
static bool in_pair(struct hwbp_rest *rest, u64 pc)
{
	bool near = pc - rest->last + 4 * PAIR_INSNS <= 8 * PAIR_INSNS;

	if (rest->last != pc)
		rest->again = 0;
	rest->last = pc;
	if (!near)
		rest->inside = is_half(pc);
	else if (!(rest->again++ % LOOK_AGAIN))
		rest->inside = is_half(pc) ||
			       (next_is(pc, -4, true) && next_is(pc, 4, false));
	return rest->inside;
}
NOKPROBE_SYMBOL(in_pair);

/**
 * hwbp_rest_in_pair() - let the slots of a hit rest without a step, if it is in a pair
 * @hits: what the kernel has hit
 * @pc: address of the instruction
 *
 * An exception clears the exclusive monitor. If one came between a load-exclusive and its
 * store-exclusive each time, the store would never succeed, nor the loop around it end. So
 * the slots rest until the CPU goes to user mode or to another task, and the loop meets no
 * exception of the layer's until then. Nobody knows what the slots would have hit meanwhile;
 * hwbp_note_unwatched() counts that hits may have been missed.
 *
 * KVM clears TIF_NOTIFY_RESUME before it enters a guest, and does not call
 * hw_breakpoint_go_on(): on a CPU that runs guests the slots may rest until the next task
 * switch.
 *
 * Context: debug exception from the kernel, interrupts off.
 * Return: true if they rest; false if there is no pair, and the instruction has to be stepped.
 */
bool hwbp_rest_in_pair(const struct hwbp_hits *hits, u64 pc)
{
	struct hwbp_rest *rest = this_cpu_ptr(&hwbp_rest);

	if (!in_pair(rest, pc))
		return false;
	hwbp_add_hits(&rest->pairs, hits);
	hwbp_note_unwatched(pc);
	/* so that hw_breakpoint_go_on() is called on the way back to user mode */
	set_thread_flag(TIF_NOTIFY_RESUME);
	hwbp_commit();
	return true;
}
NOKPROBE_SYMBOL(hwbp_rest_in_pair);

/**
 * hwbp_end_pairs() - the current task leaves the kernel, or the CPU
 *
 * Context: interrupts off.
 */
void hwbp_end_pairs(void)
{
	if (likely(!__this_cpu_read(hwbp_rest.pairs.n)))
		return;
	__this_cpu_write(hwbp_rest.pairs.n, 0);
	hwbp_commit();
}

/* ---- task switches ---- */

/**
 * hw_breakpoint_thread_switch() - let the slots follow the task that is stepped
 * @next: task that this CPU switches to
 *
 * The CPU calls this between perf's sched-out of the current task and its sched-in of
 * @next, which is the first to commit @next's own slots.
 *
 * Context: interrupts off, rq->lock held.
 */
void hw_breakpoint_thread_switch(struct task_struct *next)
{
	struct hwbp_hits *hits = &next->thread.debug.step.hits;

	if (unlikely(hits->n))
		hwbp_rest_for_task(hits);
	else if (unlikely(__this_cpu_read(hwbp_rest.user)))
		hwbp_rest_for_task(NULL);
	hwbp_end_pairs();
}
