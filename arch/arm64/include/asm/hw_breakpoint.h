/* SPDX-License-Identifier: GPL-2.0 */
/*
 * arm64 breakpoint and watchpoint registers.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */
#ifndef __ASM_HW_BREAKPOINT_H
#define __ASM_HW_BREAKPOINT_H

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/types.h>

#include <asm/cpufeature.h>
#include <asm/cputype.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

struct hwbp_image;
struct perf_event;
struct perf_event_attr;
struct pt_regs;
struct task_struct;

/* The most that ID_AA64DFR0_EL1.BRPs and .WRPs can say. */
#define ARM_MAX_BRP		16
#define ARM_MAX_WRP		16

/*
 * Slot n < ARM_MAX_BRP is DBGBVR<n>_EL1 with DBGBCR<n>_EL1, slot
 * ARM_MAX_BRP + n is DBGWVR<n>_EL1 with DBGWCR<n>_EL1.
 */
#define HWBP_NR_SLOTS		(ARM_MAX_BRP + ARM_MAX_WRP)
#define HWBP_SLOT_ENABLE	DBG_CTRL_E
#define HWBP_SLOTS_REST		1

/*
 * DBGBCR<n>_EL1 and DBGWCR<n>_EL1 (D24.3 Debug registers). LSC is RES0 in the
 * former, hence it is what tells one from the other.
 */
#define DBG_CTRL_E		BIT(0)
#define DBG_CTRL_PAC		GENMASK(2, 1)
#define DBG_CTRL_LSC		GENMASK(4, 3)
#define DBG_CTRL_BAS		GENMASK(12, 5)
#define DBG_CTRL_HMC		BIT(13)

/* DBG_CTRL_PAC */
#define AARCH64_BREAKPOINT_EL1	1
#define AARCH64_BREAKPOINT_EL0	2

/* DBG_CTRL_LSC */
#define ARM_BREAKPOINT_EXECUTE	0
#define ARM_BREAKPOINT_LOAD	1
#define ARM_BREAKPOINT_STORE	2

/* DBG_CTRL_BAS of the first @n bytes */
#define ARM_BREAKPOINT_LEN(n)	GENMASK((n) - 1, 0)

/**
 * struct arch_hw_breakpoint_ctrl - a control register, taken apart
 * @len: bytes selected from the word or doubleword at the address, DBG_CTRL_BAS
 * @type: ARM_BREAKPOINT_EXECUTE, or which of _LOAD and _STORE
 * @privilege: AARCH64_BREAKPOINT_EL1 or _EL0
 * @enabled: as the user sees it; what is installed is always enabled
 */
struct arch_hw_breakpoint_ctrl {
	u32	enabled		: 1;
	u32	privilege	: 2;
	u32	type		: 2;
	u32	len		: 8;
};

/**
 * struct arch_hw_breakpoint - a breakpoint as perf events carry it
 * @ctrl: control register
 * @address: address register
 * @trigger: what was accessed or executed at the last hit, for ptrace
 */
struct arch_hw_breakpoint {
	struct arch_hw_breakpoint_ctrl	ctrl;
	u64				address;
	u64				trigger;
};

/* A debug exception masks pseudo-NMIs until it has been handled. */
#define arch_hwbp_unreported()		0U

/* An instruction that hits more lets all slots rest while it is stepped. */
#define HWBP_MAX_HITS		4

/**
 * struct hwbp_hits - what one instruction has hit, and what rests for it
 * @key: what was hit; not slots, since events may get other slots before the step is over
 * @n: how many; HWBP_MAX_HITS + 1: anything
 */
struct hwbp_hits {
	u64	key[HWBP_MAX_HITS];
	u8	n;
};

/* Handlers that come before one another's instructions; of more the outermost is lost. */
#define HWBP_MAX_LEFT		4

/**
 * struct hwbp_left - an instruction that a signal handler has come before
 * @hits: what it has hit
 * @pc: its address
 * @sp: the stack pointer there
 */
struct hwbp_left {
	struct hwbp_hits	hits;
	u64			pc;
	u64			sp;
};

/**
 * struct hwbp_user_step - a task's instruction that is being stepped over
 * @hits: what the instruction has hit; none: no step
 * @wanted: a tracer or a uprobe wants the step exception, too
 * @traced: a tracer wants the step that a uprobe is making
 * @nr_left: how many instructions wait for the end of signal handlers
 * @left: these, the outermost first
 */
struct hwbp_user_step {
	struct hwbp_hits	hits;
	bool			wanted;
	bool			traced;
	u8			nr_left;
	struct hwbp_left	left[HWBP_MAX_LEFT];
};

/**
 * struct hwbp_kernel_step - an instruction of the kernel that is being stepped over
 * @hits: what the instruction has hit; none: no step, or kgdb's alone (@shared)
 * @shared: kgdb was stepping already, and wants the step exception, too
 * @masks: PSTATE.DAIF as the program had it
 * @pc: address of the instruction, while the step is put aside
 */
struct hwbp_kernel_step {
	struct hwbp_hits	hits;
	bool			shared;
	u64			masks;
	u64			pc;
};

/**
 * encode_ctrl_reg() - value of DBGBCR<n>_EL1 or DBGWCR<n>_EL1
 * @ctrl: what it shall say
 *
 * A kernel that runs at EL2 is matched with HMC set (D2.9 and D2.10, "Execution
 * conditions").
 *
 * Return: the value.
 */
