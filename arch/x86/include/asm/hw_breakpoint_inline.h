/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registers, for the core: see linux/hw_breakpoint_arch.h, which includes this.
 */
#ifndef _ASM_X86_HW_BREAKPOINT_INLINE_H
#define _ASM_X86_HW_BREAKPOINT_INLINE_H

#include <linux/compiler.h>
#include <linux/hw_breakpoint_types.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>

#include <asm/debugreg.h>

void hwbp_write_mask(int slot, const struct hwbp_image *have, unsigned long mask);

static nokprobe_inline u32 arch_hwbp_pool(int type)
{
	return HWBP_ALL_SLOTS;
}

#define arch_hwbp_pool arch_hwbp_pool

static nokprobe_inline void arch_hwbp_encode(const struct arch_hw_breakpoint *hw,
					     struct hwbp_image *image)
{
	image->addr = hw->address;
	image->aux = hw->mask;
	image->ctrl = ((hw->len | hw->type) & 0xf) | (hw->user_only ? 0 : HWBP_KERNEL);
}

#define arch_hwbp_encode arch_hwbp_encode

static nokprobe_inline void hwbp_write_address(int slot, unsigned long addr)
{
	switch (slot) {
	case 0:
		set_debugreg(addr, 0);
		break;
	case 1:
		set_debugreg(addr, 1);
		break;
	case 2:
		set_debugreg(addr, 2);
		break;
	case 3:
		set_debugreg(addr, 3);
		break;
	}
}

/* The mask must be right before DR7 enables the slot, or a wider range fires. */
static nokprobe_inline void arch_hwbp_write(int slot, const struct hwbp_image *have,
					    const struct hwbp_image *want)
{
	if (!want)
		return;
	if (!have || have->addr != want->addr)
		hwbp_write_address(slot, want->addr);
	if (unlikely(!have || have->aux != want->aux))
		hwbp_write_mask(slot, have, want->aux);
}

#define arch_hwbp_write arch_hwbp_write

/* The address is a register of its own, the rest is in others. */
static nokprobe_inline bool arch_hwbp_changes_at_once(const struct hwbp_image *have,
						      const struct hwbp_image *want)
{
	return have->aux == want->aux && have->ctrl == want->ctrl;
}

#define arch_hwbp_changes_at_once arch_hwbp_changes_at_once

/* The bits of one slot, whose number is a constant */
static nokprobe_inline u64 hwbp_dr7_of(const struct hwbp_image *image, u32 live, int slot)
{
	if (!(live & BIT(slot)))
		return 0;
	return (u64)image[slot].ctrl << (DR_CONTROL_SHIFT + slot * DR_CONTROL_SIZE) |
	       DR_GLOBAL_ENABLE << (slot * DR_ENABLE_SIZE);
}

static nokprobe_inline u64 arch_hwbp_master(const struct hwbp_image *image, u32 live,
					    u32 quiet)
{
	u64 dr7 = DR_GLOBAL_SLOWDOWN;

	if (!live)
		return 0;
	dr7 |= hwbp_dr7_of(image, live, 0);
	dr7 |= hwbp_dr7_of(image, live, 1);
	dr7 |= hwbp_dr7_of(image, live, 2);
	dr7 |= hwbp_dr7_of(image, live, 3);
	return dr7;
}

#define arch_hwbp_master arch_hwbp_master

/*
 * Is DR7 off, whatever it shall be, until somebody else writes it? That after a guest's
 * exit ends here if hits in the kernel count from now on.
 */
static nokprobe_inline bool hwbp_is_silent(u64 want)
{
	unsigned int silence = this_cpu_read(hwbp_silence) & ~HWBP_ACTIVE;

	if (likely(!silence))
		return false;
	if (silence & HWBP_DEFERRED && want & HWBP_MASTER_KERNEL) {
		this_cpu_and(hwbp_silence, ~HWBP_DEFERRED);
		silence &= ~HWBP_DEFERRED;
	}
	return silence;
}

/*
 * An NMI that finds cpu_dr7 clear does not switch DR7 off; one that does switches it
 * on again to what it finds in cpu_dr7 then. So cpu_dr7 is right before DR7 is; and
 * if nothing is to be on it is not clear, though without an enable bit, until DR7
 * is off.
 */
static nokprobe_inline void arch_hwbp_write_master(u64 have, u64 want)
{
	unsigned long dr7 = (u32)want;

	this_cpu_write(cpu_dr7, dr7 | DR7_FIXED_1);
	if (dr7)
		this_cpu_or(hwbp_silence, HWBP_ACTIVE);
	barrier();	/* dr7:A, pairs with dr7:C */
	if (!hwbp_is_silent(want))
		set_debugreg(dr7 | DR7_FIXED_1, 7);
	barrier();	/* dr7:B, pairs with dr7:C */
	this_cpu_write(cpu_dr7, dr7);
	if (!dr7)
		this_cpu_and(hwbp_silence, ~HWBP_ACTIVE);
}

#define arch_hwbp_write_master arch_hwbp_write_master

#endif /* _ASM_X86_HW_BREAKPOINT_INLINE_H */
