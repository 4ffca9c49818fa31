// SPDX-License-Identifier: GPL-2.0
/*
 * arm64 back end of the breakpoint core: parses attributes, encodes and writes
 * the debug registers, decodes debug exceptions.
 *
 * A breakpoint exception is taken before the instruction and a watchpoint
 * exception instead of the access (DDI 0487, D2.9 and D2.10). To get on, the
 * slots that would match again are held while the instruction is stepped. Who
 * wants that:
 *
 *	slot		handler		held and stepped
 *	EL1		any		by this file, see hold_for_kernel()
 *	EL0		perf's own	by this file, see hold_for_user()
 *	EL0		other		not: ptrace leaves it to the tracer
 *	EL0, hit by a	any		by this file, and not reported: user
 *	uaccess			space could not help the kernel on
 *	none's		-		by this file, or it would come back for ever
 *
 * Exceptions from the kernel mask PSTATE.D on entry and nothing here unmasks it,
 * so the functions called from them are not interrupted by one another.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */

#define pr_fmt(fmt) "hw-breakpoint: " fmt

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compat.h>
#include <linux/cpuhotplug.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/init.h>
#include <linux/kprobes.h>
#include <linux/limits.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include <asm/barrier.h>
#include <asm/daifflags.h>
#include <asm/debug-monitors.h>
#include <asm/esr.h>
#include <asm/exception.h>
#include <asm/hw_breakpoint.h>
#include <asm/sysreg.h>

#define BREAK_SLOTS	GENMASK(ARM_MAX_BRP - 1, 0)
#define WATCH_SLOTS	GENMASK(HWBP_NR_SLOTS - 1, ARM_MAX_BRP)

static_assert(ARM_BREAKPOINT_LOAD == HW_BREAKPOINT_R);
static_assert(ARM_BREAKPOINT_STORE == HW_BREAKPOINT_W);

/* Slots that rest on a CPU, bits of struct hold.slots. */
#define HOLD_USER_BREAK		BIT(0)	/* EL0 breakpoints */
#define HOLD_USER_WATCH		BIT(1)	/* EL0 watchpoints */
#define HOLD_KERNEL_BREAK	BIT(2)	/* EL1 breakpoints */
#define HOLD_KERNEL_WATCH	BIT(3)	/* watchpoints, EL0's too: uaccess */

#define HOLD_USER		(HOLD_USER_BREAK | HOLD_USER_WATCH)
#define HOLD_KERNEL		(HOLD_KERNEL_BREAK | HOLD_KERNEL_WATCH)

/**
 * enum kernel_step - is an EL1 instruction being stepped, and for whom?
 * @STEP_NONE: no
 * @STEP_OURS: for a held slot only
 * @STEP_SHARED: for a held slot, and for kgdb, which had it on already
 */
enum kernel_step {
	STEP_NONE,
	STEP_OURS,
	STEP_SHARED,
};

/**
 * struct hold - what rests on a CPU
 * @slots: which, HOLD_*
 * @kernel_step: how HOLD_KERNEL ends
 *
 * HOLD_USER follows debug_info.bps_disabled and .wps_disabled of the current
 * task. HOLD_KERNEL belongs to the CPU: an exception taken from the stepped
 * instruction unmasks PSTATE.D before it can schedule, and that ends the step
 * (D2.12, active-pending). The instruction then hits once more.
 *
 * Written by its own CPU with interrupts off.
 */
struct hold {
	u8			slots;
	enum kernel_step	kernel_step;
};

static DEFINE_PER_CPU(struct hold, hold);

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

/* 0 until the CPUs of the boot have been seen. */
static u32 final_pool[TYPE_MAX] __ro_after_init;