static inline u32 encode_ctrl_reg(struct arch_hw_breakpoint_ctrl ctrl)
{
	bool el2 = ctrl.privilege == AARCH64_BREAKPOINT_EL1 &&
		   is_kernel_in_hyp_mode();

	return FIELD_PREP(DBG_CTRL_E, ctrl.enabled) |
	       FIELD_PREP(DBG_CTRL_PAC, ctrl.privilege) |
	       FIELD_PREP(DBG_CTRL_LSC, ctrl.type) |
	       FIELD_PREP(DBG_CTRL_BAS, ctrl.len) |
	       FIELD_PREP(DBG_CTRL_HMC, el2);
}

/**
 * decode_ctrl_reg() - take such a value apart
 * @reg: value, for instance from a tracer; other bits are ignored
 * @ctrl: filled
 */
static inline void decode_ctrl_reg(u32 reg,
				   struct arch_hw_breakpoint_ctrl *ctrl)
{
	*ctrl = (struct arch_hw_breakpoint_ctrl) {
		.enabled	= FIELD_GET(DBG_CTRL_E, reg),
		.privilege	= FIELD_GET(DBG_CTRL_PAC, reg),
		.type		= FIELD_GET(DBG_CTRL_LSC, reg),
		.len		= FIELD_GET(DBG_CTRL_BAS, reg),
	};
}

/* Registers that every CPU has, see also hw_breakpoint_slots(). */
static inline int get_num_brps(void)
{
	return SYS_FIELD_GET(ID_AA64DFR0_EL1, BRPs,
			     read_sanitised_ftr_reg(SYS_ID_AA64DFR0_EL1)) + 1;
}

static inline int get_num_wrps(void)
{
	return SYS_FIELD_GET(ID_AA64DFR0_EL1, WRPs,
			     read_sanitised_ftr_reg(SYS_ID_AA64DFR0_EL1)) + 1;
}

int hw_breakpoint_slots(int type);
u32 hw_breakpoint_extra_slots(void);
void hw_breakpoint_read(int slot, struct hwbp_image *image);
int hw_breakpoint_arch_parse(struct perf_event *bp,
			     const struct perf_event_attr *attr,
			     struct arch_hw_breakpoint *hw);
int arch_bp_generic_fields(struct arch_hw_breakpoint_ctrl ctrl,
			   int *gen_len, int *gen_type, int *offset);

#ifdef CONFIG_HAVE_HW_BREAKPOINT
void hw_breakpoint_thread_switch(struct task_struct *next);
void ptrace_hw_copy_thread(struct task_struct *task);
bool hw_breakpoint_share_step(struct task_struct *task, bool wanted);
bool hw_breakpoint_hides_step(void);
void hw_breakpoint_signal(struct pt_regs *regs);
void hw_breakpoint_sigreturn(struct pt_regs *regs);
void hw_breakpoint_forget_step(void);
void hw_breakpoint_syscall(void);
void hw_breakpoint_go_on(struct pt_regs *regs, u64 pc);
void hw_breakpoint_begin_probe(void);
bool hw_breakpoint_end_probe(struct pt_regs *regs, bool done);
void hw_breakpoint_probe_simulated(struct pt_regs *regs);
u64 hw_breakpoint_kprobe_masks(u64 masks, bool nested);
void hw_breakpoint_suspend_step(struct hwbp_kernel_step *saved,
				struct pt_regs *regs);
void hw_breakpoint_resume_step(const struct hwbp_kernel_step *saved,
			       struct pt_regs *regs);
#else
static inline void hw_breakpoint_thread_switch(struct task_struct *next) { }
static inline void ptrace_hw_copy_thread(struct task_struct *task) { }

static inline bool hw_breakpoint_share_step(struct task_struct *task, bool wanted)
{
	return false;
}

static inline bool hw_breakpoint_hides_step(void)
{
	return false;
}

static inline void hw_breakpoint_signal(struct pt_regs *regs) { }
static inline void hw_breakpoint_sigreturn(struct pt_regs *regs) { }
static inline void hw_breakpoint_forget_step(void) { }
static inline void hw_breakpoint_syscall(void) { }
static inline void hw_breakpoint_go_on(struct pt_regs *regs, u64 pc) { }

static inline void hw_breakpoint_begin_probe(void) { }

static inline bool hw_breakpoint_end_probe(struct pt_regs *regs, bool done)
{
	return false;
}

static inline void hw_breakpoint_probe_simulated(struct pt_regs *regs) { }

static inline u64 hw_breakpoint_kprobe_masks(u64 masks, bool nested)
{
	return masks;
}

static inline void hw_breakpoint_suspend_step(struct hwbp_kernel_step *saved,
					      struct pt_regs *regs)
{
	saved->hits.n = 0;
	saved->shared = false;
}

static inline void
hw_breakpoint_resume_step(const struct hwbp_kernel_step *saved,
			  struct pt_regs *regs) { }
#endif

#ifdef CONFIG_CPU_PM
void cpu_suspend_set_dbg_restorer(int (*hw_bp_restore)(unsigned int cpu));
#else
static inline void
cpu_suspend_set_dbg_restorer(int (*hw_bp_restore)(unsigned int cpu)) { }
#endif

#endif /* __ASM_HW_BREAKPOINT_H */
