// SPDX-License-Identifier: GPL-2.0
/*
 * arm64 back end of the breakpoint core: parses attributes, encodes and writes
 * the debug registers, decodes debug exceptions.
 *
 * A breakpoint exception is taken before the instruction and a watchpoint
 * exception instead of the access (DDI 0487, D2.9 and D2.10). To get on, the
 * slots that were hit rest while the instruction is stepped; no others do, and
 * what else the instruction hits is reported too. See begin_user_step() and
 * begin_kernel_step(). A hit rests unless its owner is a tracer that was told: he
 * has to see to it himself.
 *
 * Exceptions from the kernel mask PSTATE.D on entry and nothing here unmasks it,
 * so the functions called from them are not interrupted by one another.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */

#define pr_fmt(fmt) "hw-breakpoint: " fmt

#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compat.h>
#include <linux/cpuhotplug.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/init.h>
#include <linux/kgdb_hw_break.h>
#include <linux/kprobes.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include <asm/barrier.h>
#include <asm/cpu.h>
#include <asm/cputype.h>
#include <asm/daifflags.h>
#include <asm/debug-monitors.h>
#include <asm/esr.h>
#include <asm/exception.h>
#include <asm/hw_breakpoint.h>
#include <asm/patching.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>

#define BREAK_SLOTS	GENMASK(ARM_MAX_BRP - 1, 0)
#define WATCH_SLOTS	GENMASK(HWBP_NR_SLOTS - 1, ARM_MAX_BRP)

static_assert(ARM_BREAKPOINT_LOAD == HW_BREAKPOINT_R);
static_assert(ARM_BREAKPOINT_STORE == HW_BREAKPOINT_W);

/*
 * Syndrome of a watchpoint exception, from Armv8.9 on; 0 before (D24.2, ESR_EL1,
 * ISS encoding for an exception from a Watchpoint exception).
 */
#define ESR_WATCH_FAR_INVALID	BIT(10)		/* FnV */
#define ESR_WATCH_FAR_INEXACT	BIT(15)		/* FnP */
#define ESR_WATCH_HAS_NUMBER	BIT(17)		/* WPTV */
#define ESR_WATCH_NUMBER	GENMASK(23, 18)	/* WPT */

/*
 * What an instruction that is stepped in the kernel must not be disturbed by. PSTATE.D
 * would keep the step from being reported.
 */
#define STEP_MASKS	(PSR_A_BIT | PSR_I_BIT | PSR_F_BIT)

/**
 * struct hold - what rests on a CPU
 * @user: hits of the current task's instruction in user mode, or NULL
 * @kernel: the instruction of the kernel that is stepped here, if any
 * @debugger: what was put aside of it while a debugger has this CPU
 * @told: hits whose owners are just being told; none but in report_all()
 *
 * Written by its own CPU with interrupts off.
 */
struct hold {
	struct hwbp_hits	*user;
	struct hwbp_kernel_step	kernel;
	struct hwbp_kernel_step	debugger;
	struct hwbp_hits	told;
};

static DEFINE_PER_CPU(struct hold, hold);

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

static nokprobe_inline bool image_of_kernel(const struct hwbp_image *image)
{
	return FIELD_GET(DBG_CTRL_PAC, image->ctrl) == AARCH64_BREAKPOINT_EL1;
}

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
		unsigned long h = (unsigned long)per_cpu_ptr(&hold, cpu);

		if (end >= h && addr < h + sizeof(struct hold))
			return true;
	}
	return hwbp_core_data(addr, end);
}

/* ---- what rests ---- */

/*
 * All that matters of an image: the bits of an address that are cut off repeat
 * bit 53.
 */
static nokprobe_inline u64 hit_key(const struct hwbp_image *image)
{
	return image->addr << 10 | FIELD_GET(DBG_CTRL_BAS, image->ctrl) << 2 |
	       FIELD_GET(DBG_CTRL_LSC, image->ctrl);
}