u32 arch_hwbp_pool(int type)
{
	if (likely(final_pool[type]))
		return final_pool[type];
	return first_slots(hw_breakpoint_slots(type),
			   type == TYPE_INST ? 0 : ARM_MAX_BRP);
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
	bool off = have && !(have->ctrl & DBG_CTRL_E);

	if (!off && (!have || !want)) {
		write_ctrl(slot, 0);
		isb();
		off = true;
	}
	if (!want)
		return;

	if (!have || have->addr != want->addr) {
		write_addr(slot, want->addr);
		if (off)
			isb();
	}
	if (!have || have->ctrl != want->ctrl)
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

/**
 * arch_hwbp_write_master() - write MDSCR_EL1.MDE and .KDE
 * @have: what the breakpoint core has asked of them, see arch_hwbp_master()
 * @want: what it asks now
 *
 * The bits are counted in debug-monitors.c. KDE is shared with kernel single-step,
 * which is left out of the count of MDE: it does not need it (D2.12 Software Step
 * exceptions), and MDE must go out with the last live slot. Asking anew before
 * giving up the old leaves one write, of the bits that change.
 *
 * The first ISB lets nothing fire with slot registers older than those written
 * before; after the second, nothing that was switched off fires (D2.13). Debug
 * exceptions are masked in between: a hit would count again from @have.
 *
 * Context: interrupts off.
 */
void arch_hwbp_write_master(u64 have, u64 want)
{
	unsigned long flags = local_daif_save();

	isb();
	if (have != want) {
		if (want)
			enable_debug_monitors(master_el(want));
		if (have)
			disable_debug_monitors(master_el(have));
		isb();
	}
	local_daif_restore(flags);
}
NOKPROBE_SYMBOL(arch_hwbp_write_master);

/* ---- attributes ---- */

/*
 * tsk can only be NULL for an event of a CPU. That one follows the native
 * rules: a CPU is not 32-bit, and unaligned watchpoints are deprecated in
 * AArch64 state.
 */
static bool for_compat_task(const struct perf_event *bp)
{
	struct task_struct *tsk = bp->hw.target;

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
 * that of a CPU: HOLD_KERNEL never lasts across a switch.
 */
static int check_kernel(u64 addr, u64 len, struct arch_hw_breakpoint *hw)
{
	if (hw->ctrl.type == ARM_BREAKPOINT_EXECUTE &&
	    IS_ENABLED(CONFIG_KPROBES) && within_kprobe_blacklist(hw->address))
		return -EINVAL;
	if (arch_hwbp_needed_by_entry(addr, addr + len - 1))
		return -EINVAL;
	return 0;
}

/**
 * hw_breakpoint_arch_parse() - check attributes and take them over
 * @bp: event they are for
 * @attr: attributes
 * @hw: filled; zeroed by the caller
 *
 * EL0 and EL1 are never watched by one slot, since they are stepped over in
 * different ways.
 *
 * Context: task context.
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
	if (!err && hw->ctrl.privilege == AARCH64_BREAKPOINT_EL1)
		err = check_kernel(attr->bp_addr, attr->bp_len, hw);
	return err;
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

/* ---- holding slots ---- */

static nokprobe_inline u8 held_by(const struct hwbp_image *image)
{
	bool watch = FIELD_GET(DBG_CTRL_LSC, image->ctrl);

	if (image_of_kernel(image))
		return watch ? HOLD_KERNEL_WATCH : HOLD_KERNEL_BREAK;
	return watch ? HOLD_USER_WATCH | HOLD_KERNEL_WATCH : HOLD_USER_BREAK;
}

bool arch_hwbp_held(const struct hwbp_image *image)
{
	u8 slots = this_cpu_read(hold.slots);

	return unlikely(slots) && (slots & held_by(image));
}
NOKPROBE_SYMBOL(arch_hwbp_held);

/* Exchanges those of @which. */
static void set_hold(u8 which, u8 slots)
{
	u8 old = this_cpu_read(hold.slots);
	u8 new = (old & ~which) | slots;

	if (new == old)
		return;
	this_cpu_write(hold.slots, new);
	hwbp_commit();
}
NOKPROBE_SYMBOL(set_hold);

static nokprobe_inline u8 task_hold(const struct debug_info *debug)
{
	return (debug->bps_disabled ? HOLD_USER_BREAK : 0) |
	       (debug->wps_disabled ? HOLD_USER_WATCH : 0);
}

/*
 * A task that was stepping already goes on to do so for whoever asked first. If
 * that was a tracer, end_user_step() hands it the exception.
 */
static void hold_for_user(u8 slots)
{
	struct debug_info *debug = &current->thread.debug;
	u8 old = task_hold(debug);

	if (slots & HOLD_USER_BREAK)
		debug->bps_disabled = 1;
	if (slots & HOLD_USER_WATCH)
		debug->wps_disabled = 1;
	set_hold(HOLD_USER, old | slots);

	if (old)
		return;
	if (test_thread_flag(TIF_SINGLESTEP))
		debug->suspended_step = 1;
	else
		user_enable_single_step(current);
}
NOKPROBE_SYMBOL(hold_for_user);

/* The step is begun first: it shares KDE with the slots let go of. */
static void hold_for_kernel(u8 slots, struct pt_regs *regs)
{
	if (this_cpu_read(hold.kernel_step) == STEP_NONE) {
		if (kernel_active_single_step()) {
			this_cpu_write(hold.kernel_step, STEP_SHARED);
		} else {
			this_cpu_write(hold.kernel_step, STEP_OURS);
			kernel_enable_single_step(regs);
		}
	}
	set_hold(slots, slots);
}
NOKPROBE_SYMBOL(hold_for_kernel);

static bool end_user_step(void)
{
	struct debug_info *debug = &current->thread.debug;

	if (!task_hold(debug))
		return false;

	debug->bps_disabled = 0;
	debug->wps_disabled = 0;
	set_hold(HOLD_USER, 0);

	if (debug->suspended_step) {
		debug->suspended_step = 0;
		return false;
	}
	user_disable_single_step(current);
	return true;
}
NOKPROBE_SYMBOL(end_user_step);

static bool end_kernel_step(void)
{
	enum kernel_step step = this_cpu_read(hold.kernel_step);

	if (step == STEP_NONE)
		return false;

	set_hold(HOLD_KERNEL, 0);
	this_cpu_write(hold.kernel_step, STEP_NONE);
	if (step == STEP_SHARED)
		return false;
	kernel_disable_single_step();
	return true;
}
NOKPROBE_SYMBOL(end_kernel_step);

/**
 * try_step_suspended_breakpoints() - end of a step
 * @regs: registers of the exception
 *
 * Context: single-step exception, interrupts off.
 * Return: true if the step was only there to get past held slots; false if
 * somebody else wants the exception.
 */
bool try_step_suspended_breakpoints(struct pt_regs *regs)
{
	return user_mode(regs) ? end_user_step() : end_kernel_step();
}
NOKPROBE_SYMBOL(try_step_suspended_breakpoints);

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
	u8 now = this_cpu_read(hold.slots) & HOLD_USER;
	u8 then = task_hold(&next->thread.debug);

	if (unlikely(now != then))
		set_hold(HOLD_USER, then);
}

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

static nokprobe_inline u64 distance(const struct hwbp_image *image, u64 addr)
{
	u64 first = image->addr + __ffs(FIELD_GET(DBG_CTRL_BAS, image->ctrl));
	u64 last = image->addr + __fls(FIELD_GET(DBG_CTRL_BAS, image->ctrl));

	if (addr < first)
		return first - addr;
	return addr > last ? addr - last : 0;
}

/*
 * FAR_EL1 need not be in the watched bytes: when one instruction accesses others
 * too it may be any that it accesses, in the same block of up to 2 KiB, and for
 * some SVE and SME accesses outside of it (D2.10.5 Determining the memory
 * location that caused a Watchpoint exception). All that are nearest have fired,
 * at distance 0 or not. No distance is too large: one of the slots has fired, and
 * to report none would lose the hit.
 */
static u32 watchpoints_at(u64 addr, u32 access, u32 slots)
{
	u64 least = U64_MAX;
	u32 hit = 0, left;

	for (left = slots; left; left &= left - 1) {
		const struct hwbp_image *image = hwbp_slot_image(__ffs(left));
		u64 dist = distance(image, addr);

		if (!(FIELD_GET(DBG_CTRL_LSC, image->ctrl) & access))
			continue;
		if (dist < least) {
			least = dist;
			hit = 0;
		}
		if (dist == least)
			hit |= BIT(__ffs(left));
	}
	return hit;
}
NOKPROBE_SYMBOL(watchpoints_at);

/*
 * Tells the owner of a slot that was hit, if the owner can be told.
 *
 * Return: true if the instruction has to be stepped, see the top of the file.
 */
static bool report(int slot, u64 addr, struct pt_regs *regs)
{
	bool kernel = image_of_kernel(hwbp_slot_image(slot));
	struct perf_event *bp = hwbp_slot_owner(slot);

	if (!bp)
		return true;

	counter_arch_bp(bp)->trigger = addr;
	if (!kernel && !user_mode(regs))
		return true;

	perf_bp_event(bp, regs);
	return kernel || is_default_overflow_handler(bp);
}
NOKPROBE_SYMBOL(report);

/*
 * Return: true if the instruction has to be stepped, because somebody who was hit
 * cannot do it himself, or nobody was.
 */
static bool report_all(u32 hit, u64 addr, struct pt_regs *regs)
{
	bool step = !hit;
	u32 left;

	guard(rcu)();
	for (left = hit; left; left &= left - 1)
		step |= report(__ffs(left), addr, regs);
	return step;
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

	if (!report_all(hit, pc, regs))
		return;
	if (user_mode(regs))
		hold_for_user(HOLD_USER_BREAK);
	else
		hold_for_kernel(HOLD_KERNEL_BREAK, regs);
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
	u32 access = esr & ESR_ELx_WNR ? ARM_BREAKPOINT_STORE : ARM_BREAKPOINT_LOAD;
	u32 hit = watchpoints_at(untagged_addr(addr), access,
				 candidates(WATCH_SLOTS, regs));

	if (!report_all(hit, addr, regs))
		return;
	if (user_mode(regs))
		hold_for_user(HOLD_USER_WATCH);
	else
		hold_for_kernel(HOLD_KERNEL_WATCH, regs);
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

/*
 * The registers are UNKNOWN after a reset, and a debugger that was attached may
 * have used them. MDSCR_EL1 is cleared by __cpu_setup() or restored by
 * cpu_do_resume(), and PSTATE.D masked after both.
 */
static int hw_breakpoint_reset(unsigned int cpu)
{
	hwbp_restore();
	return 0;
}

static int __init arch_hw_breakpoint_init(void)
{
	int type, ret;

	for (type = 0; type < TYPE_MAX; type++)
		final_pool[type] = arch_hwbp_pool(type);
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
