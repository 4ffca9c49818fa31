/* SPDX-License-Identifier: GPL-2.0 */
/* What arch/arm64/kernel/hw_breakpoint*.c need of arm64. */
#ifndef _SHIM_ARCH_ARM64_H
#define _SHIM_ARCH_ARM64_H

#include "cpu.h"

/* Bits of an address, and whether pointers of the kernel's may have a tag */
extern int shim_va_bits;
extern bool shim_kernel_tags;
#define vabits_actual		((u64)shim_va_bits)
#define _PAGE_OFFSET(va)	(-(1UL << (va)))
#define TASK_SIZE_64		(1UL << vabits_actual)
#define TASK_SIZE_MAX		TASK_SIZE_64
#define TASK_SIZE_32		(0x100000000UL - PAGE_SIZE)
#define TASK_SIZE_OF(tsk)	((tsk)->flags & SHIM_COMPAT ? TASK_SIZE_32 : TASK_SIZE_64)
#define __tag_reset(addr)	(shim_kernel_tags ? __untagged_addr(addr) : (addr))
#define ESR_ELx_WNR		BIT(6)
/* The second leaves an address of the kernel's as it is. */
#define __untagged_addr(addr)	((u64)((long)((addr) << 8) >> 8))
#define untagged_addr(addr)	((addr) & __untagged_addr(addr))

struct pt_regs {
	u64	regs[31];
	u64	sp;
	u64	pc;
	u64	pstate;
	bool	user;
};

#define user_mode(regs)			((regs)->user)
#define instruction_pointer(regs)	((regs)->pc)
#define instruction_pointer_set(regs, to) ((void)((regs)->pc = (to)))
#define user_stack_pointer(regs)	((regs)->sp)
#define pt_regs_read_reg(r, n)		((n) == 31 ? 0 : (r)->regs[n])
#define pt_regs_write_reg(r, n, val) \
	((void)((n) == 31 || ((r)->regs[n] = (val))))

#define PSR_MODE_MASK			0xf
#define PSR_MODE_EL0t			0
#define PSR_F_BIT			0x40
#define PSR_I_BIT			0x80
#define PSR_A_BIT			0x100
#define PSR_D_BIT			0x200
#define DAIF_MASK			0x3c0
#define PSR_BTYPE_MASK			0xc00
#define DBG_SPSR_SS			BIT(21)

/* The instructions from shim_code_at on; shim_insn at every other address. */
#define SHIM_CODE		64
extern u32 shim_insn, shim_code[SHIM_CODE];
extern u64 shim_code_at;
int aarch64_insn_read(void *addr, u32 *insn);

/* DC ZVA zeroes 64 bytes. */
#define DCZID_EL0			4
#define read_cpuid(reg)			(reg)
#define PAGE_SIZE			4096

struct task_struct;
#define task_thread_info(tsk)		(tsk)
#define is_compat_thread(thread)	((thread)->flags & SHIM_COMPAT)
#define SHIM_COMPAT			1
#define TIF_SINGLESTEP			2
#define TIF_NOTIFY_RESUME		4
#define set_thread_flag(flag)		((void)(current->flags |= (flag)))
#define clear_thread_flag(flag)		((void)(current->flags &= ~(unsigned long)(flag)))
#define test_thread_flag(flag)		(!!(current->flags & (flag)))

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
#define ID_AA64DFR0_EL1_CTX_CMPs	GENMASK(31, 28)
#define SYS_FIELD_GET(reg, field, val)	FIELD_GET(reg##_##field, val)
#define read_sanitised_ftr_reg(reg)	shim_dfr0

#define MDSCR_EL1_SS			BIT(0)
#define MDSCR_EL1_KDE			BIT(13)
#define MDSCR_EL1_MDE			BIT(15)

enum dbg_active_el {
	DBG_ACTIVE_EL0,
	DBG_ACTIVE_EL1,
};

/* What all CPUs have, and what each has. */
struct cpuinfo_arm64 {
	u64	reg_id_aa64dfr0;
};

DECLARE_PER_CPU(struct cpuinfo_arm64, cpu_data);
extern unsigned long shim_dfr0;
extern bool shim_el2;
#define is_kernel_in_hyp_mode()		shim_el2

/* A state of CPU hotplug does it. */
#define shim_arch_cpu_up()	((void)0)
#define shim_arch_boot()	shim_count_registers()

void shim_count_registers(void);
void shim_msr(int reg, u64 val);
u64 shim_mrs(int reg);
void isb(void);
void enable_debug_monitors(enum dbg_active_el el);
void disable_debug_monitors(enum dbg_active_el el);

/* PSTATE.DAIF and ICC_PMR_EL1, which count where EL2 does, for no other reason. */
#define read_sysreg(reg)		shim_read_##reg()
#define write_sysreg(val, reg)		shim_write_##reg(val)
#define SYS_ICC_PMR_EL1			(-1)
#define read_sysreg_s(reg)		shim_mrs(reg)
#define pmr_sync()			((void)0)
#define system_uses_irq_prio_masking()	shim_el2
unsigned long shim_read_daif(void);
void shim_write_daif(unsigned long val);
#define DAIF_PROCCTX_NOIRQ		(PSR_I_BIT | PSR_F_BIT)
#define local_daif_mask()		shim_write_daif(DAIF_MASK)
#define local_daif_restore(flags)	shim_write_daif(flags)

void user_enable_single_step(struct task_struct *task);
void user_disable_single_step(struct task_struct *task);
void user_rewind_single_step(struct task_struct *task);
bool kernel_active_single_step(void);
void kernel_enable_single_step(struct pt_regs *regs);
void kernel_disable_single_step(void);

#include <asm/hw_breakpoint.h>

struct debug_info {
	struct hwbp_user_step	step;
	struct perf_event	*hbp_break[ARM_MAX_BRP];
	struct perf_event	*hbp_watch[ARM_MAX_WRP];
};

struct thread_struct {
	struct debug_info	debug;
};

/* ---- what the kernel declares elsewhere ---- */

void do_breakpoint(unsigned long esr, struct pt_regs *regs);
void do_watchpoint(unsigned long addr, unsigned long esr, struct pt_regs *regs);
bool try_step_suspended_breakpoints(struct pt_regs *regs);

#endif
