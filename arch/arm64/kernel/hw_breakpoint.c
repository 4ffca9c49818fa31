// SPDX-License-Identifier: GPL-2.0
/*
 * arm64 back end of the breakpoint core: parses attributes, encodes and writes
 * the debug registers. See hw_breakpoint.h for its other files.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */

#define pr_fmt(fmt) "hw-breakpoint: " fmt

#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compat.h>
#include <linux/cpuhotplug.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/init.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/printk.h>

#include <asm/barrier.h>
#include <asm/cpu.h>
#include <asm/cputype.h>
#include <asm/daifflags.h>
#include <asm/debug-monitors.h>
#include <asm/hw_breakpoint.h>
#include <asm/sysreg.h>

#include "hw_breakpoint.h"

static_assert(ARM_BREAKPOINT_LOAD == HW_BREAKPOINT_R);
static_assert(ARM_BREAKPOINT_STORE == HW_BREAKPOINT_W);

/**
 * struct master - MDSCR_EL1 as far as it is ours
 * @asked: what has been asked of debug-monitors.c
 * @silence: depth of hw_breakpoint_silence()
 *
 * Written by its own CPU with debug exceptions masked, or between two of them.
 */
struct master {
	u64		asked;
	unsigned int	silence;
};

static DEFINE_PER_CPU(struct master, master);

/* ---- slots ---- */

static u32 first_slots(int n, int first)
{
	return GENMASK(first + n - 1, first);
}

/**
 * hw_breakpoint_slots() - number of slots of a type
 * @type: TYPE_INST or TYPE_DATA
 *
 * At least two of each on any CPU (D24.2, ID_AA64DFR0_EL1).
 *
 * Context: any, from smp_prepare_boot_cpu() on.
 * Return: the sanitised number, which every CPU has.
 */
int hw_breakpoint_slots(int type)
{
	return type == TYPE_INST ? get_num_brps() : get_num_wrps();
}

u32 hwbp_pools[TYPE_MAX] __ro_after_init;

/**
 * hwbp_early_pool() - arch_hwbp_pool(), before the CPUs of the boot have been seen
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: any.
 * Return: mask of slot numbers.
 */
u32 hwbp_early_pool(int type)
{
	return first_slots(hw_breakpoint_slots(type),
			   type == TYPE_INST ? 0 : ARM_MAX_BRP);
}

/**
 * hw_breakpoint_extra_slots() - registers of this CPU that others do not have
 *
 * Nobody uses them, but they exist.
 *
 * Context: cannot be migrated.
 * Return: mask of slot numbers.
 */
u32 hw_breakpoint_extra_slots(void)
{
	u64 dfr0 = this_cpu_read(cpu_data.reg_id_aa64dfr0);
	u32 slots;

	slots = first_slots(SYS_FIELD_GET(ID_AA64DFR0_EL1, BRPs, dfr0) + 1, 0) |
		first_slots(SYS_FIELD_GET(ID_AA64DFR0_EL1, WRPs, dfr0) + 1,
			    ARM_MAX_BRP);
	return slots & ~(arch_hwbp_pool(TYPE_INST) | arch_hwbp_pool(TYPE_DATA));
}

/* ---- registers ---- */

/* MSR names its register in the instruction: each needs one of its own. */
#define MSR_CASES(reg, n)			\
	case (n):				\
		write_sysreg_s(val, reg(n));	\
		break;				\
	case (n) + 1:				\
		write_sysreg_s(val, reg(n + 1)); \
		break;				\
	case (n) + 2:				\
		write_sysreg_s(val, reg(n + 2)); \
		break;				\
	case (n) + 3:				\
		write_sysreg_s(val, reg(n + 3)); \
		break

#define DEFINE_WRITE(name, reg)			\
static void name(int n, u64 val)		\
{						\
	switch (n) {				\
	MSR_CASES(reg, 0);			\
	MSR_CASES(reg, 4);			\
	MSR_CASES(reg, 8);			\
	MSR_CASES(reg, 12);			\
	}					\
}						\
NOKPROBE_SYMBOL(name)

DEFINE_WRITE(write_bvr, SYS_DBGBVRn_EL1);
DEFINE_WRITE(write_bcr, SYS_DBGBCRn_EL1);
DEFINE_WRITE(write_wvr, SYS_DBGWVRn_EL1);
DEFINE_WRITE(write_wcr, SYS_DBGWCRn_EL1);

