// SPDX-License-Identifier: GPL-2.0
/*
 * Steps a CPU over the instruction of the kernel that has hit something; and what becomes
 * of kgdb's own step on the same CPU.
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
#include <asm/patching.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>

#include "hw_breakpoint.h"

/*
 * What an instruction that is stepped in the kernel must not be disturbed by. PSTATE.D
 * would keep the step from being reported.
 */
#define STEP_MASKS	(PSR_A_BIT | PSR_I_BIT | PSR_F_BIT)

/* One for kgdb alone has no hits. */
static nokprobe_inline bool is_step(const struct hwbp_kernel_step *step)
{
	return step->hits.n || step->shared;
}

/*
 * The step belongs to the CPU. Nothing comes between: interrupts are masked for
 * the one instruction, and if it takes an exception of its own the step is put
 * aside until that has been handled, see hw_breakpoint_suspend_step(). Whatever
 * runs in the meantime finds all slots armed.
 */
static void begin_kernel_step(struct pt_regs *regs)
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
NOKPROBE_SYMBOL(begin_kernel_step);

/* The step is begun first: it shares KDE with the slots let go of. */
void hwbp_begin_kernel_step(const struct hwbp_hits *hits, struct pt_regs *regs)
{
	begin_kernel_step(regs);
	hwbp_add_hits(&this_cpu_ptr(&hwbp_rest)->kernel.hits, hits);
	hwbp_commit();
}
NOKPROBE_SYMBOL(hwbp_begin_kernel_step);

/* Return: true if nobody else wants to know. */
bool hwbp_end_kernel_step(struct pt_regs *regs)
{
	struct hwbp_kernel_step *step = this_cpu_ptr(&hwbp_rest.kernel);
	bool shared = step->shared;

	if (!is_step(step))
		return false;

	regs->pstate &= ~(u64)DAIF_MASK;
	regs->pstate |= step->masks;
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
NOKPROBE_SYMBOL(hwbp_end_kernel_step);

static void put_aside(struct hwbp_kernel_step *saved, struct pt_regs *regs)
{
	*saved = *this_cpu_ptr(&hwbp_rest.kernel);
	saved->pc = instruction_pointer(regs);
	hwbp_end_kernel_step(regs);
}
NOKPROBE_SYMBOL(put_aside);

/**
 * hw_breakpoint_suspend_step() - the kernel has taken an exception
 * @saved: filled, for hw_breakpoint_resume_step()
 * @regs: registers of the exception
 *
 * If it came from an instruction that was being stepped, the step is put aside:
 * handling the exception may hit anything, and may sleep. So is kgdb's step, which
 * would end in the handler.
 *
 * Context: exception other than a debug exception, before PSTATE.D is unmasked.
 */
void hw_breakpoint_suspend_step(struct hwbp_kernel_step *saved,
				struct pt_regs *regs)
{
	saved->hits.n = 0;
	saved->shared = false;
	if (likely(!is_step(this_cpu_ptr(&hwbp_rest.kernel))))
		return;
	put_aside(saved, regs);
	if (saved->shared) {
		kernel_disable_single_step();
		kgdb_hw_step_lasts();
	}
}
NOKPROBE_SYMBOL(hw_breakpoint_suspend_step);

/* kgdb may have been told to go on elsewhere. */
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
 * @saved: what hw_breakpoint_suspend_step() has put aside, perhaps elsewhere
 * @regs: registers that the CPU will return to
 *
 * Unless the instruction has been given up for another, it comes again now. Its
 * hits have been reported. kgdb steps that other one.
 *
 * Context: PSTATE.D and interrupts masked.
 */
void hw_breakpoint_resume_step(const struct hwbp_kernel_step *saved,
			       struct pt_regs *regs)
{
	bool again = saved->hits.n && saved->pc == instruction_pointer(regs);

	if (!resume_for_kgdb(saved, regs) && !again)
		return;
	begin_kernel_step(regs);
	if (!again)
		return;
	this_cpu_ptr(&hwbp_rest)->kernel.hits = saved->hits;
	hwbp_commit();
}
NOKPROBE_SYMBOL(hw_breakpoint_resume_step);

/*
 * What reads or writes PSTATE.DAIF would see, or lose, what the step masks.
 * DDI 0487, C6.2: MSR (immediate), MSR (register), MRS.
 *
 * Return: true if the instruction has been done.
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

	/* done, also for kgdb, if it steps */
	regs->pstate &= ~(u64)(DBG_SPSR_SS | PSR_BTYPE_MASK);
	instruction_pointer_set(regs, instruction_pointer(regs) + 4);
	return true;
}
NOKPROBE_SYMBOL(hwbp_simulate);

/* ---- a debugger's steps ---- */

/* DDI 0487, C6.2: ERET, ERETAA, ERETAB. They take the masks from elsewhere. */
static bool is_eret(u32 insn)
{
	return (insn & ~0xc1f) == 0xd69f03e0;
}

/**
 * arch_hwbp_step_is_alone() - can a step be kept from being interrupted?
 * @regs: registers of the instruction
 *
 * Not where PSTATE.D is set: the step ends where that is cleared.
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
 * @regs: what it sees
 *
 * It shall see what the program has masked, not what a step has. A step of the
 * breakpoint layer's own is begun anew when the debugger leaves.
 *
 * Context: exception, interrupts off.
 * Return: true if a step of the debugger's is over by that.
 */
bool arch_hwbp_debug_enter(struct pt_regs *regs)
{
	struct hwbp_kernel_step *saved = this_cpu_ptr(&hwbp_rest.debugger);

	put_aside(saved, regs);
	return saved->shared;
}
NOKPROBE_SYMBOL(arch_hwbp_debug_enter);

/**
 * arch_hwbp_debug_leave() - the CPU goes on
 * @regs: what with
 * @alone: the debugger steps, and arch_hwbp_step_is_alone() was true
 *
 * Context: exception, interrupts off.
 */
void arch_hwbp_debug_leave(struct pt_regs *regs, bool alone)
{
	struct hwbp_kernel_step *saved = this_cpu_ptr(&hwbp_rest.debugger);

	if (alone) {
		hwbp_simulate(regs);
		begin_kernel_step(regs);
	}
	saved->shared = false;
	hw_breakpoint_resume_step(saved, regs);
	saved->hits.n = 0;
}
NOKPROBE_SYMBOL(arch_hwbp_debug_leave);
