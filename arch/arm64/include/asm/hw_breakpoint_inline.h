/* SPDX-License-Identifier: GPL-2.0 */
/* Registers, for the core: see linux/hw_breakpoint_arch.h, which includes this. */
#ifndef __ASM_HW_BREAKPOINT_INLINE_H
#define __ASM_HW_BREAKPOINT_INLINE_H

/* What is written to either register of a slot waits for a context synchronization. */
#define arch_hwbp_changes_at_once(have, want)	((void)(have), (void)(want), false)

#endif /* __ASM_HW_BREAKPOINT_INLINE_H */