/* And so does MRS. */
#define MRS_CASES(reg, n)			\
	case (n):				\
		*val = read_sysreg_s(reg(n));	\
		break;				\
	case (n) + 1:				\
		*val = read_sysreg_s(reg(n + 1)); \
		break;				\
	case (n) + 2:				\
		*val = read_sysreg_s(reg(n + 2)); \
		break;				\
	case (n) + 3:				\
		*val = read_sysreg_s(reg(n + 3)); \
		break

#define DEFINE_READ(name, reg)			\
static void name(int n, u64 *val)		\
{						\
	switch (n) {				\
	MRS_CASES(reg, 0);			\
	MRS_CASES(reg, 4);			\
	MRS_CASES(reg, 8);			\
	MRS_CASES(reg, 12);			\
	}					\
}

DEFINE_READ(read_bvr, SYS_DBGBVRn_EL1);
DEFINE_READ(read_bcr, SYS_DBGBCRn_EL1);
DEFINE_READ(read_wvr, SYS_DBGWVRn_EL1);
DEFINE_READ(read_wcr, SYS_DBGWCRn_EL1);

/**
 * hw_breakpoint_read() - read one slot's registers
 * @slot: slot number
 * @image: filled
 *
 * Only after a guest that could write them: what the host has written is in the
 * shadow.
 *
 * Context: interrupts off.
 */
void hw_breakpoint_read(int slot, struct hwbp_image *image)
{
	u64 addr = 0, ctrl = 0;

	if (slot < ARM_MAX_BRP) {
		read_bvr(slot, &addr);
		read_bcr(slot, &ctrl);
	} else {
		read_wvr(slot - ARM_MAX_BRP, &addr);
		read_wcr(slot - ARM_MAX_BRP, &ctrl);
	}
	*image = (struct hwbp_image) { .addr = addr, .ctrl = ctrl };
}

static nokprobe_inline void write_addr(int slot, u64 val)
{
	if (slot < ARM_MAX_BRP)
		write_bvr(slot, val);
	else
		write_wvr(slot - ARM_MAX_BRP, val);
}

static nokprobe_inline void write_ctrl(int slot, u32 val)
{
	if (slot < ARM_MAX_BRP)
		write_bcr(slot, val);
	else
		write_wcr(slot - ARM_MAX_BRP, val);
}

/**
 * arch_hwbp_encode() - registers for a parsed breakpoint
 * @hw: what hw_breakpoint_arch_parse() made
 * @image: filled
 *
 * A disabled event is never installed, so the enable bit is always set, whatever
 * @hw remembers of it for the user.
 *
 * Context: any.
 */
void arch_hwbp_encode(const struct arch_hw_breakpoint *hw,
		      struct hwbp_image *image)
{
	*image = (struct hwbp_image) {
		.addr = hw->address,
		.ctrl = encode_ctrl_reg(hw->ctrl) | DBG_CTRL_E,
	};
}
NOKPROBE_SYMBOL(arch_hwbp_encode);

/**
 * arch_hwbp_write() - write one slot's registers
 * @slot: slot number
 * @have: what they hold, or NULL when that is not known
 * @want: what they shall hold, or NULL for nothing that matches
 *
 * Direct writes of debug registers take effect in any order up to a context
 * synchronization event (D2.13 Synchronization and debug exceptions; D24.1.2.2
 * Synchronization requirements). A slot that is on is only changed while
 * MDSCR_EL1.MDE or PSTATE.D keeps it silent, in any order. One that is off is
 * switched on by its control register alone, perhaps while MDE is set for other
 * slots; its address has to be there before.
 *
 * The last ISB is for the case that the master register does not change. An
 * exception return to user space would do, but EL1 slots do not wait for it.
 *
 * Context: interrupts off.
 */
void arch_hwbp_write(int slot, const struct hwbp_image *have,
		     const struct hwbp_image *want)
{
	u32 ctrl = have ? have->ctrl : DBG_CTRL_E;

	if (ctrl & DBG_CTRL_E && (!have || !want)) {
		write_ctrl(slot, 0);
		isb();
		ctrl = 0;
	}
	if (!want)
		return;

	if (!have || have->addr != want->addr) {
		write_addr(slot, want->addr);
		if (!(ctrl & DBG_CTRL_E))
			isb();
	}
	if (ctrl != want->ctrl)
		write_ctrl(slot, want->ctrl);
	isb();
}
NOKPROBE_SYMBOL(arch_hwbp_write);

/**
 * arch_hwbp_master() - what is needed of MDSCR_EL1
 * @image: registers of every slot
 * @live: slots that shall fire
 * @quiet: slots that must not, because their registers are about to change
 *
 * MDE lets slots fire at all, KDE in the kernel (D2.4 Enabling debug exceptions
 * from the current Exception level). Without KDE, EL0 watchpoints do not see
 * accesses by uaccess routines.
 *
 * Context: any.
 * Return: DBG_MDSCR_MDE and DBG_MDSCR_KDE as needed; 0 while slots change.
 */
