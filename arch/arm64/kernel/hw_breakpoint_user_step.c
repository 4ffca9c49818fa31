// SPDX-License-Identifier: GPL-2.0
/*
 * Steps a task over the instruction that has hit something in user mode.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */

#include <linux/compiler.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/sched.h>

#include <asm/debug-monitors.h>
#include <asm/hw_breakpoint.h>
#include <asm/processor.h>
#include <asm/ptrace.h>

#include "hw_breakpoint.h"

/*
 * The step belongs to the task: it is not over before the instruction is, however
 * often the task is interrupted, faults or sleeps before that. TIF_SINGLESTEP is
 * shared with tracers and uprobes. Theirs is remembered in @wanted, and they get
 * the exception if it is set at the end.
 */
static void begin_user_step(struct hwbp_user_step *step)
{
	step->wanted = test_thread_flag(TIF_SINGLESTEP);
	if (!step->wanted)
		user_enable_single_step(current);
}
NOKPROBE_SYMBOL(begin_user_step);

void hwbp_begin_user_step(const struct hwbp_hits *hits)
{
	struct hwbp_user_step *step = &current->thread.debug.step;

	if (!step->hits.n)
		begin_user_step(step);
	hwbp_add_hits(&step->hits, hits);
	hwbp_rest_for_task(&step->hits);
}
NOKPROBE_SYMBOL(hwbp_begin_user_step);

/* Return: true if nobody else wants to know. */
static bool end_user_step(struct hwbp_user_step *step)
{
	if (!step->hits.n)
		return false;

	step->hits.n = 0;
	hwbp_rest_for_task(NULL);
	if (step->wanted)
		return false;
	user_disable_single_step(current);
	return true;
}
NOKPROBE_SYMBOL(end_user_step);

/**
 * hw_breakpoint_share_step() - somebody else begins or ends stepping a task
 * @task: current, or stopped
 * @wanted: does he want the next step exception?
 *
 * Context: any.
 * Return: true if TIF_SINGLESTEP has to stay set for the step in progress.
 */
bool hw_breakpoint_share_step(struct task_struct *task, bool wanted)
{
	struct hwbp_user_step *step = &task->thread.debug.step;

	if (!step->hits.n)
		return false;
	step->wanted = wanted;
	return true;
}
NOKPROBE_SYMBOL(hw_breakpoint_share_step);

/**
 * hw_breakpoint_hides_step() - is the current task stepped for us alone?
 *
 * Nobody must be told of the step then.
 *
 * Context: task context.
 * Return: true or false.
 */
bool hw_breakpoint_hides_step(void)
{
	const struct hwbp_user_step *step = &current->thread.debug.step;

	return step->hits.n && !step->wanted;
}

static bool was_left_here(const struct hwbp_user_step *step, struct pt_regs *regs)
{
	return step->left.n && step->left_pc == instruction_pointer(regs) &&
	       step->left_sp == user_stack_pointer(regs);
}

/**
 * hw_breakpoint_signal() - the current task goes into a signal handler
 * @regs: registers that go into the signal frame
 *
 * If that is in the middle of a step, the instruction comes again when the
 * handler returns. What it has hit is remembered until then. A handler that never
 * returned (siglongjmp()) is not waited for when a signal comes there once more, before
 * any hit: that instruction has yet to be counted.
 *
 * Context: task context.
 */
void hw_breakpoint_signal(struct pt_regs *regs)
{
	struct hwbp_user_step *step = &current->thread.debug.step;
	unsigned long flags;

	if (likely(!step->hits.n)) {
		if (unlikely(was_left_here(step, regs)))
			step->left.n = 0;
		return;
	}
	local_irq_save(flags);
	step->left = step->hits;
	step->left_pc = instruction_pointer(regs);
	step->left_sp = user_stack_pointer(regs);
	end_user_step(step);
	local_irq_restore(flags);
}

/**
 * hw_breakpoint_sigreturn() - the current task returns from a signal handler
 * @regs: registers from the signal frame
 *
 * Goes on with the step that hw_breakpoint_signal() left. One is remembered: in a
 * handler that is itself left in the middle of a step, for a second signal, the
 * first instruction is hit once more.
 *
 * Context: task context.
 */
void hw_breakpoint_sigreturn(struct pt_regs *regs)
{
	struct hwbp_user_step *step = &current->thread.debug.step;
	unsigned long flags;

	if (likely(!was_left_here(step, regs)) || step->hits.n)
		return;
	local_irq_save(flags);
	begin_user_step(step);
	step->hits = step->left;
	step->left.n = 0;
	hwbp_rest_for_task(&step->hits);
	local_irq_restore(flags);
}

/**
 * hw_breakpoint_forget_step() - the current task gets another program, or exits
 *
 * An instruction of the old one never comes again, stepped or left for a signal. What
 * has its address and its stack pointer is another.
 *
 * Context: task context.
 */
void hw_breakpoint_forget_step(void)
{
	struct hwbp_user_step *step = &current->thread.debug.step;
	unsigned long flags;

	local_irq_save(flags);
	step->left.n = 0;
	end_user_step(step);
	local_irq_restore(flags);
}

/**
 * try_step_suspended_breakpoints() - end of a step
 * @regs: registers of the exception
 *
 * Context: single-step exception, interrupts off.
 * Return: true if the step was only there to get past slots that rest; false if
 * somebody else wants the exception.
 */
bool try_step_suspended_breakpoints(struct pt_regs *regs)
{
	return user_mode(regs) ? end_user_step(&current->thread.debug.step) :
				 hwbp_end_kernel_step(regs);
}
NOKPROBE_SYMBOL(try_step_suspended_breakpoints);
