/* SPDX-License-Identifier: GPL-2.0 */
/* Registers, for the core: see linux/hw_breakpoint_arch.h, which includes this. */
#ifndef __ASM_HW_BREAKPOINT_INLINE_H
#define __ASM_HW_BREAKPOINT_INLINE_H

#include <linux/compiler.h>
#include <linux/kprobes.h>
#include <linux/types.h>

/* By type; 0 until the CPUs of the boot have been seen */
extern u32 hwbp_pools[];

u32 hwbp_early_pool(int type);

static nokprobe_inline u32 arch_hwbp_pool(int type)
{
	return likely(hwbp_pools[type]) ? hwbp_pools[type] : hwbp_early_pool(type);
}

#define arch_hwbp_pool arch_hwbp_pool

/* What is written to either register of a slot waits for a context synchronization. */
#define arch_hwbp_changes_at_once(have, want)	((void)(have), (void)(want), false)

#endif /* __ASM_HW_BREAKPOINT_INLINE_H */