static bool has_key(const struct hwbp_hits *hits, u64 key)
{
	int i;

	if (hits->n > HWBP_MAX_HITS)
		return true;
	for (i = 0; i < hits->n; i++) {
		if (hits->key[i] == key)
			return true;
	}
	return false;
}
NOKPROBE_SYMBOL(has_key);

static nokprobe_inline bool was_hit(const struct hwbp_hits *hits,
				    const struct hwbp_image *image)
{
	return has_key(hits, hit_key(image));
}

static void add_key(struct hwbp_hits *hits, u64 key)
{
	if (has_key(hits, key))
		return;
	if (hits->n < HWBP_MAX_HITS)
		hits->key[hits->n] = key;
	hits->n++;
}
NOKPROBE_SYMBOL(add_key);

static void add_hits(struct hwbp_hits *hits, const struct hwbp_hits *more)
{
	int i;

	if (more->n > HWBP_MAX_HITS) {
		hits->n = more->n;
		return;
	}
	for (i = 0; i < more->n; i++)
		add_key(hits, more->key[i]);
}
NOKPROBE_SYMBOL(add_hits);

bool arch_hwbp_held(const struct hwbp_image *image)
{
	const struct hold *h = this_cpu_ptr(&hold);

	if (unlikely(h->kernel.hits.n) && was_hit(&h->kernel.hits, image))
		return true;
	return unlikely(h->user) && !image_of_kernel(image) &&
	       was_hit(h->user, image);
}
NOKPROBE_SYMBOL(arch_hwbp_held);

static void carry_hits(struct hwbp_hits *hits, const struct hwbp_image *from,
		       const struct hwbp_image *to)
{
	if (unlikely(hits->n) && was_hit(hits, from))
		add_key(hits, hit_key(to));
}
NOKPROBE_SYMBOL(carry_hits);

/*
 * In user mode anything may come between a hit and its instruction. In the kernel
 * only handlers of hits do, of this one and of others that the instruction has; what
 * is put aside for an exception is not looked after.
 */
void arch_hwbp_carry_hits(struct task_struct *tsk, const struct hwbp_image *from,
			  const struct hwbp_image *to)
{
	struct hwbp_user_step *step = &tsk->thread.debug.step;
	struct hold *h = this_cpu_ptr(&hold);

	carry_hits(&step->hits, from, to);
	carry_hits(&step->left, from, to);
	carry_hits(&h->kernel.hits, from, to);
	carry_hits(&h->told, from, to);
}
NOKPROBE_SYMBOL(arch_hwbp_carry_hits);

static nokprobe_inline void set_user_hold(struct hwbp_hits *hits)
{
	this_cpu_write(hold.user, hits);
	hwbp_commit();
}

/* ---- steps in user mode ---- */

/*
 * The step belongs to the task: it is not over before the instruction is, however
 * often the task is interrupted, faults or sleeps before that. TIF_SINGLESTEP is
 * shared with tracers and uprobes. Theirs is remembered in @wanted, and they get
 * the exception if it is set at the end.
 */
static void begin_user_step(struct hwbp_user_step *step)
{
	step->wanted = test_thread_flag(TIF_SINGLESTEP);
	if (!step->wanted)
		user_enable_single_step(current);
}
NOKPROBE_SYMBOL(begin_user_step);

static void hold_for_user(const struct hwbp_hits *hits)
{
	struct hwbp_user_step *step = &current->thread.debug.step;

	if (!step->hits.n)
		begin_user_step(step);
	add_hits(&step->hits, hits);
	set_user_hold(&step->hits);
}
NOKPROBE_SYMBOL(hold_for_user);

/* Return: true if nobody else wants to know. */
static bool end_user_step(struct hwbp_user_step *step)
{
	if (!step->hits.n)
		return false;

	step->hits.n = 0;
	set_user_hold(NULL);
	if (step->wanted)
		return false;
	user_disable_single_step(current);
	return true;
}
NOKPROBE_SYMBOL(end_user_step);

