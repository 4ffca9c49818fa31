/* SPDX-License-Identifier: GPL-2.0 */
/* What arch/x86/kernel/hw_breakpoint.c needs of x86. */
#ifndef _SHIM_ARCH_X86_H
#define _SHIM_ARCH_X86_H

#include "cpu.h"

#define CONFIG_HAVE_MIXED_BREAKPOINTS_REGS 1

/* Intel SDM vol. 3, 18.2: layout of DR6 and DR7 */
#define DR_TRAP0		0x1
#define DR_TRAP_BITS		0xf
#define DR_STEP			0x4000
#define DR6_RESERVED		0xffff0ff0
#define DR_CONTROL_SHIFT	16
#define DR_CONTROL_SIZE		4
#define DR_ENABLE_SIZE		2
#define DR_LOCAL_ENABLE		0x1
#define DR_GLOBAL_ENABLE	0x2
#define DR_GLOBAL_ENABLE_MASK	0xaa
#define DR_GLOBAL_SLOWDOWN	0x200
#define DR7_FIXED_1		0x400

#define X86_EFLAGS_TF		0x100
#define X86_EFLAGS_IF		0x200
#define X86_EFLAGS_RF		0x10000
#define X86_FEATURE_BPEXT	1

/* All, but for one of which the tests choose whether the CPU has it: AddrMaskExt */
extern bool regs_mask_ext;
#define boot_cpu_has(feature)	((feature) != 6 * 32 + 30 || regs_mask_ext)

/* 47, or 56 with five levels of page tables */
extern int shim_va_shift;
#define TASK_SIZE_MAX		((1UL << shim_va_shift) - PAGE_SIZE)
#define PAGE_SIZE		4096
#define CPU_ENTRY_AREA_BASE	0xfffffe0000000000UL
#define CPU_ENTRY_AREA_MAP_SIZE	0x100000UL

struct perf_event;

struct thread_struct {
	struct perf_event	*ptrace_bps[4];
	unsigned long		ptrace_dr7;
	unsigned long		virtual_dr6;
};

struct pt_regs {
	unsigned long	flags;
	unsigned long	ip;
	bool		user;
};

/* Flags of the current task */
extern unsigned long shim_thread_flags;
#define TIF_BLOCKSTEP			25
#define test_thread_flag(flag)		(shim_thread_flags >> (flag) & 1)

#define user_mode(regs)			((regs)->user)
#define uprobe_get_trap_addr(regs)	((regs)->ip)
#define instruction_pointer(regs)	((regs)->ip)

struct tss_struct {
	char	data[64];
};

struct tlb_state {
	char	data[64];
};

struct gdt_page {
	char	gdt[128];
};

struct pcpu_hot {
	void		*current_task;
	int		cpu_number;
	unsigned long	top_of_stack;
};

struct fixed_percpu_data {
	char		data[48];
};

#define CONFIG_STACKPROTECTOR

DECLARE_PER_CPU(unsigned long, cpu_dr7);
DECLARE_PER_CPU(struct tss_struct, cpu_tss_rw);
DECLARE_PER_CPU(struct tlb_state, cpu_tlbstate);
DECLARE_PER_CPU(struct gdt_page, gdt_page);
DECLARE_PER_CPU(struct pcpu_hot, pcpu_hot);
DECLARE_PER_CPU(struct fixed_percpu_data, fixed_percpu_data);
/* in 7.x instead of the last two */
DECLARE_PER_CPU(void *, current_task);
DECLARE_PER_CPU(int, cpu_number);
DECLARE_PER_CPU(unsigned long, cpu_current_top_of_stack);
DECLARE_PER_CPU(unsigned long, __stack_chk_guard);
DECLARE_PER_CPU(u64, x86_spec_ctrl_current);
struct cea_exception_stacks {
	unsigned long	DB;	/* where it ends */
};

DECLARE_PER_CPU(struct cea_exception_stacks, cea_exception_stacks);
#define __this_cpu_ist_top_va(name)	this_cpu_read(cea_exception_stacks.name)
extern unsigned long __per_cpu_offset[SHIM_CPUS], __cpu_online_mask;
extern u64 x86_pred_cmd;

/* The simulated registers, see regs-x86.c. */
void set_debugreg(unsigned long val, int reg);
unsigned long regs_get_debugreg(int reg);
#define get_debugreg(val, reg)	((val) = regs_get_debugreg(reg))
void amd_set_dr_addr_mask(unsigned long mask, unsigned int slot);
unsigned long amd_get_dr_addr_mask(unsigned int slot);

#include <asm/hw_breakpoint_entry.h>

/* As in cpu_init() */
void hwbp_restore(void);
#define shim_arch_cpu_up()	hwbp_restore()
#define shim_arch_boot()	((void)0)

#endif
