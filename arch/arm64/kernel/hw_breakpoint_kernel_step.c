// SPDX-License-Identifier: GPL-2.0
/*
 * Steps a CPU over the instruction of the kernel that has hit something; and what becomes
 * of kgdb's own step on the same CPU.
 *
 * The step is the CPU's. Nothing comes between a hit and its instruction: interrupts are
 * masked in the registers that the exception returns to. If the instruction takes an exception
 * of its own the step is put aside, on the stack of the exception, until that has been handled:
 * what the handler executes finds all slots armed.
 *
 * States of a CPU's step, hwbp_rest.kernel:
 *
 *	none		this CPU steps no instruction for	begun -> none:
 *			the layer				hwbp_end_kernel_step(),
 *								abandon_kernel_step()
 *	begun		@hits rest; or none do, and the		none -> begun: begin_step(),
 *			step is kgdb's alone. @masks: what	for hwbp_begin_kernel_step(),
 *			the program had masked. @shared:	hw_breakpoint_resume_step()
 *			kgdb wants the exception, too		and arch_hwbp_debug_leave()
 *	aside		the step is in the stack frame of	begun -> aside: put_aside();
 *			an exception, or for kgdb in		aside -> begun or none:
 *			hwbp_rest.debugger, with @pc;		hw_breakpoint_resume_step()
 *			hwbp_rest.kernel is none
 *
 * The CPU changes its own, with interrupts and PSTATE.D masked. The functions here are called
 * from exceptions, which mask PSTATE.D on entry; none of them unmasks it, so no hit comes in
 * the middle of one.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/kgdb_hw_break.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>

#include <asm/daifflags.h>
#include <asm/debug-monitors.h>
#include <asm/hw_breakpoint.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>
#include <asm/text-patching.h>

#include "hw_breakpoint.h"

/*
 * What is masked while an instruction of the kernel is stepped. Not PSTATE.D, which would
 * keep the step exception from being taken.
 */
#define STEP_MASKS	(PSR_A_BIT | PSR_I_BIT | PSR_F_BIT)

/* A step of kgdb's alone has no hits. */
static nokprobe_inline bool is_step(const struct hwbp_kernel_step *step)
{
	return step->hits.n || step->shared;
}

/* none -> begun; begun already by another hit of the instruction: nothing */
static void begin_step(struct pt_regs *regs)
{
	struct hwbp_kernel_step *step = this_cpu_ptr(&hwbp_rest.kernel);

	if (is_step(step))
		return;
	step->masks = regs->pstate & DAIF_MASK;
	regs->pstate &= ~(u64)PSR_D_BIT;
	regs->pstate |= STEP_MASKS;
	step->shared = kernel_active_single_step();
	if (!step->shared)
		kernel_enable_single_step(regs);
}
NOKPROBE_SYMBOL(begin_step);

/**
 * hwbp_begin_kernel_step() - step this CPU over what the kernel has hit
 * @hits: what has to rest
 * @regs: registers that the exception returns to
 *
 * none -> begun; or one hit more of an instruction that is stepped already. The step asks for
 * KDE before the commit may give it up with the slots that rest, so that KDE is not switched
 * off and on.
 *
 * Context: debug exception from the kernel, interrupts and PSTATE.D masked.
 */
void hwbp_begin_kernel_step(const struct hwbp_hits *hits, struct pt_regs *regs)
{
	begin_step(regs);
	hwbp_add_hits(this_cpu_ptr(&hwbp_rest.kernel.hits), hits);
	hwbp_commit();
}
NOKPROBE_SYMBOL(hwbp_begin_kernel_step);

/* begun -> none. Return: true if kgdb does not go on stepping. */
static bool forget_kernel_step(struct hwbp_kernel_step *step)
{
	bool shared = step->shared;

	step->shared = false;
	if (step->hits.n) {
		step->hits.n = 0;
		hwbp_commit();
	}
	if (shared)
		return false;
	kernel_disable_single_step();
	return true;
}
NOKPROBE_SYMBOL(forget_kernel_step);

/**
 * hwbp_end_kernel_step() - the stepped instruction of the kernel is done, or put aside
 * @regs: registers that the exception returns to
 *
 * begun -> none; the program's own masks are back in @regs.
 *
 * Context: exception from the kernel, interrupts and PSTATE.D masked.
 * Return: true if there was a step, and kgdb does not want its exception.
 */
bool hwbp_end_kernel_step(struct pt_regs *regs)
{
	struct hwbp_kernel_step *step = this_cpu_ptr(&hwbp_rest.kernel);

	if (!is_step(step))
		return false;
	regs->pstate &= ~(u64)DAIF_MASK;
	regs->pstate |= step->masks;
	return forget_kernel_step(step);
}
NOKPROBE_SYMBOL(hwbp_end_kernel_step);