/**
 * hw_breakpoint_share_step() - somebody else begins or ends stepping a task
 * @task: current, or stopped
 * @wanted: does he want the next step exception?
 *
 * Context: any.
 * Return: true if TIF_SINGLESTEP has to stay set for the step in progress.
 */
bool hw_breakpoint_share_step(struct task_struct *task, bool wanted)
{
	struct hwbp_user_step *step = &task->thread.debug.step;

	if (!step->hits.n)
		return false;
	step->wanted = wanted;
	return true;
}
NOKPROBE_SYMBOL(hw_breakpoint_share_step);

/**
 * hw_breakpoint_hides_step() - is the current task stepped for us alone?
 *
 * Nobody must be told of the step then.
 *
 * Context: task context.
 * Return: true or false.
 */
bool hw_breakpoint_hides_step(void)
{
	const struct hwbp_user_step *step = &current->thread.debug.step;

	return step->hits.n && !step->wanted;
}

static bool was_left_here(const struct hwbp_user_step *step, struct pt_regs *regs)
{
	return step->left.n && step->left_pc == instruction_pointer(regs) &&
	       step->left_sp == user_stack_pointer(regs);
}

/**
 * hw_breakpoint_signal() - the current task goes into a signal handler
 * @regs: registers that go into the signal frame
 *
 * If that is in the middle of a step, the instruction comes again when the
 * handler returns. What it has hit is remembered until then. A handler that never
 * returned (siglongjmp()) is not waited for when a signal comes there once more, before
 * any hit: that instruction has yet to be counted.
 *
 * Context: task context.
 */
void hw_breakpoint_signal(struct pt_regs *regs)
{
	struct hwbp_user_step *step = &current->thread.debug.step;
	unsigned long flags;

	if (likely(!step->hits.n)) {
		if (unlikely(was_left_here(step, regs)))
			step->left.n = 0;
		return;
	}
	local_irq_save(flags);
	step->left = step->hits;
	step->left_pc = instruction_pointer(regs);
	step->left_sp = user_stack_pointer(regs);
	end_user_step(step);
	local_irq_restore(flags);
}

/**
 * hw_breakpoint_sigreturn() - the current task returns from a signal handler
 * @regs: registers from the signal frame
 *
 * Goes on with the step that hw_breakpoint_signal() left. One is remembered: in a
 * handler that is itself left in the middle of a step, for a second signal, the
 * first instruction is hit once more.
 *
 * Context: task context.
 */
void hw_breakpoint_sigreturn(struct pt_regs *regs)
{
	struct hwbp_user_step *step = &current->thread.debug.step;
	unsigned long flags;

	if (likely(!was_left_here(step, regs)) || step->hits.n)
		return;
	local_irq_save(flags);
	begin_user_step(step);
	step->hits = step->left;
	step->left.n = 0;
	set_user_hold(&step->hits);
	local_irq_restore(flags);
}

/**
 * hw_breakpoint_forget_step() - the current task gets another program, or exits
 *
 * An instruction of the old one never comes again, stepped or left for a signal. What
 * has its address and its stack pointer is another.
 *
 * Context: task context.
 */
void hw_breakpoint_forget_step(void)
{
	struct hwbp_user_step *step = &current->thread.debug.step;
	unsigned long flags;

	local_irq_save(flags);
	step->left.n = 0;
	end_user_step(step);
	local_irq_restore(flags);
}

/**
 * hw_breakpoint_thread_switch() - let the slots follow the task that is stepped
 * @next: task that this CPU switches to
 *
 * Called between perf's sched-out of the current task and its sched-in of @next,
 * which is the first to commit @next's own slots.
 *
 * Context: interrupts off, rq->lock held.
 */
void hw_breakpoint_thread_switch(struct task_struct *next)
{
	struct hwbp_hits *hits = &next->thread.debug.step.hits;

	if (unlikely(hits->n))
		set_user_hold(hits);
	else if (unlikely(this_cpu_read(hold.user)))
		set_user_hold(NULL);
}

