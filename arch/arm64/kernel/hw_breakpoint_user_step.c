// SPDX-License-Identifier: GPL-2.0
/*
 * Steps a task over the instruction that has hit something in user mode.
 *
 * The step is the task's: it is not over before the instruction is, however often the task
 * is interrupted, faults, sleeps or moves to another CPU before that. The slots that the
 * instruction has hit rest on whatever CPU the task runs. The processor's single-step is shared
 * with tracers and uprobes by TIF_SINGLESTEP.
 *
 * States of a task's step, thread.debug.step:
 *
 *	none		nothing rests for the task		begun -> none:
 *								end_step()
 *	begun		@hits rest while the task runs, and	none -> begun:
 *			TIF_SINGLESTEP is set. @wanted: a	hwbp_begin_user_step();
 *			tracer or a uprobe wants the step	left -> begun:
 *			exception, too				hw_breakpoint_sigreturn()
 *	left		a signal handler runs before the	begun -> left:
 *			instruction. @left says which;		hw_breakpoint_signal();
 *			nothing rests. The handler may		left -> none: forget_left()
 *			begin other steps, and leave them
 *
 * The current task changes its own, with interrupts off where anything rests. A tracer
 * changes @wanted of a task that is stopped.
 *
 * begun -> none is where the task takes the step exception; or where the task does not execute the
 * instruction, or not again: it has called the kernel, gets another program, exits, or is sent
 * elsewhere.
 */

#include <linux/compiler.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/thread_info.h>

#include <asm/debug-monitors.h>
#include <asm/hw_breakpoint.h>
#include <asm/processor.h>
#include <asm/ptrace.h>

#include "hw_breakpoint.h"

static nokprobe_inline struct hwbp_user_step *current_step(void)
{
	return &current->thread.debug.step;
}

/* Does a tracer or a uprobe have the task stepped? */
static nokprobe_inline bool others_step(const struct hwbp_user_step *step)
{
	return step->hits.n ? step->wanted : test_thread_flag(TIF_SINGLESTEP);
}

static nokprobe_inline void share_begin(struct hwbp_user_step *step, struct pt_regs *regs)
{
	step->wanted = others_step(step);
	if (unlikely(step->wanted))
		return;
	set_thread_flag(TIF_SINGLESTEP);
	regs->pstate |= DBG_SPSR_SS;
}

/**
 * hwbp_begin_user_step() - step the current task over what it has hit
 * @hits: what has to rest
 * @regs: the task's registers
 *
 * none -> begun; or one hit more of an instruction that is stepped already.
 *
 * Context: debug exception from user mode, interrupts off.
 */
void hwbp_begin_user_step(const struct hwbp_hits *hits, struct pt_regs *regs)
{
	struct hwbp_user_step *step = current_step();

	if (likely(!step->hits.n)) {
		share_begin(step, regs);
		step->hits = *hits;
	} else {
		hwbp_add_hits(&step->hits, hits);
	}
	hwbp_rest_for_task(&step->hits);
}
NOKPROBE_SYMBOL(hwbp_begin_user_step);

/*
 * begun -> none: the current task's instruction is done, or does not come again. Interrupts
 * are off.
 *
 * Return: true if there was a step, and nobody else wants its exception.
 */
static nokprobe_inline bool end_step(struct hwbp_user_step *step)
{
	if (!step->hits.n)
		return false;

	step->hits.n = 0;
	hwbp_rest_for_task(NULL);
	if (unlikely(step->wanted))
		return false;
	clear_thread_flag(TIF_SINGLESTEP);
	return true;
}

/**
 * try_step_suspended_breakpoints() - step exception
 * @regs: registers behind the instruction that was stepped
 *
 * Context: exception, interrupts and PSTATE.D masked.
 * Return: true if the CPU stepped only to get past slots that rest; false if a tracer, a
 * uprobe or kgdb wants the exception.
 */
bool try_step_suspended_breakpoints(struct pt_regs *regs)
{
	if (user_mode(regs))
		return end_step(current_step());
	return hwbp_end_kernel_step(regs);
}
NOKPROBE_SYMBOL(try_step_suspended_breakpoints);

static void end_in_task_context(void)
{
	unsigned long flags;

	local_irq_save(flags);
	end_step(current_step());
	local_irq_restore(flags);
}

/**
 * hw_breakpoint_share_step() - somebody else begins or ends stepping a task
 * @task: current, or one that is stopped and whose tracer calls
 * @wanted: does the caller want the next step exception?
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
 * hw_breakpoint_hides_step() - is the current task stepped for the layer alone?
 *
 * No tracer must be told of the step then.
 *
 * Context: task context.
 * Return: true or false.
 */
bool hw_breakpoint_hides_step(void)
{
	const struct hwbp_user_step *step = current_step();

	return step->hits.n && !step->wanted;
}

/* Return: which of those that were left is at @regs, or -1. */
static int find_left(const struct hwbp_user_step *step, struct pt_regs *regs)
{
	int i;

	for (i = step->nr_left - 1; i >= 0; i--) {
		const struct hwbp_left *left = &step->left[i];

		if (left->pc == instruction_pointer(regs) && left->sp == user_stack_pointer(regs))
			break;
	}
	return i;
}

