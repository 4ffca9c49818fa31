/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the kernel has what the entry of an exception needs, and EXPORT_SYMBOL_FOR_KVM().
 */
#ifndef _ASM_X86_HW_BREAKPOINT_SERIES_H
#define _ASM_X86_HW_BREAKPOINT_SERIES_H

#include <linux/kvm_types.h>
#include <linux/stackprotector.h>

#include <asm/current.h>
#include <asm/nospec-branch.h>
#include <asm/preempt.h>
#include <asm/processor.h>
#include <asm/smp.h>
#include <asm/spec-ctrl.h>

#define hwbp_current_task	current_task
#define hwbp_top_of_stack	cpu_current_top_of_stack
#define hwbp_cpu_number		cpu_number
#define hwbp_preempt_count	__preempt_count
#define hwbp_call_depth		__x86_call_depth

#ifdef CONFIG_STACKPROTECTOR
#define hwbp_stack_guard	__stack_chk_guard
#endif

/* bugs.c has it for entry.S alone. */
extern u64 x86_pred_cmd;

#endif /* _ASM_X86_HW_BREAKPOINT_SERIES_H */