/* ---- steps in the kernel ---- */

/* One for kgdb alone has no hits. */
static nokprobe_inline bool is_step(const struct hwbp_kernel_step *step)
{
	return step->hits.n || step->shared;
}

/*
 * The step belongs to the CPU. Nothing comes between: interrupts are masked for
 * the one instruction, and if it takes an exception of its own the step is put
 * aside until that has been handled, see hw_breakpoint_suspend_step(). Whatever
 * runs in the meantime finds all slots armed.
 */
static void begin_kernel_step(struct pt_regs *regs)
{
	struct hwbp_kernel_step *step = this_cpu_ptr(&hold.kernel);

	if (is_step(step))
		return;
	step->masks = regs->pstate & DAIF_MASK;
	regs->pstate &= ~(u64)PSR_D_BIT;
	regs->pstate |= STEP_MASKS;
	step->shared = kernel_active_single_step();
	if (!step->shared)
		kernel_enable_single_step(regs);
}
NOKPROBE_SYMBOL(begin_kernel_step);

/* The step is begun first: it shares KDE with the slots let go of. */
static void hold_for_kernel(const struct hwbp_hits *hits, struct pt_regs *regs)
{
	begin_kernel_step(regs);
	add_hits(&this_cpu_ptr(&hold)->kernel.hits, hits);
	hwbp_commit();
}
NOKPROBE_SYMBOL(hold_for_kernel);

/* Return: true if nobody else wants to know. */
static bool end_kernel_step(struct pt_regs *regs)
{
	struct hwbp_kernel_step *step = this_cpu_ptr(&hold.kernel);
	bool shared = step->shared;

	if (!is_step(step))
		return false;

	regs->pstate &= ~(u64)DAIF_MASK;
	regs->pstate |= step->masks;
	step->shared = false;
	if (step->hits.n) {
		step->hits.n = 0;
		hwbp_commit();
	}
	if (shared)
		return false;
	kernel_disable_single_step();
	return true;
}
NOKPROBE_SYMBOL(end_kernel_step);

static void put_aside(struct hwbp_kernel_step *saved, struct pt_regs *regs)
{
	*saved = *this_cpu_ptr(&hold.kernel);
	saved->pc = instruction_pointer(regs);
	end_kernel_step(regs);
}
NOKPROBE_SYMBOL(put_aside);

/**
 * hw_breakpoint_suspend_step() - the kernel has taken an exception
 * @saved: filled, for hw_breakpoint_resume_step()
 * @regs: registers of the exception
 *
 * If it came from an instruction that was being stepped, the step is put aside:
 * handling the exception may hit anything, and may sleep. So is kgdb's step, which
 * would end in the handler.
 *
 * Context: exception other than a debug exception, before PSTATE.D is unmasked.
 */
void hw_breakpoint_suspend_step(struct hwbp_kernel_step *saved,
				struct pt_regs *regs)
{
	saved->hits.n = 0;
	saved->shared = false;
	if (likely(!is_step(this_cpu_ptr(&hold.kernel))))
		return;
	put_aside(saved, regs);
	if (saved->shared) {
		kernel_disable_single_step();
		kgdb_hw_step_lasts();
	}
}
NOKPROBE_SYMBOL(hw_breakpoint_suspend_step);

/* kgdb may have been told to go on elsewhere. */
static bool resume_for_kgdb(const struct hwbp_kernel_step *saved,
			    struct pt_regs *regs)
{
	if (!saved->shared || !kgdb_hw_stepping())
		return false;
	if (!kernel_active_single_step())
		kernel_enable_single_step(regs);
	return true;
}
NOKPROBE_SYMBOL(resume_for_kgdb);

/**
 * hw_breakpoint_resume_step() - the exception has been handled
 * @saved: what hw_breakpoint_suspend_step() has put aside, perhaps elsewhere
 * @regs: registers that the CPU will return to
 *
 * Unless the instruction has been given up for another, it comes again now. Its
 * hits have been reported. kgdb steps that other one.
 *
 * Context: PSTATE.D and interrupts masked.
 */