/*
 * begun -> aside, if the exception is one of the instruction that is stepped.
 *
 * While the CPU reports an instruction's second hit, it has begun the step of that instruction
 * at the first; and the handler of the second hit may take an exception, too. PSTATE.D tells
 * the two exceptions apart: it is clear in what is stepped, and set in the handler of a hit.
 */
static void put_aside(struct hwbp_kernel_step *saved, struct pt_regs *regs)
{
	const struct hwbp_kernel_step *step = this_cpu_ptr(&hwbp_rest.kernel);

	saved->hits.n = 0;
	saved->shared = false;
	if (likely(!is_step(step)) || regs->pstate & PSR_D_BIT)
		return;
	*saved = *step;
	saved->pc = instruction_pointer(regs);
	hwbp_end_kernel_step(regs);
}
NOKPROBE_SYMBOL(put_aside);

/* kgdb's step is over with the exception, and kgdb lets the other CPUs go on. */
static void end_kgdbs_step(void)
{
	kernel_disable_single_step();
	kgdb_hw_step_lasts();
}
NOKPROBE_SYMBOL(end_kgdbs_step);

/**
 * hw_breakpoint_suspend_step() - the kernel has taken an exception
 * @saved: filled, for hw_breakpoint_resume_step()
 * @regs: registers of the exception
 *
 * begun -> aside, if the exception came from the instruction that is stepped: its handler may
 * hit anything, and may sleep. kgdb's step is put aside in the same way, or the CPU would
 * take the step exception in the handler. If the exception came from the handler of a hit, the
 * step stays.
 *
 * Context: exception other than a debug exception, before PSTATE.D is unmasked.
 */
void hw_breakpoint_suspend_step(struct hwbp_kernel_step *saved,
				struct pt_regs *regs)
{
	put_aside(saved, regs);
	if (unlikely(saved->shared))
		end_kgdbs_step();
}
NOKPROBE_SYMBOL(hw_breakpoint_suspend_step);

/* begun -> none: no exception returns to the instruction. */
static void abandon_kernel_step(void)
{
	struct hwbp_kernel_step *step = this_cpu_ptr(&hwbp_rest.kernel);

	if (is_step(step) && !forget_kernel_step(step))
		end_kgdbs_step();
}
NOKPROBE_SYMBOL(abandon_kernel_step);

/*
 * The current task dies, perhaps in a debug exception; BUG() is one, too. The kernel's code that
 * lets a task die enables interrupts alone, and a task switch leaves PSTATE.D and .A as they are:
 * the next tasks of the CPU would have them set, until one comes from user mode.
 *
 * If the task dies in the handler of an instruction's second hit, nobody goes on with the step
 * of that instruction. The exception that kills a task puts any other step aside.
 */
void arch_hwbp_end_exception(void)
{
	if (!(read_sysreg(daif) & PSR_D_BIT))
		return;
	local_daif_mask();
	abandon_kernel_step();
	local_daif_restore(DAIF_PROCCTX_NOIRQ);
}
NOKPROBE_SYMBOL(arch_hwbp_end_exception);

/*
 * Return: true if kgdb still steps, and its step has to be begun anew. gdb may have told kgdb to
 * go on without a step, or elsewhere.
 */
static bool resume_for_kgdb(const struct hwbp_kernel_step *saved,
			    struct pt_regs *regs)
{
	if (!saved->shared || !kgdb_hw_stepping())
		return false;
	if (!kernel_active_single_step())
		kernel_enable_single_step(regs);
	return true;
}
NOKPROBE_SYMBOL(resume_for_kgdb);

/**
 * hw_breakpoint_resume_step() - the exception has been handled
 * @saved: what hw_breakpoint_suspend_step() has put aside, perhaps on another CPU
 * @regs: registers that this CPU will return to
 *
 * aside -> begun, if the exception returns to the same instruction, whose hits have been
 * reported; aside -> none, if its handler has sent the kernel elsewhere. kgdb steps in both
 * cases.
 *
 * Context: PSTATE.D and interrupts masked.
 */
void hw_breakpoint_resume_step(const struct hwbp_kernel_step *saved,
			       struct pt_regs *regs)
{
	bool again = saved->hits.n && saved->pc == instruction_pointer(regs);

	if (!resume_for_kgdb(saved, regs) && !again)
		return;
	begin_step(regs);
	if (!again)
		return;
	this_cpu_ptr(&hwbp_rest)->kernel.hits = saved->hits;
	hwbp_commit();
}
NOKPROBE_SYMBOL(hw_breakpoint_resume_step);

/**
 * hwbp_simulate() - do an instruction that a step would have wrong
 * @regs: registers before the instruction; changed to those after it
 *
 * An instruction that reads PSTATE.DAIF would see what the step masks. What an instruction writes
 * there the end of the step would overwrite (C6.2: MSR (immediate), MSR (register), MRS).
 *
 * Context: debug exception from the kernel, interrupts and PSTATE.D masked.
 * Return: true if it has been done; false if the instruction is none of these.
 */
