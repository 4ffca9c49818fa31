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

/*
 * Bits of an image and of the master value, as HWBP_KERNEL and HWBP_MASTER_KERNEL are. They say
 * that memory of the kernel's is watched (with 32 bits: or memory of the user's above 2 GB).
 */
#define HWBP_IN_KERNEL		BIT(21)
#define HWBP_MASTER_IN_KERNEL	(0x2222ULL << 36)

/* In nmi.c, where the data is that it lists */
extern const struct hwbp_entry_data hwbp_nmi_entry_data[];

/* For sync_regs() */
void hw_breakpoint_copy_regs(struct pt_regs *to, const struct pt_regs *from);

void hwbp_write_mask(int slot, const struct hwbp_image *have, unsigned long mask);
bool hwbp_may_switch_on(u64 have, u64 want);

static nokprobe_inline u32 arch_hwbp_pool(int type)
{
	return HWBP_ALL_SLOTS;
}

#define arch_hwbp_pool arch_hwbp_pool

static inline void arch_hwbp_cpu_slots(int cpu, struct hwbp_cpu_slots *slots)
{
	*slots = (struct hwbp_cpu_slots) { .all = HWBP_ALL_SLOTS };
}

#define arch_hwbp_cpu_slots arch_hwbp_cpu_slots

static nokprobe_inline void arch_hwbp_encode(const struct arch_hw_breakpoint *hw,
					     struct hwbp_image *image)
{
	image->addr = hw->address;
	image->aux = hw->mask;
	image->ctrl = ((hw->len | hw->type) & 0xf) | (hw->user_only ? 0 : HWBP_KERNEL) |
		      ((long)hw->address < 0 ? HWBP_IN_KERNEL : 0);
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
	if (!have || have->addr != want->addr)
		hwbp_write_address(slot, want->addr);
	if (unlikely(!have || have->aux != want->aux))
		hwbp_write_mask(slot, have, want->aux);
}

#define arch_hwbp_write arch_hwbp_write

/* One write changes the address of a slot, and nothing else: the rest is in other registers. */
static nokprobe_inline bool arch_hwbp_changes_at_once(const struct hwbp_image *have,
						      const struct hwbp_image *want)
{
	return have->both == want->both;
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

/* Slots are handed out from the top, so the lower ones are often not looked at. */
static nokprobe_inline u64 arch_hwbp_master(const struct hwbp_image *image, u32 live,
					    u32 quiet)
{
	u64 dr7 = DR_GLOBAL_SLOWDOWN | DR7_FIXED_1;

	if (!live)
		return quiet ? HWBP_MASTER_QUIET : 0;
	dr7 |= hwbp_dr7_of(image, live, 3);
	if (live & (BIT(2) | BIT(1) | BIT(0))) {
		dr7 |= hwbp_dr7_of(image, live, 2);
		dr7 |= hwbp_dr7_of(image, live, 1);
		dr7 |= hwbp_dr7_of(image, live, 0);
	}
	return dr7;
}

#define arch_hwbp_master arch_hwbp_master

/* Not in a section, whose end writes DR7; nor with a vCPU loaded, since DR6 is cleaned first. */
static nokprobe_inline bool arch_hwbp_master_is_free(void)
{
	return !(__this_cpu_read(hwbp_silence) & ~HWBP_ACTIVE);
}

#define arch_hwbp_master_is_free arch_hwbp_master_is_free

static nokprobe_inline bool hwbp_dr7_is_ours(u64 have, u64 want, bool free)
{
	return free || likely(arch_hwbp_master_is_free()) || hwbp_may_switch_on(have, want);
}

/*
 * The section of an NMI does not switch DR7 off if it finds 0 in cpu_dr7. If it finds anything
 * else, it switches DR7 off, and its end writes to DR7 what cpu_dr7 holds then. So cpu_dr7 is
 * written before DR7.
 */
static nokprobe_inline void hwbp_switch_on(u64 have, u64 want, bool free)
{
	this_cpu_write(cpu_dr7, (u32)want);
	if (!(u32)have)
		this_cpu_or(hwbp_silence, HWBP_ACTIVE);
	barrier();	/* dr7:A, pairs with dr7:C */
	if (hwbp_dr7_is_ours(have, want, free))
		set_debugreg((u32)want, 7);
}

/* While DR7 may have an enable bit, cpu_dr7 is not 0, even if cpu_dr7 has no enable bit. */
static nokprobe_inline void hwbp_switch_off(u64 have, bool free)
{
	this_cpu_write(cpu_dr7, DR7_FIXED_1);
	barrier();	/* dr7:A, pairs with dr7:C */
	if (hwbp_dr7_is_ours(have, 0, free))
		set_debugreg(DR7_FIXED_1, 7);
	barrier();	/* dr7:B, pairs with dr7:C */
	this_cpu_write(cpu_dr7, 0);
	this_cpu_and(hwbp_silence, ~HWBP_ACTIVE);
}

static nokprobe_inline void arch_hwbp_write_master(u64 have, u64 want)
{
	if ((u32)want)
		hwbp_switch_on(have, want, false);
	else
		hwbp_switch_off(have, false);
}

#define arch_hwbp_write_master arch_hwbp_write_master

static nokprobe_inline void arch_hwbp_write_free_master(u64 have, u64 want)
{
	if ((u32)want)
		hwbp_switch_on(have, want, true);
	else
		hwbp_switch_off(have, true);
}

#define arch_hwbp_write_free_master arch_hwbp_write_free_master

#endif /* _ASM_X86_HW_BREAKPOINT_INLINE_H */