void hw_breakpoint_resume_step(const struct hwbp_kernel_step *saved,
			       struct pt_regs *regs)
{
	bool again = saved->hits.n && saved->pc == instruction_pointer(regs);

	if (!resume_for_kgdb(saved, regs) && !again)
		return;
	begin_kernel_step(regs);
	if (!again)
		return;
	this_cpu_ptr(&hold)->kernel.hits = saved->hits;
	hwbp_commit();
}
NOKPROBE_SYMBOL(hw_breakpoint_resume_step);

/*
 * What reads or writes PSTATE.DAIF would see, or lose, what the step masks.
 * DDI 0487, C6.2: MSR (immediate), MSR (register), MRS.
 *
 * Return: true if the instruction has been done.
 */
static bool simulate(struct pt_regs *regs)
{
	u32 insn, t;

	if (aarch64_insn_read((void *)instruction_pointer(regs), &insn))
		return false;
	t = insn & GENMASK(4, 0);
	if ((insn & ~0xf00) == 0xd50340df)		/* msr daifset, #n */
		regs->pstate |= (u64)(insn & 0xf00) >> 2;
	else if ((insn & ~0xf00) == 0xd50340ff)		/* msr daifclr, #n */
		regs->pstate &= ~((u64)(insn & 0xf00) >> 2);
	else if ((insn & ~0x1f) == 0xd51b4220)		/* msr daif, xt */
		regs->pstate = (regs->pstate & ~(u64)DAIF_MASK) |
			       (pt_regs_read_reg(regs, t) & DAIF_MASK);
	else if ((insn & ~0x1f) == 0xd53b4220)		/* mrs xt, daif */
		pt_regs_write_reg(regs, t, regs->pstate & DAIF_MASK);
	else
		return false;

	/* done, also for kgdb, if it steps */
	regs->pstate &= ~(u64)(DBG_SPSR_SS | PSR_BTYPE_MASK);
	instruction_pointer_set(regs, instruction_pointer(regs) + 4);
	return true;
}
NOKPROBE_SYMBOL(simulate);

/* ---- a debugger's steps ---- */

/* DDI 0487, C6.2: ERET, ERETAA, ERETAB. They take the masks from elsewhere. */
static bool is_eret(u32 insn)
{
	return (insn & ~0xc1f) == 0xd69f03e0;
}

/**
 * arch_hwbp_step_is_alone() - can a step be kept from being interrupted?
 * @regs: registers of the instruction
 *
 * Not where PSTATE.D is set: the step ends where that is cleared.
 *
 * Context: exception, interrupts off.
 * Return: true if nothing but the instruction runs between arch_hwbp_debug_leave()
 * and the end of its step, unless it takes an exception.
 */
bool arch_hwbp_step_is_alone(struct pt_regs *regs)
{
	u32 insn;

	return !user_mode(regs) && !(regs->pstate & PSR_D_BIT) &&
	       !aarch64_insn_read((void *)instruction_pointer(regs), &insn) &&
	       !is_eret(insn);
}
NOKPROBE_SYMBOL(arch_hwbp_step_is_alone);

/**
 * arch_hwbp_debug_enter() - a debugger has this CPU
 * @regs: what it sees
 *
 * It shall see what the program has masked, not what a step has. A step of the
 * breakpoint layer's own is begun anew when the debugger leaves.
 *
 * Context: exception, interrupts off.
 * Return: true if a step of the debugger's is over by that.
 */
bool arch_hwbp_debug_enter(struct pt_regs *regs)
{
	struct hwbp_kernel_step *saved = this_cpu_ptr(&hold.debugger);

	put_aside(saved, regs);
	return saved->shared;
}
NOKPROBE_SYMBOL(arch_hwbp_debug_enter);