u64 arch_hwbp_master(const struct hwbp_image *image, u32 live, u32 quiet)
{
	u64 master = live ? DBG_MDSCR_MDE : 0;
	u32 left;

	if (quiet)
		return 0;
	for (left = live; left; left &= left - 1) {
		if (image_of_kernel(&image[__ffs(left)]))
			master |= DBG_MDSCR_KDE;
	}
	return master;
}
NOKPROBE_SYMBOL(arch_hwbp_master);

static nokprobe_inline enum dbg_active_el master_el(u64 master)
{
	return master & DBG_MDSCR_KDE ? DBG_ACTIVE_EL1 : DBG_ACTIVE_EL0;
}

#define FLAGS_PMR	GENMASK(63, 32)

/**
 * arch_hwbp_mask() - mask debug exceptions, and interrupts that may lead to one
 *
 * A hit in the middle of a commit would want to commit. That includes hits in an
 * interrupt that GIC priorities make an NMI. local_daif_save() is not for the inside
 * of one: its counterpart would let the next come. debug-monitors.c uses both, and
 * leaves the priority mask another one; hence that is saved as well.
 *
 * Context: interrupts off, or NMI.
 * Return: for arch_hwbp_unmask().
 */
unsigned long arch_hwbp_mask(void)
{
	unsigned long flags = read_sysreg(daif);

	if (system_uses_irq_prio_masking())
		flags |= FIELD_PREP(FLAGS_PMR, read_sysreg_s(SYS_ICC_PMR_EL1));
	write_sysreg(DAIF_MASK, daif);
	barrier();
	return flags;
}
NOKPROBE_SYMBOL(arch_hwbp_mask);

/**
 * arch_hwbp_unmask() - undo arch_hwbp_mask()
 * @flags: what it returned
 *
 * Context: interrupts off, or NMI.
 */
void arch_hwbp_unmask(unsigned long flags)
{
	barrier();
	if (system_uses_irq_prio_masking()) {
		write_sysreg_s(FIELD_GET(FLAGS_PMR, flags), SYS_ICC_PMR_EL1);
		pmr_sync();
	}
	write_sysreg(flags & DAIF_MASK, daif);
}
NOKPROBE_SYMBOL(arch_hwbp_unmask);

/*
 * The bits are counted in debug-monitors.c. KDE is shared with kernel single-step,
 * which is left out of the count of MDE: it does not need it (D2.12 Software Step
 * exceptions), and MDE must go out with the last live slot. Asking anew before
 * giving up the old leaves one write, of the bits that change.
 *
 * The first ISB lets nothing fire with slot registers older than those written
 * before; after the second, nothing that was switched off fires (D2.13). Debug
 * exceptions are masked: in between a hit would count again from what was.
 */
static void ask_master(u64 want)
{
	u64 have = this_cpu_read(master.asked);

	isb();
	if (have == want)
		return;
	if (want)
		enable_debug_monitors(master_el(want));
	if (have)
		disable_debug_monitors(master_el(have));
	this_cpu_write(master.asked, want);
	isb();
}
NOKPROBE_SYMBOL(ask_master);

/**
 * arch_hwbp_write_master() - write MDSCR_EL1.MDE and .KDE
 * @have: what the breakpoint core has asked of them so far
 * @want: what it asks now, see arch_hwbp_master()
 *
 * Context: arch_hwbp_mask().
 */
void arch_hwbp_write_master(u64 have, u64 want)
{
	ask_master(this_cpu_read(master.silence) ? 0 : want);
}
NOKPROBE_SYMBOL(arch_hwbp_write_master);

/**
 * hw_breakpoint_silence() - nothing fires on this CPU from here
 *
 * Context: interrupts off, or NMI; stays on this CPU until
 * hw_breakpoint_unsilence().
 */
void hw_breakpoint_silence(void)
{
	unsigned long flags = arch_hwbp_mask();

	this_cpu_inc(master.silence);
	ask_master(0);
	arch_hwbp_unmask(flags);
}
NOKPROBE_SYMBOL(hw_breakpoint_silence);

/**
 * hw_breakpoint_unsilence() - end of hw_breakpoint_silence()
 *
 * Context: interrupts off, or NMI.
 */
void hw_breakpoint_unsilence(void)
{
	unsigned long flags = arch_hwbp_mask();

	if (!this_cpu_dec_return(master.silence))
		ask_master(hwbp_master());
	arch_hwbp_unmask(flags);
}
NOKPROBE_SYMBOL(hw_breakpoint_unsilence);