/* left -> none, but for the @n outermost: the handlers of the others have ended or jumped away. */
static void forget_left(struct hwbp_user_step *step, int n)
{
	step->nr_left = n;
}

static void keep_left(struct hwbp_user_step *step, struct pt_regs *regs)
{
	if (unlikely(step->nr_left == HWBP_MAX_LEFT))
		memmove(&step->left[0], &step->left[1],
			--step->nr_left * sizeof(step->left[0]));
	step->left[step->nr_left++] = (struct hwbp_left) {
		.hits	= step->hits,
		.pc	= instruction_pointer(regs),
		.sp	= user_stack_pointer(regs),
	};
}

/**
 * hw_breakpoint_signal() - the current task goes into a signal handler
 * @regs: registers that go into the signal frame
 *
 * left -> none, if a signal came before at the same place: that handler has not returned but
 * jumped away (siglongjmp()), or the instruction would have been stepped by now. If it is not
 * stepped its next hits have yet to be counted, so they must not rest.
 *
 * begun -> left, if the task is stepped: it executes the instruction when the handler returns,
 * and the hits are kept until then.
 *
 * Context: task context.
 */
void hw_breakpoint_signal(struct pt_regs *regs)
{
	struct hwbp_user_step *step = current_step();
	int before = find_left(step, regs);
	unsigned long flags;

	if (unlikely(before >= 0))
		forget_left(step, before);
	if (likely(!step->hits.n))
		return;
	local_irq_save(flags);
	keep_left(step, regs);
	end_step(step);
	local_irq_restore(flags);
}

/**
 * hw_breakpoint_sigreturn() - the current task returns from a signal handler
 * @regs: registers from the signal frame
 *
 * left -> begun, if the handler has come before an instruction that the task was stepped over.
 * HWBP_MAX_LEFT of them are kept, where handlers are left, too, in the middle of steps: with
 * more, the task hits the outermost once more.
 *
 * Context: task context.
 */
void hw_breakpoint_sigreturn(struct pt_regs *regs)
{
	struct hwbp_user_step *step = current_step();
	int here = find_left(step, regs);
	unsigned long flags;

	if (likely(here < 0))
		return;
	local_irq_save(flags);
	share_begin(step, regs);
	step->hits = step->left[here].hits;
	forget_left(step, here);
	hwbp_rest_for_task(&step->hits);
	local_irq_restore(flags);
}

/**
 * hw_breakpoint_forget_step() - the current task gets another program, or exits
 *
 * begun -> none and left -> none: the task executes no instruction of its old program again. An
 * instruction of the new program is another one, even with the same address and stack pointer.
 *
 * Context: task context.
 */
void hw_breakpoint_forget_step(void)
{
	forget_left(current_step(), 0);
	end_in_task_context();
}

/**
 * hw_breakpoint_syscall() - the current task has called the kernel
 *
 * begun -> none: the instruction that calls is done by that. Where the system call is
 * restarted the task executes the instruction anew, and it counts anew.
 *
 * Context: task context, interrupts on.
 */
void hw_breakpoint_syscall(void)
{
	end_in_task_context();
}

/**
 * hw_breakpoint_go_on() - the current task returns to user mode, after some work
 * @regs: registers that it returns with
 * @pc: where it would have returned to before the work
 *
 * begun -> none, if a tracer, rseq or a uprobe has sent the task elsewhere. What rests because
 * the kernel has hit it in an exclusive pair rests no longer.
 *
 * Context: interrupts off.
 */
void hw_breakpoint_go_on(struct pt_regs *regs, u64 pc)
{
	if (unlikely(instruction_pointer(regs) != pc))
		end_step(current_step());
	hwbp_end_pairs();
}

/* ---- uprobes ---- */

/* Tells the tracer that its step is over, as do_el0_softstep() does. */
static void report_step(struct pt_regs *regs)
{
	force_sig_fault(SIGTRAP, TRAP_TRACE, (void __user *)instruction_pointer(regs));
	user_rewind_single_step(current);
}

/**
 * hw_breakpoint_begin_probe() - a copy of a probed instruction is about to be stepped
 *
 * If a tracer has the task stepped already, the probe and the tracer share TIF_SINGLESTEP, and
 * @traced says so until the probe ends.
 *
 * Context: task context, before user_enable_single_step() for the probe.
 */
void hw_breakpoint_begin_probe(void)
{
	struct hwbp_user_step *step = current_step();

	step->traced = others_step(step);
}

/**
 * hw_breakpoint_end_probe() - the copy is not stepped any more
 * @regs: registers that the program goes on with
 * @done: it has been executed
 *
 * Context: task context.
 * Return: true if a tracer goes on stepping the task.
 */
bool hw_breakpoint_end_probe(struct pt_regs *regs, bool done)
{
	bool traced = current_step()->traced;

	if (traced && done)
		report_step(regs);
	return traced;
}

/**
 * hw_breakpoint_probe_simulated() - a probed instruction has been done without a step
 * @regs: registers that the program goes on with
 *
 * Context: task context.
 */
void hw_breakpoint_probe_simulated(struct pt_regs *regs)
{
	if (others_step(current_step()))
		report_step(regs);
}