/**
 * arch_hwbp_debug_leave() - the CPU goes on
 * @regs: what with
 * @alone: the debugger steps, and arch_hwbp_step_is_alone() was true
 *
 * Context: exception, interrupts off.
 */
void arch_hwbp_debug_leave(struct pt_regs *regs, bool alone)
{
	struct hwbp_kernel_step *saved = this_cpu_ptr(&hold.debugger);

	if (alone) {
		simulate(regs);
		begin_kernel_step(regs);
	}
	saved->shared = false;
	hw_breakpoint_resume_step(saved, regs);
	saved->hits.n = 0;
}
NOKPROBE_SYMBOL(arch_hwbp_debug_leave);

/**
 * try_step_suspended_breakpoints() - end of a step
 * @regs: registers of the exception
 *
 * Context: single-step exception, interrupts off.
 * Return: true if the step was only there to get past slots that rest; false if
 * somebody else wants the exception.
 */
bool try_step_suspended_breakpoints(struct pt_regs *regs)
{
	return user_mode(regs) ? end_user_step(&current->thread.debug.step) :
				 end_kernel_step(regs);
}
NOKPROBE_SYMBOL(try_step_suspended_breakpoints);

/* ---- exceptions ---- */

/* Slots of @pool that can have fired in the mode that @regs are from. */
static u32 candidates(u32 pool, const struct pt_regs *regs)
{
	u32 slots = hwbp_live() & pool, left;

	if (!user_mode(regs))
		return slots;
	for (left = slots; left; left &= left - 1) {
		if (image_of_kernel(hwbp_slot_image(__ffs(left))))
			slots &= ~BIT(__ffs(left));
	}
	return slots;
}
NOKPROBE_SYMBOL(candidates);

static u32 breakpoints_at(u64 pc, u32 slots)
{
	u32 hit = 0, left;

	for (left = slots; left; left &= left - 1) {
		const struct hwbp_image *image = hwbp_slot_image(__ffs(left));

		if (image->addr == (pc & ~3ULL) &&
		    FIELD_GET(DBG_CTRL_BAS, image->ctrl) & BIT(pc & 3))
			hit |= BIT(__ffs(left));
	}
	return hit;
}
NOKPROBE_SYMBOL(breakpoints_at);

static nokprobe_inline u64 first_byte(const struct hwbp_image *image)
{
	return image->addr + __ffs(FIELD_GET(DBG_CTRL_BAS, image->ctrl));
}

static nokprobe_inline u64 last_byte(const struct hwbp_image *image)
{
	return image->addr + __fls(FIELD_GET(DBG_CTRL_BAS, image->ctrl));
}

/* Those of @slots that watch a byte of @first to @last. */
static u32 watching(u64 first, u64 last, u32 slots)
{
	u32 found = 0, left;

	for (left = slots; left; left &= left - 1) {
		const struct hwbp_image *image = hwbp_slot_image(__ffs(left));

		if (first_byte(image) <= last && last_byte(image) >= first)
			found |= BIT(__ffs(left));
	}
	return found;
}
NOKPROBE_SYMBOL(watching);

/* Those of @slots whose first watched byte is lowest. */
static u32 lowest(u32 slots)
{
	u64 least = U64_MAX;
	u32 found = 0, left;

	for (left = slots; left; left &= left - 1) {
		u64 first = first_byte(hwbp_slot_image(__ffs(left)));

		if (first < least)
			found = 0;
		least = min(least, first);
		if (first == least)
			found |= BIT(__ffs(left));
	}
	return found;
}
NOKPROBE_SYMBOL(lowest);

/* Those of @slots whose last watched byte is highest. */
static u32 highest(u32 slots)
{
	u64 most = 0;
	u32 found = 0, left;

	for (left = slots; left; left &= left - 1) {
		u64 last = last_byte(hwbp_slot_image(__ffs(left)));

		if (last > most)
			found = 0;
		most = max(most, last);
		if (last == most)
			found |= BIT(__ffs(left));
	}
	return found;
}
NOKPROBE_SYMBOL(highest);