/* ---- attributes ---- */

/*
 * tsk can only be NULL for an event of a CPU, and bp for a debugger's. These follow
 * the native rules: a CPU is not 32-bit, and unaligned watchpoints are deprecated
 * in AArch64 state.
 */
static bool for_compat_task(const struct perf_event *bp)
{
	struct task_struct *tsk = bp ? bp->hw.target : NULL;

	return tsk && is_compat_thread(task_thread_info(tsk));
}

static bool mask_is_contiguous(u32 mask)
{
	return mask && !((mask + (mask & -mask)) & mask);
}

/**
 * arch_check_bp_in_kernelspace() - does it watch the kernel?
 * @hw: from hw_breakpoint_arch_parse()
 *
 * The answer is what the slot would do, not where parsing has aligned its address
 * to.
 *
 * Context: any.
 * Return: 1 or 0.
 */
int arch_check_bp_in_kernelspace(struct arch_hw_breakpoint *hw)
{
	return hw->ctrl.privilege == AARCH64_BREAKPOINT_EL1;
}

/**
 * arch_bp_generic_fields() - what a control register means to perf
 * @ctrl: control register from a tracer
 * @gen_len: HW_BREAKPOINT_LEN_n
 * @gen_type: HW_BREAKPOINT_X, or which of _R and _W
 * @offset: of the first byte from the address
 *
 * Context: any.
 * Return: 0, or -EINVAL unless the bytes selected are one run.
 */
int arch_bp_generic_fields(struct arch_hw_breakpoint_ctrl ctrl,
			   int *gen_len, int *gen_type, int *offset)
{
	if (!mask_is_contiguous(ctrl.len))
		return -EINVAL;

	*gen_len = hweight8(ctrl.len);
	*gen_type = ctrl.type ?: HW_BREAKPOINT_X;
	*offset = __ffs(ctrl.len);
	return 0;
}

static int parse_type(u64 bp_type, struct arch_hw_breakpoint *hw)
{
	if (bp_type == HW_BREAKPOINT_X)
		hw->ctrl.type = ARM_BREAKPOINT_EXECUTE;
	else if (bp_type && !(bp_type & ~(u64)HW_BREAKPOINT_RW))
		hw->ctrl.type = bp_type;
	else
		return -EINVAL;
	return 0;
}

/*
 * An instruction of AArch64 has four bytes, and many tools ask for a breakpoint
 * of sizeof(long); any length is taken for four there. Thumb needs two as well.
 */
static int parse_len(u64 len, bool compat, struct arch_hw_breakpoint *hw)
{
	if (len < HW_BREAKPOINT_LEN_1 || len > HW_BREAKPOINT_LEN_8)
		return -EINVAL;
	if (hw->ctrl.type == ARM_BREAKPOINT_EXECUTE) {
		if (!compat)
			len = HW_BREAKPOINT_LEN_4;
		else if (len != HW_BREAKPOINT_LEN_2 && len != HW_BREAKPOINT_LEN_4)
			return -EINVAL;
	}
	hw->ctrl.len = ARM_BREAKPOINT_LEN(len);
	return 0;
}

/*
 * The address registers hold word (breakpoints) or doubleword addresses, BAS
 * selects bytes from there. What does not fit into BAS would be cut off.
 */
static int align_native(struct arch_hw_breakpoint *hw)
{
	u32 mask = hw->ctrl.type == ARM_BREAKPOINT_EXECUTE ? 3 : 7;
	u32 bas = hw->ctrl.len << (hw->address & mask);

	if (bas > FIELD_MAX(DBG_CTRL_BAS))
		return -EINVAL;
	hw->address &= ~(u64)mask;
	hw->ctrl.len = bas;
	return 0;
}

/* 32-bit tracers may place bytes anywhere in a word, and halfwords but for 3. */
static int align_compat(struct arch_hw_breakpoint *hw)
{
	u32 len = hweight8(hw->ctrl.len);
	u32 mask = len == 8 ? 7 : 3;
	u32 offset = hw->address & mask;

	if (offset && (len > 2 || offset + len > 4))
		return -EINVAL;
	hw->address &= ~(u64)mask;
	hw->ctrl.len <<= offset;
	return 0;
}

/*
 * Code cannot be stepped that the step itself runs through; without kprobes
 * nobody keeps a list of it. The event of a task is no harder to step over than
 * that of a CPU: no step in the kernel lasts across a switch.
 */
static int check_kernel(u64 addr, u64 len, bool execute)
{
	if (execute && IS_ENABLED(CONFIG_KPROBES) &&
	    within_kprobe_blacklist(addr & ~3ULL))
		return -EINVAL;
	if (arch_hwbp_needed_by_entry(addr, addr + len - 1))
		return -EINVAL;
	return 0;
}

