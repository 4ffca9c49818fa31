// SPDX-License-Identifier: GPL-2.0
/*
 * Which slots of a CPU rest: they are installed, and do not fire.
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

#include <asm/hw_breakpoint.h>
#include <asm/patching.h>
#include <asm/processor.h>

#include "hw_breakpoint.h"

DEFINE_PER_CPU(struct hwbp_rest, hwbp_rest);

static nokprobe_inline bool was_hit(const struct hwbp_hits *hits,
				    const struct hwbp_image *image)
{
	return has_key(hits, hit_key(image));
}

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

bool arch_hwbp_held(const struct hwbp_image *image)
{
	const struct hwbp_rest *h = this_cpu_ptr(&hwbp_rest);

	if (unlikely(h->kernel.hits.n) && was_hit(&h->kernel.hits, image))
		return true;
	return unlikely(h->user) && !image_of_kernel(image) &&
	       was_hit(h->user, image);
}
NOKPROBE_SYMBOL(arch_hwbp_held);

static void carry_hits(struct hwbp_hits *hits, const struct hwbp_image *from,
		       const struct hwbp_image *to)
{
	if (unlikely(hits->n) && was_hit(hits, from))
		add_key(hits, hit_key(to));
}
NOKPROBE_SYMBOL(carry_hits);

/*
 * In user mode anything may come between a hit and its instruction. In the kernel
 * only handlers of hits do, of this one and of others that the instruction has; what
 * is put aside for an exception is not looked after.
 */
void arch_hwbp_carry_hits(struct task_struct *tsk, const struct hwbp_image *from,
			  const struct hwbp_image *to)
{
	struct hwbp_user_step *step = &tsk->thread.debug.step;
	struct hwbp_rest *h = this_cpu_ptr(&hwbp_rest);

	carry_hits(&step->hits, from, to);
	carry_hits(&step->left, from, to);
	carry_hits(&h->kernel.hits, from, to);
	carry_hits(&h->told, from, to);
}
NOKPROBE_SYMBOL(arch_hwbp_carry_hits);

/**
 * hw_breakpoint_thread_switch() - let the slots follow the task that is stepped
 * @next: task that this CPU switches to
 *
 * Called between perf's sched-out of the current task and its sched-in of @next,
 * which is the first to commit @next's own slots.
 *
 * Context: interrupts off, rq->lock held.
 */
void hw_breakpoint_thread_switch(struct task_struct *next)
{
	struct hwbp_hits *hits = &next->thread.debug.step.hits;

	if (unlikely(hits->n))
		hwbp_rest_for_task(hits);
	else if (unlikely(this_cpu_read(hwbp_rest.user)))
		hwbp_rest_for_task(NULL);
}
