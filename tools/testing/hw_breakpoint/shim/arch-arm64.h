/* SPDX-License-Identifier: GPL-2.0 */
/* What arch/arm64/kernel/hw_breakpoint.c needs of arm64. */
#ifndef _SHIM_ARCH_ARM64_H
#define _SHIM_ARCH_ARM64_H

#include "cpu.h"

#define TASK_SIZE		(1UL << 48)
#define ESR_ELx_WNR		BIT(6)
#define untagged_addr(addr)	((u64)((long)((addr) << 8) >> 8))

struct debug_info {
	int	suspended_step;
	int	bps_disabled;
	int	wps_disabled;
};

struct thread_struct {
	struct debug_info	debug;
};

struct pt_regs {
	u64	pc;
	bool	user;
};

#define user_mode(regs)			((regs)->user)
#define instruction_pointer(regs)	((regs)->pc)

struct task_struct;
#define task_thread_info(tsk)		(tsk)
#define is_compat_thread(thread)	((thread)->flags & SHIM_COMPAT)
#define SHIM_COMPAT			1
#define TIF_SINGLESTEP			2
#define test_thread_flag(flag)		(current->flags & (flag))

/* ---- the simulated registers, see regs-arm64.c ---- */

/* Kind and number, as write_sysreg_s() gets them. */
enum { SHIM_BVR, SHIM_BCR, SHIM_WVR, SHIM_WCR };
#define SYS_DBGBVRn_EL1(n)		(SHIM_BVR << 4 | (n))
#define SYS_DBGBCRn_EL1(n)		(SHIM_BCR << 4 | (n))
#define SYS_DBGWVRn_EL1(n)		(SHIM_WVR << 4 | (n))
#define SYS_DBGWCRn_EL1(n)		(SHIM_WCR << 4 | (n))
#define write_sysreg_s(val, reg)	shim_msr(reg, val)

#define SYS_ID_AA64DFR0_EL1		0
#define ID_AA64DFR0_EL1_BRPs		GENMASK(15, 12)
#define ID_AA64DFR0_EL1_WRPs		GENMASK(23, 20)
#define SYS_FIELD_GET(reg, field, val)	FIELD_GET(reg##_##field, val)
#define read_sanitised_ftr_reg(reg)	shim_dfr0

#define DBG_MDSCR_KDE			BIT(13)
#define DBG_MDSCR_MDE			BIT(15)

enum dbg_active_el {
	DBG_ACTIVE_EL0,
	DBG_ACTIVE_EL1,
};

extern unsigned long shim_dfr0;
extern bool shim_el2;
#define is_kernel_in_hyp_mode()		shim_el2

void shim_msr(int reg, u64 val);
void isb(void);
void enable_debug_monitors(enum dbg_active_el el);
void disable_debug_monitors(enum dbg_active_el el);
unsigned long local_daif_save(void);
void local_daif_restore(unsigned long flags);

void user_enable_single_step(struct task_struct *task);
void user_disable_single_step(struct task_struct *task);
bool kernel_active_single_step(void);
void kernel_enable_single_step(struct pt_regs *regs);
void kernel_disable_single_step(void);

/* ---- what the kernel declares elsewhere ---- */

void do_breakpoint(unsigned long esr, struct pt_regs *regs);
void do_watchpoint(unsigned long addr, unsigned long esr, struct pt_regs *regs);
bool try_step_suspended_breakpoints(struct pt_regs *regs);

#endif