static u32 for_access(u32 access, u32 slots)
{
	u32 found = 0, left;

	for (left = slots; left; left &= left - 1) {
		const struct hwbp_image *image = hwbp_slot_image(__ffs(left));

		if (FIELD_GET(DBG_CTRL_LSC, image->ctrl) & access)
			found |= BIT(__ffs(left));
	}
	return found;
}
NOKPROBE_SYMBOL(for_access);

/*
 * FAR_EL1 is not always in the watched bytes (D2.10.5 Determining the memory
 * location that caused a Watchpoint exception). It lies
 *
 * - between the lowest address that the instruction accesses and the highest that
 *   it accesses and that is watched: what has fired is at FAR_EL1 or above it,
 *   and nothing that fires is between. Only DC ZVA may have been given an address
 *   above.
 * - in one naturally aligned block with a watched address that is accessed. The
 *   block is no larger than what DC ZVA zeroes; where the syndrome says that
 *   FAR_EL1 is inexact, no larger than the smallest page.
 *
 * What is outside of the block has not fired, and to count it would be wrong.
 */
static u32 watchpoints_near(u64 addr, u64 block, u32 slots)
{
	u64 start = addr & ~(block - 1);
	u32 found = watching(addr, addr, slots);

	if (!found)
		found = lowest(watching(addr, start + block - 1, slots));
	if (!found)
		found = highest(watching(start, addr, slots));
	return found;
}
NOKPROBE_SYMBOL(watchpoints_near);

static u64 far_block(unsigned long esr)
{
	if (esr & ESR_WATCH_FAR_INEXACT)
		return PAGE_SIZE;
	return 4ULL << (read_cpuid(DCZID_EL0) & 0xf);
}
NOKPROBE_SYMBOL(far_block);

/*
 * An atomic instruction reads and writes. The syndrome should call it a read if a
 * read would have been reported (WnR), but emulators have been seen to call it a
 * write, hence the last attempt.
 *
 * Return: the slots that have fired; none if that cannot be said.
 */
static u32 watchpoints_at(u64 addr, unsigned long esr, u32 slots)
{
	u32 access = esr & ESR_ELx_WNR ? ARM_BREAKPOINT_STORE : ARM_BREAKPOINT_LOAD;
	u32 number = ARM_MAX_BRP + FIELD_GET(ESR_WATCH_NUMBER, esr);
	u32 found;

	if (esr & ESR_WATCH_HAS_NUMBER && number < HWBP_NR_SLOTS &&
	    slots & BIT(number))
		return BIT(number);
	if (esr & ESR_WATCH_FAR_INVALID)
		return 0;

	found = watchpoints_near(addr, far_block(esr), for_access(access, slots));
	return found ?: watching(addr, addr, slots);
}
NOKPROBE_SYMBOL(watchpoints_at);

static bool is_tracers(struct perf_event *bp)
{
	const struct debug_info *debug = &current->thread.debug;
	int i;

	/* most are not, and need not be looked for */
	if (is_default_overflow_handler(bp))
		return false;
	for (i = 0; i < ARRAY_SIZE(debug->hbp_break); i++) {
		if (debug->hbp_break[i] == bp)
			return true;
	}
	for (i = 0; i < ARRAY_SIZE(debug->hbp_watch); i++) {
		if (debug->hbp_watch[i] == bp)
			return true;
	}
	return false;
}
NOKPROBE_SYMBOL(is_tracers);

/*
 * The debugger may have removed the breakpoint, or go on elsewhere; then there is
 * nothing to get past.
 */
static bool report_to_debugger(struct hw_breakpoint_debug *debug, int slot,
			       u32 later, struct pt_regs *regs)
{
	unsigned int flags = hwbp_debugger_among(debug, later) ? HW_BREAKPOINT_HIT_MORE : 0;
	u64 pc = instruction_pointer(regs);

	debug->hit(debug, regs, slot, flags);
	return instruction_pointer(regs) == pc && hwbp_slot_debugger(slot) == debug;
}
NOKPROBE_SYMBOL(report_to_debugger);

