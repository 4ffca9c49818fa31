/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the kernel has what the entry of an exception needs; and how a symbol is exported that
 * KVM alone needs.
 */
#ifndef _ASM_X86_HW_BREAKPOINT_SERIES_H
#define _ASM_X86_HW_BREAKPOINT_SERIES_H

#include <linux/export.h>
#include <linux/stackprotector.h>

#include <asm/current.h>
#include <asm/processor.h>

#define hwbp_current_task	pcpu_hot.current_task
#define hwbp_top_of_stack	pcpu_hot.top_of_stack
#define hwbp_cpu_number		pcpu_hot.cpu_number
#define hwbp_preempt_count	pcpu_hot.preempt_count
#define hwbp_call_depth		pcpu_hot.call_depth

/* The stack protector's, with or without it on 64 bits: something is at %gs:0 there. */
#ifdef CONFIG_X86_64
#define hwbp_stack_guard	fixed_percpu_data
#elif defined(CONFIG_STACKPROTECTOR)
#define hwbp_stack_guard	__stack_chk_guard
#endif

/* There are no exports for some modules alone. */
#define EXPORT_SYMBOL_FOR_KVM(symbol)	EXPORT_SYMBOL_GPL(symbol)

#endif /* _ASM_X86_HW_BREAKPOINT_SERIES_H */
