/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_HW_BREAKPOINT_H
#define _ASM_X86_HW_BREAKPOINT_H

#include <linux/bits.h>
#include <linux/kdebug.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <uapi/asm/hw_breakpoint.h>

/* Others ask by this name whether there is a struct arch_hw_breakpoint. */
#define __ARCH_HW_BREAKPOINT_H

struct perf_event;
struct perf_event_attr;
struct pmu;
struct task_struct;

/* DR0 to DR3; each serves instructions and data (SDM vol. 3, 18.2.1). */
#define HBP_NUM			4
#define hw_breakpoint_slots(type)	HBP_NUM

/*
 * For the core: DR7 holds the enable bits of all four slots, so a slot has none of its own. RF
 * lets the CPU get past an instruction breakpoint, so no slot has to rest.
 */
#define HWBP_NR_SLOTS		HBP_NUM
#define HWBP_SLOT_ENABLE	0
#define HWBP_SLOTS_REST		0

/**
 * struct arch_hw_breakpoint - a breakpoint in the terms of the hardware
 * @address: linear address
 * @mask: address bits that are ignored (AMD's BPEXT), or 0
 * @len: X86_BREAKPOINT_LEN_*
 * @type: X86_BREAKPOINT_EXECUTE, _WRITE or _RW
 * @user_only: its owner does not count hits in the kernel
 */
struct arch_hw_breakpoint {
	unsigned long	address;
	unsigned long	mask;
	u8		len;
	u8		type;
	bool		user_only;
};

/*
 * The four control bits of a slot in DR7 are LEN (upper two) and R/W (lower
 * two); SDM vol. 3, 18.2.4. The high bits tell the two kinds apart.
 */
#define X86_BREAKPOINT_LEN_1	0x40
#define X86_BREAKPOINT_LEN_2	0x44
#define X86_BREAKPOINT_LEN_4	0x4c
#ifdef CONFIG_X86_64
#define X86_BREAKPOINT_LEN_8	0x48
#endif
/* Instruction breakpoints must have LEN 0. */
#define X86_BREAKPOINT_LEN_X	0x40

#define X86_BREAKPOINT_EXECUTE	0x80
#define X86_BREAKPOINT_WRITE	0x81
#define X86_BREAKPOINT_RW	0x83

/*
 * HWBP_KERNEL is a bit of an image, beside the four bits of DR7, and of no register: hits in the
 * kernel count. The core's master value has it above DR7, once for each slot that may fire.
 */
#define HWBP_KERNEL		BIT(20)
#define HWBP_MASTER_KERNEL	(0x1111ULL << 36)
/* The master value while a commit changes slots and none may fire; 0: nothing is to fire. */
#define HWBP_MASTER_QUIET	BIT_ULL(32)

unsigned long encode_dr7(int drnum, unsigned int len, unsigned int type);
int decode_dr7(unsigned long dr7, int bpnum, unsigned int *len,
	       unsigned int *type);
int arch_bp_generic_fields(int x86_len, int x86_type, int *gen_len,
			   int *gen_type);

int hw_breakpoint_arch_parse(struct perf_event *bp,
			     const struct perf_event_attr *attr,
			     struct arch_hw_breakpoint *hw);

/* For ptrace. */
int hw_breakpoint_ptrace_address(struct task_struct *tsk, int nr,
				 unsigned long addr);
int hw_breakpoint_ptrace_dr7(struct task_struct *tsk, unsigned long dr7);

/* Nothing to mask: no debug exception commits in the middle of a commit, see arch_hwbp_mask(). */
#define arch_hwbp_mask()		0UL
#define arch_hwbp_unmask(flags)		((void)(flags))

/* For the code that brings a CPU up; in the core. */
void hwbp_restore(void);

#endif /* _ASM_X86_HW_BREAKPOINT_H */