bool hwbp_simulate(struct pt_regs *regs)
{
	u32 insn, t;

	if (aarch64_insn_read((void *)instruction_pointer(regs), &insn))
		return false;
	t = insn & GENMASK(4, 0);
	if ((insn & ~0xf00) == 0xd50340df)		/* msr daifset, #n */
		regs->pstate |= (u64)(insn & 0xf00) >> 2;
	else if ((insn & ~0xf00) == 0xd50340ff)		/* msr daifclr, #n */
		regs->pstate &= ~((u64)(insn & 0xf00) >> 2);
	else if ((insn & ~0x1f) == 0xd51b4220)		/* msr daif, xt */
		regs->pstate = (regs->pstate & ~(u64)DAIF_MASK) |
			       (pt_regs_read_reg(regs, t) & DAIF_MASK);
	else if ((insn & ~0x1f) == 0xd53b4220)		/* mrs xt, daif */
		pt_regs_write_reg(regs, t, regs->pstate & DAIF_MASK);
	else
		return false;

	/* if kgdb steps, the CPU takes the step exception before the next instruction */
	regs->pstate &= ~(u64)(DBG_SPSR_SS | PSR_BTYPE_MASK);
	instruction_pointer_set(regs, instruction_pointer(regs) + 4);
	return true;
}
NOKPROBE_SYMBOL(hwbp_simulate);

/* ---- kprobes ---- */

/**
 * hw_breakpoint_kprobe_masks() - what is masked while a copy of a probed instruction runs
 * @masks: bits of PSTATE.DAIF
 * @nested: the probe was hit in the middle of another one
 *
 * Not PSTATE.D, or what the instruction hits would be lost. But if the probe was itself hit in
 * the middle of another one, a probe in the code that handles a hit would be the third, and
 * kprobes bear two.
 *
 * Context: exception, interrupts off.
 * Return: those of @masks to set.
 */
u64 hw_breakpoint_kprobe_masks(u64 masks, bool nested)
{
	return nested ? masks : masks & ~(u64)PSR_D_BIT;
}
NOKPROBE_SYMBOL(hw_breakpoint_kprobe_masks);

/* ---- a debugger's steps ---- */

/* C6.2: ERET, ERETAA, ERETAB. The CPU takes the masks from SPSR_EL1 there. */
static bool is_eret(u32 insn)
{
	return (insn & ~0xc1f) == 0xd69f03e0;
}

/**
 * arch_hwbp_step_is_alone() - can kgdb's step be kept from being interrupted?
 * @regs: registers of the instruction
 *
 * Not where the program has PSTATE.D set: the CPU takes the step exception where the program
 * clears it.
 *
 * Context: exception, interrupts off.
 * Return: true if nothing but the instruction runs between arch_hwbp_debug_leave()
 * and the end of its step, unless it takes an exception.
 */
bool arch_hwbp_step_is_alone(struct pt_regs *regs)
{
	u32 insn;

	return !user_mode(regs) && !(regs->pstate & PSR_D_BIT) &&
	       !aarch64_insn_read((void *)instruction_pointer(regs), &insn) &&
	       !is_eret(insn);
}
NOKPROBE_SYMBOL(arch_hwbp_step_is_alone);

/**
 * arch_hwbp_debug_enter() - a debugger has this CPU
 * @regs: registers that the debugger sees
 *
 * begun -> aside: the debugger shall see what the program has masked, and not what a step has.
 * arch_hwbp_debug_leave() begins a step over a hit anew.
 *
 * Context: exception, interrupts off.
 * Return: true if this ends the debugger's own step.
 */
bool arch_hwbp_debug_enter(struct pt_regs *regs)
{
	struct hwbp_kernel_step *saved = this_cpu_ptr(&hwbp_rest.debugger);

	put_aside(saved, regs);
	return saved->shared;
}
NOKPROBE_SYMBOL(arch_hwbp_debug_enter);

/**
 * arch_hwbp_debug_leave() - the debugger lets this CPU go on
 * @regs: registers that it goes on with
 * @alone: the debugger steps, and arch_hwbp_step_is_alone() was true
 *
 * aside -> begun or none, as hw_breakpoint_resume_step(); none -> begun for the debugger's step.
 *
 * Context: exception, interrupts off.
 */
void arch_hwbp_debug_leave(struct pt_regs *regs, bool alone)
{
	struct hwbp_kernel_step *saved = this_cpu_ptr(&hwbp_rest.debugger);

	if (alone) {
		hwbp_simulate(regs);
		begin_step(regs);
	}
	saved->shared = false;
	hw_breakpoint_resume_step(saved, regs);
	saved->hits.n = 0;
}
NOKPROBE_SYMBOL(arch_hwbp_debug_leave);