/*
 * Tells the owner of a slot that was hit, if there is one. One in user space that
 * was hit by a uaccess routine is not told: the kernel has to get on, and no
 * tracer could help. @later: slots that follow.
 *
 * Return: true if the slot has to rest.
 */
static bool report(int slot, u64 addr, u32 later, struct pt_regs *regs)
{
	struct hw_breakpoint_debug *debug = hwbp_slot_debugger(slot);
	bool kernel = image_of_kernel(hwbp_slot_image(slot));
	struct perf_event *bp = hwbp_slot_owner(slot);

	if (debug)
		return report_to_debugger(debug, slot, later, regs);
	if (!bp)
		return true;

	counter_arch_bp(bp)->trigger = addr;
	if (!kernel && !user_mode(regs))
		return true;

	perf_bp_event(bp, regs);
	return kernel || !is_tracers(bp);
}
NOKPROBE_SYMBOL(report);

/*
 * A handler may re-aim its breakpoint, and that may put it into another slot. So what
 * it was is noted before, and arch_hwbp_carry_hits() adds what it becomes.
 *
 * Return: what has to rest: of @hit, or anything if it is not known what was hit.
 */
static struct hwbp_hits report_all(u32 hit, u64 addr, struct pt_regs *regs)
{
	struct hwbp_hits *told = &this_cpu_ptr(&hold)->told, rest;
	u32 left;

	guard(rcu)();
	told->n = hit ? 0 : HWBP_MAX_HITS + 1;
	for (left = hit; left; left &= left - 1) {
		u8 before = told->n;

		add_key(told, hit_key(hwbp_slot_image(__ffs(left))));
		if (!report(__ffs(left), addr, left & (left - 1), regs))
			told->n = before;
	}
	rest = *told;
	told->n = 0;
	return rest;
}
NOKPROBE_SYMBOL(report_all);

/**
 * do_breakpoint() - breakpoint exception
 * @esr: syndrome
 * @regs: registers before the instruction
 *
 * Context: exception, interrupts and PSTATE.D masked.
 */
void do_breakpoint(unsigned long esr, struct pt_regs *regs)
{
	u64 pc = instruction_pointer(regs);
	u32 hit = breakpoints_at(pc, candidates(BREAK_SLOTS, regs));
	struct hwbp_hits rest = report_all(hit, pc, regs);

	if (!rest.n)
		return;
	if (user_mode(regs))
		hold_for_user(&rest);
	else if (!simulate(regs))
		hold_for_kernel(&rest, regs);
}
NOKPROBE_SYMBOL(do_breakpoint);

/**
 * do_watchpoint() - watchpoint exception
 * @addr: FAR_EL1
 * @esr: syndrome; WnR tells the kind of access
 * @regs: registers before the instruction
 *
 * Context: exception, interrupts and PSTATE.D masked.
 */
void do_watchpoint(unsigned long addr, unsigned long esr, struct pt_regs *regs)
{
	/* untagged_addr() would leave a tag of KASAN's in an address of the kernel's */
	u32 hit = watchpoints_at(__untagged_addr(addr), esr,
				 candidates(WATCH_SLOTS, regs));
	struct hwbp_hits rest = report_all(hit, addr, regs);

	if (!rest.n)
		return;
	if (user_mode(regs))
		hold_for_user(&rest);
	else
		hold_for_kernel(&rest, regs);
}
NOKPROBE_SYMBOL(do_watchpoint);

/**
 * hw_breakpoint_exceptions_notify() - nothing comes through the die chain here
 * @unused: not used
 * @val: not used
 * @data: not used
 *
 * Context: any.
 * Return: NOTIFY_DONE.
 */
int hw_breakpoint_exceptions_notify(struct notifier_block *unused,
				    unsigned long val, void *data)
{
	return NOTIFY_DONE;
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
