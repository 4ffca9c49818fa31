/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private to the files of arm64's breakpoint back end:
 *
 *	hw_breakpoint.c			encodes breakpoints and writes registers
 *	hw_breakpoint_report.c		decodes debug exceptions and reports hits
 *	hw_breakpoint_rest.c		which slots of a CPU rest, and how long
 *	hw_breakpoint_user_step.c	steps a task over what it has hit in user mode
 *	hw_breakpoint_kernel_step.c	steps a CPU over what the kernel has hit
 *
 * A breakpoint exception is taken before the instruction and a watchpoint exception
 * instead of the access (D2.9 and D2.10). So that the program gets on, the CPU steps the
 * instruction. While it does, the slots that the instruction has hit rest: they keep their
 * owners and do not fire.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */
#ifndef __ARM64_KERNEL_HW_BREAKPOINT_H
#define __ARM64_KERNEL_HW_BREAKPOINT_H

#include <linux/bitfield.h>
#include <linux/compiler.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include <asm/hw_breakpoint.h>

struct pt_regs;

/* Return: true if the slot of @image fires in the kernel, false if in user mode. */
static nokprobe_inline bool image_of_kernel(const struct hwbp_image *image)
{
	return FIELD_GET(DBG_CTRL_PAC, image->ctrl) == AARCH64_BREAKPOINT_EL1;
}

/*
 * All that matters of an image: the bits of an address that the shift cuts off repeat
 * bit 53.
 */
static nokprobe_inline u64 hit_key(const struct hwbp_image *image)
{
	return image->addr << 10 | FIELD_GET(DBG_CTRL_BAS | DBG_CTRL_LSC, image->ctrl);
}

/* Return: true if what has this key was hit. */
static nokprobe_inline bool has_key(const struct hwbp_hits *hits, u64 key)
{
	int i;

	if (hits->n > HWBP_MAX_HITS)
		return true;
	for (i = 0; i < hits->n; i++) {
		if (hits->key[i] == key)
			return true;
	}
	return false;
}

/* Adds a hit. More hits than HWBP_MAX_HITS stand for anything: has_key() is always true then. */
static nokprobe_inline void add_key(struct hwbp_hits *hits, u64 key)
{
	if (has_key(hits, key))
		return;
	if (hits->n < HWBP_MAX_HITS)
		hits->key[hits->n] = key;
	hits->n++;
}

/* hw_breakpoint_rest.c */
void hwbp_add_hits(struct hwbp_hits *hits, const struct hwbp_hits *more);
bool hwbp_rest_in_pair(const struct hwbp_hits *hits, u64 pc);
void hwbp_end_pairs(void);

static nokprobe_inline void hwbp_rest_for_task(struct hwbp_hits *hits)
{
	__this_cpu_write(hwbp_rest.user, hits);
	hwbp_commit();
}

/* hw_breakpoint_user_step.c */
void hwbp_begin_user_step(const struct hwbp_hits *hits, struct pt_regs *regs);

/* hw_breakpoint_kernel_step.c */
void hwbp_begin_kernel_step(const struct hwbp_hits *hits, struct pt_regs *regs);
bool hwbp_end_kernel_step(struct pt_regs *regs);
bool hwbp_simulate(struct pt_regs *regs);

#endif /* __ARM64_KERNEL_HW_BREAKPOINT_H */