/*
 * A processor may compare no more than the bits up to 48; 52 with FEAT_LVA, 55 with
 * FEAT_LVA3 (D24.3, DBGBVR<n>_EL1.RESS and DBGWVR<n>_EL1.RESS). So what @addr is not
 * the address of may be watched nevertheless.
 */
static int check_names(u64 addr, u64 len, bool execute)
{
	static const u8 last_bit[] = { 48, 52, 55 };
	int i, err = check_kernel(addr, len, execute);

	for (i = 0; !err && i < ARRAY_SIZE(last_bit); i++) {
		u64 watched = sign_extend64(addr, last_bit[i]);

		if (watched != addr)
			err = check_kernel(watched, len, execute);
	}
	return err;
}

/**
 * hw_breakpoint_arch_parse() - check attributes and take them over
 * @bp: event they are for, or NULL for a debugger
 * @attr: attributes
 * @hw: filled; zeroed by the caller
 *
 * EL0 and EL1 are never watched by one slot, since they are stepped over in
 * different ways.
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int hw_breakpoint_arch_parse(struct perf_event *bp,
			     const struct perf_event_attr *attr,
			     struct arch_hw_breakpoint *hw)
{
	bool compat = for_compat_task(bp);
	int err;

	err = parse_type(attr->bp_type, hw);
	if (!err)
		err = parse_len(attr->bp_len, compat, hw);
	if (err)
		return err;

	hw->address = attr->bp_addr;
	hw->ctrl.enabled = !attr->disabled;
	/* TASK_SIZE is that of the current task. */
	hw->ctrl.privilege = hw->address >= TASK_SIZE ?
			     AARCH64_BREAKPOINT_EL1 : AARCH64_BREAKPOINT_EL0;

	err = compat ? align_compat(hw) : align_native(hw);
	if (err || hw->ctrl.privilege == AARCH64_BREAKPOINT_EL0)
		return err;
	/* KASAN's tag; hits are looked for without */
	hw->address = sign_extend64(hw->address, 55);
	return check_names(attr->bp_addr, attr->bp_len,
			   hw->ctrl.type == ARM_BREAKPOINT_EXECUTE);
}

/**
 * arch_hwbp_needed_by_entry() - addresses nobody may watch
 * @addr: first byte
 * @end: last byte
 *
 * Exception entry itself is safe, since it masks PSTATE.D. What a step needs is
 * not.
 *
 * Context: any.
 * Return: true if the range has such data.
 */
bool arch_hwbp_needed_by_entry(unsigned long addr, unsigned long end)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		unsigned long h = (unsigned long)per_cpu_ptr(&hwbp_rest, cpu);

		if (end >= h && addr < h + sizeof(struct hwbp_rest))
			return true;
	}
	return hwbp_core_data(addr, end);
}

/* ---- CPUs that come up or wake ---- */

/* Nobody else would ever write these, and they fire with the others. */
static void switch_off_extra_slots(void)
{
	u32 left;

	for (left = hw_breakpoint_extra_slots(); left; left &= left - 1)
		arch_hwbp_write(__ffs(left), NULL, NULL);
}

/*
 * The registers are UNKNOWN after a reset, and a debugger that was attached may
 * have used them. MDSCR_EL1 is cleared by __cpu_setup() or restored by
 * cpu_do_resume(), whatever had been asked for, and PSTATE.D masked after both.
 */
static int hw_breakpoint_reset(unsigned int cpu)
{
	unsigned long flags = arch_hwbp_mask();

	ask_master(0);
	switch_off_extra_slots();
	arch_hwbp_unmask(flags);
	hwbp_restore();
	return 0;
}

static int __init arch_hw_breakpoint_init(void)
{
	int type, ret;

	for (type = 0; type < TYPE_MAX; type++)
		hwbp_pools[type] = arch_hwbp_pool(type);
	pr_info("found %d breakpoint and %d watchpoint registers.\n",
		hw_breakpoint_slots(TYPE_INST), hw_breakpoint_slots(TYPE_DATA));

	ret = cpuhp_setup_state(CPUHP_AP_PERF_ARM_HW_BREAKPOINT_STARTING,
				"perf/arm64/hw_breakpoint:starting",
				hw_breakpoint_reset, NULL);
	if (ret)
		pr_err("cannot reset the registers of coming CPUs: %d\n", ret);

	cpu_suspend_set_dbg_restorer(hw_breakpoint_reset);
	return ret;
}
arch_initcall(arch_hw_breakpoint_init);
