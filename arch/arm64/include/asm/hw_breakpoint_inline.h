/* SPDX-License-Identifier: GPL-2.0 */
/* Registers, for the core: see linux/hw_breakpoint_arch.h, which includes this. */
#ifndef __ASM_HW_BREAKPOINT_INLINE_H
#define __ASM_HW_BREAKPOINT_INLINE_H

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/daifflags.h>
#include <asm/hw_breakpoint.h>
#include <asm/sysreg.h>

/* By type; 0 until the CPUs of the boot have been seen */
extern u32 hwbp_pools[];

u32 hwbp_early_pool(int type);

static nokprobe_inline u32 arch_hwbp_pool(int type)
{
	return likely(hwbp_pools[type]) ? hwbp_pools[type] : hwbp_early_pool(type);
}

#define arch_hwbp_pool arch_hwbp_pool

/* No debug exception comes in the middle of a commit, see arch_hwbp_mask(). */
#define arch_hwbp_changes_at_once(have, want)	((void)(have), (void)(want), true)

/* The priority mask among what arch_hwbp_mask() returns */
#define HWBP_FLAGS_PMR	GENMASK(63, 32)

/**
 * arch_hwbp_mask() - mask debug exceptions, and interrupts that may lead to one
 *
 * The handler of a hit commits, and must not come in the middle of a commit on the same
 * CPU. That includes hits in an interrupt that GIC priorities make an NMI.
 * local_daif_save() cannot be used in such an interrupt: local_daif_restore() would let
 * the next one in. debug-monitors.c calls both, and local_daif_restore() changes the
 * priority mask; hence the mask is saved here as well.
 *
 * Context: interrupts off, or NMI.
 * Return: for arch_hwbp_unmask().
 */
static nokprobe_inline unsigned long arch_hwbp_mask(void)
{
	unsigned long flags = read_sysreg(daif);

	if (system_uses_irq_prio_masking())
		flags |= FIELD_PREP(HWBP_FLAGS_PMR, read_sysreg_s(SYS_ICC_PMR_EL1));
	write_sysreg(DAIF_MASK, daif);
	barrier();	/* mask:A, pairs with the handler of a hit on this CPU */
	return flags;
}

/**
 * arch_hwbp_unmask() - undo arch_hwbp_mask()
 * @flags: what it returned
 *
 * Context: interrupts off, or NMI.
 */
static nokprobe_inline void arch_hwbp_unmask(unsigned long flags)
{
	barrier();	/* mask:A */
	if (system_uses_irq_prio_masking()) {
		write_sysreg_s(FIELD_GET(HWBP_FLAGS_PMR, flags), SYS_ICC_PMR_EL1);
		pmr_sync();
	}
	write_sysreg(flags & DAIF_MASK, daif);
}

#define arch_hwbp_mask arch_hwbp_mask

/**
 * struct hwbp_rest - what rests on a CPU, and why
 * @user: what the current task's instruction has hit in user mode, or NULL
 * @kernel: the instruction of the kernel that this CPU steps, if any
 * @debugger: what was put aside of @kernel while a debugger has this CPU
 * @told: hits whose owners have been told; none but in report()
 * @pairs: hits in the kernel between a load-exclusive and its store-exclusive
 * @last: where the last hit in the kernel was
 * @again: how many hits in a row have been at @last, each near the hit before it
 * @inside: @last is in such a pair, as far as in_pair() has looked
 *
 * Read and written by its own CPU with interrupts off.
 */
struct hwbp_rest {
	struct hwbp_hits	*user;
	struct hwbp_kernel_step	kernel;
	struct hwbp_kernel_step	debugger;
	struct hwbp_hits	told;
	struct hwbp_hits	pairs;
	u64			last;
	unsigned int		again;
	bool			inside;
};

DECLARE_PER_CPU(struct hwbp_rest, hwbp_rest);

u32 hwbp_rests(const struct hwbp_cpu *c, const struct hwbp_rest *rest, u32 slots);

static nokprobe_inline u32 arch_hwbp_rests(const struct hwbp_cpu *c, u32 slots)
{
	const struct hwbp_rest *rest = this_cpu_ptr(&hwbp_rest);

	if (likely(!rest->user && !(rest->kernel.hits.n | rest->pairs.n)))
		return 0;
	return hwbp_rests(c, rest, slots);
}

#define arch_hwbp_rests arch_hwbp_rests

/**
 * enum kvm_debug_loan - what KVM has done with this CPU's slot registers
 * @KVM_DEBUG_NOT_LENT: nothing
 * @KVM_DEBUG_TRAPPED: they hold what a guest has enabled; the guest's accesses trap
 * @KVM_DEBUG_OWNED: they hold all values of a guest; the guest may access them
 *
 * See arch/arm64/kvm/hw_breakpoint.c.
 */
enum kvm_debug_loan {
	KVM_DEBUG_NOT_LENT,
	KVM_DEBUG_TRAPPED,
	KVM_DEBUG_OWNED,
};

/* Read and written by its own CPU with interrupts off. */
DECLARE_PER_CPU(enum kvm_debug_loan, kvm_debug_loan);

#endif /* __ASM_HW_BREAKPOINT_INLINE_H */
