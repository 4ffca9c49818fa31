// SPDX-License-Identifier: GPL-2.0
/*
 * arm64 back end of the breakpoint core: encodes breakpoints and writes the debug
 * registers.
 *
 * hw_breakpoint.h names the other files of the back end. Who changes what is kept here:
 *
 *	hwbp_pools	the slots of each type; none		arch_hw_breakpoint_init(),
 *			before the boot has seen its CPUs	once, on the boot CPU
 *	master.asked	the bits of this CPU's MDSCR_EL1	ask_master()
 *			that debug-monitors.c counts for
 *			the layer
 *	master.silence	how many silent sections this		hw_breakpoint_silence(),
 *			CPU is in				hw_breakpoint_unsilence(),
 *								arch_hwbp_abandon()
 *	kvm_debug_loan	what KVM has done with this CPU's	kvm/hw_breakpoint.c;
 *			slot registers				arch_hwbp_abandon()
 *
 * and the states of a CPU's MDSCR_EL1 as far as it is the layer's:
 *
 *	off		nothing fires; @asked is 0		ask_master(0)
 *	on		@asked is hwbp_master(), what the	ask_master()
 *			core wants
 *	silent		@silence is not 0, and @asked is 0	hw_breakpoint_silence()
 *			whatever the core wants
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
#include <linux/sched.h>
#include <linux/thread_info.h>

#include <asm/barrier.h>
#include <asm/cpu.h>
#include <asm/cputype.h>
#include <asm/daifflags.h>
#include <asm/debug-monitors.h>
#include <asm/hw_breakpoint.h>
#include <asm/memory.h>
#include <asm/processor.h>
#include <asm/sysreg.h>

#include "hw_breakpoint.h"

static_assert(ARM_BREAKPOINT_LOAD == HW_BREAKPOINT_R);
static_assert(ARM_BREAKPOINT_STORE == HW_BREAKPOINT_W);

/**
 * struct master - a CPU's MDSCR_EL1, as far as it is the layer's
 * @asked: the bits that debug-monitors.c counts for the layer
 * @silence: how many silent sections the CPU is in
 *
 * Read and written by its own CPU, under arch_hwbp_mask() or in a debug exception. An NMI that
 * comes in the middle of a change leaves @silence as it has found it.
 */
struct master {
	u64		asked;
	unsigned int	silence;
};

static DEFINE_PER_CPU(struct master, master);

/* Defined here and not in kvm/: arch_hwbp_abandon() is built without KVM as well. */
DEFINE_PER_CPU(enum kvm_debug_loan, kvm_debug_loan);

/* ---- slots ---- */

static nokprobe_inline u32 first_slots(int n, int first)
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

static nokprobe_inline u32 slots_in(u64 dfr0)
{
	return first_slots(SYS_FIELD_GET(ID_AA64DFR0_EL1, BRPs, dfr0) + 1, 0) |
	       first_slots(SYS_FIELD_GET(ID_AA64DFR0_EL1, WRPs, dfr0) + 1, ARM_MAX_BRP);
}

/**
 * arch_hwbp_cpu_slots() - the slots that a CPU has by itself
 * @cpu: the CPU, online
 * @slots: filled
 *
 * The breakpoints with the highest numbers are context-aware (D24.2, ID_AA64DFR0_EL1).
 *
 * Context: any.
 */
void arch_hwbp_cpu_slots(int cpu, struct hwbp_cpu_slots *slots)
{
	u64 dfr0 = per_cpu(cpu_data, cpu).reg_id_aa64dfr0;
	int brps = SYS_FIELD_GET(ID_AA64DFR0_EL1, BRPs, dfr0) + 1;
	int aware = SYS_FIELD_GET(ID_AA64DFR0_EL1, CTX_CMPs, dfr0) + 1;

	slots->all = slots_in(dfr0);
	slots->context = first_slots(aware, brps - aware);
}

/**
 * hw_breakpoint_extra_slots() - registers of this CPU that other CPUs do not have
 *
 * The core gives them to nobody. What firmware or a guest has left there may fire.
 *
 * Context: cannot be migrated.
 * Return: mask of slot numbers.
 */
u32 hw_breakpoint_extra_slots(void)
{
	u64 dfr0 = this_cpu_read(cpu_data.reg_id_aa64dfr0);

	return slots_in(dfr0) & ~(arch_hwbp_pool(TYPE_INST) | arch_hwbp_pool(TYPE_DATA));
}
NOKPROBE_SYMBOL(hw_breakpoint_extra_slots);

/* ---- registers ---- */

/*
 * The instructions MSR and MRS name their register: each register needs an instruction of its
 * own. @slot is the first of four slots, @n the number of the first one's register.
 */
#define MSR_CASES(slot, reg, n)				\
	case (slot):					\
		write_sysreg_s(val, reg(n));		\
		break;					\
	case (slot) + 1:				\
		write_sysreg_s(val, reg(n + 1));	\
		break;					\
	case (slot) + 2:				\
		write_sysreg_s(val, reg(n + 2));	\
		break;					\
	case (slot) + 3:				\
		write_sysreg_s(val, reg(n + 3));	\
		break

#define MRS_CASES(slot, reg, n)				\
	case (slot):					\
		*val = read_sysreg_s(reg(n));		\
		break;					\
	case (slot) + 1:				\
		*val = read_sysreg_s(reg(n + 1));	\
		break;					\
	case (slot) + 2:				\
		*val = read_sysreg_s(reg(n + 2));	\
		break;					\
	case (slot) + 3:				\
		*val = read_sysreg_s(reg(n + 3));	\
		break

#define DEFINE_WRITE(name, breakpoint, watchpoint)	\
static nokprobe_inline void name(int slot, u64 val)	\
{							\
	switch (slot) {					\
	MSR_CASES(0, breakpoint, 0);			\
	MSR_CASES(4, breakpoint, 4);			\
	MSR_CASES(8, breakpoint, 8);			\
	MSR_CASES(12, breakpoint, 12);			\
	MSR_CASES(ARM_MAX_BRP, watchpoint, 0);		\
	MSR_CASES(ARM_MAX_BRP + 4, watchpoint, 4);	\
	MSR_CASES(ARM_MAX_BRP + 8, watchpoint, 8);	\
	MSR_CASES(ARM_MAX_BRP + 12, watchpoint, 12);	\
	}						\
}

#define DEFINE_READ(name, breakpoint, watchpoint)	\
static void name(int slot, u64 *val)			\
{							\
	switch (slot) {					\
	MRS_CASES(0, breakpoint, 0);			\
	MRS_CASES(4, breakpoint, 4);			\
	MRS_CASES(8, breakpoint, 8);			\
	MRS_CASES(12, breakpoint, 12);			\
	MRS_CASES(ARM_MAX_BRP, watchpoint, 0);		\
	MRS_CASES(ARM_MAX_BRP + 4, watchpoint, 4);	\
	MRS_CASES(ARM_MAX_BRP + 8, watchpoint, 8);	\
	MRS_CASES(ARM_MAX_BRP + 12, watchpoint, 12);	\
	}						\
}

DEFINE_WRITE(write_addr, SYS_DBGBVRn_EL1, SYS_DBGWVRn_EL1);
DEFINE_WRITE(write_ctrl, SYS_DBGBCRn_EL1, SYS_DBGWCRn_EL1);
DEFINE_READ(read_addr, SYS_DBGBVRn_EL1, SYS_DBGWVRn_EL1);
DEFINE_READ(read_ctrl, SYS_DBGBCRn_EL1, SYS_DBGWCRn_EL1);

/**
 * hw_breakpoint_read() - read one slot's registers
 * @slot: slot number
 * @image: filled with what they hold
 *
 * For KVM, after a guest that could write them: what the host has written is in the
 * core's shadow.
 *
 * Context: interrupts off; reads the registers of the running CPU.
 */
void hw_breakpoint_read(int slot, struct hwbp_image *image)
{
	u64 addr = 0, ctrl = 0;

	read_addr(slot, &addr);
	read_ctrl(slot, &ctrl);
	*image = (struct hwbp_image) { .addr = addr, .ctrl = ctrl };
}

/**
 * arch_hwbp_encode() - registers for a parsed breakpoint
 * @hw: what hw_breakpoint_arch_parse() made
 * @image: filled
 *
 * perf installs no disabled event, so the enable bit is always set, whatever @hw
 * remembers of it for the user.
 *
 * Context: any, NMI included.
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

/* Writes a slot's control register alone, see linux/hw_breakpoint_arch.h. */
void arch_hwbp_switch(int slot, u32 ctrl)
{
	write_ctrl(slot, ctrl);
	isb();	/* isb:A */
}
NOKPROBE_SYMBOL(arch_hwbp_switch);

/**
 * arch_hwbp_write() - write one slot's registers
 * @slot: slot number
 * @have: what they hold, or NULL when that is not known
 * @want: what they shall hold, or NULL for nothing that matches
 *
 * Direct writes of debug registers take effect in any order up to a context
 * synchronization event (D2.13 Synchronization and debug exceptions; D24.1.2.2
 * Synchronization requirements). The core changes a slot that is on only while
 * MDSCR_EL1.MDE or PSTATE.D keeps it silent: then the order does not matter. A slot that
 * is off is switched on by its control register alone, perhaps while MDE is set for
 * other slots: its address has to be in effect before.
 *
 * The last ISB is for a commit that does not write MDSCR_EL1. The exception return to user
 * mode would do for a slot that fires there, but not for one of the kernel's.
 *
 * Context: interrupts off, or NMI; writes the registers of the running CPU.
 */
void arch_hwbp_write(int slot, const struct hwbp_image *have,
		     const struct hwbp_image *want)
{
	u32 ctrl = have ? have->ctrl : DBG_CTRL_E;

	if (ctrl & DBG_CTRL_E && (!have || !want)) {
		ctrl = have ? ctrl & ~DBG_CTRL_E : 0;
		arch_hwbp_switch(slot, ctrl);
	}
	if (!want)
		return;

	if (!have || have->addr != want->addr) {
		write_addr(slot, want->addr);
		if (!(ctrl & DBG_CTRL_E))
			isb();	/* isb:B */
	}
	if (ctrl != want->ctrl)
		arch_hwbp_switch(slot, want->ctrl);
	else
		isb();	/* isb:C */
}
NOKPROBE_SYMBOL(arch_hwbp_write);

/**
 * arch_hwbp_master() - what is needed of MDSCR_EL1
 * @image: registers of every slot
 * @live: slots that shall fire
 * @quiet: unused: the core changes registers under arch_hwbp_mask(), which keeps all slots silent
 *
 * MDE lets slots fire at all, KDE in the kernel (D2.4 Enabling debug exceptions
 * from the current Exception level). Without KDE a slot of user mode does not fire for
 * what the kernel's uaccess routines access.
 *
 * Context: any.
 * Return: MDSCR_EL1_MDE and MDSCR_EL1_KDE as needed.
 */
u64 arch_hwbp_master(const struct hwbp_image *image, u32 live, u32 quiet)
{
	u64 master = live ? MDSCR_EL1_MDE : 0;
	u32 left;

	for (left = live; left; left &= left - 1) {
		if (image_of_kernel(&image[__ffs(left)]))
			master |= MDSCR_EL1_KDE;
	}
	return master;
}
NOKPROBE_SYMBOL(arch_hwbp_master);

static nokprobe_inline enum dbg_active_el master_el(u64 master)
{
	return master & MDSCR_EL1_KDE ? DBG_ACTIVE_EL1 : DBG_ACTIVE_EL0;
}

/*
 * off -> on, on -> off, and from one set of bits to another.
 *
 * debug-monitors.c counts who asks for each bit on this CPU. A single-step of the kernel
 * asks for KDE and not for MDE, which it does not need (D2.12 Software Step exceptions):
 * MDE has to go out with the layer's last slot. The layer asks for the new bits before it
 * gives up the old ones, so that debug-monitors.c writes MDSCR_EL1 once, for the bits that
 * change.
 *
 * The first ISB lets no slot fire with registers older than those written before; after the
 * second, no slot that was switched off fires (D2.13). The caller has debug exceptions
 * masked: the handler of a hit between the write and that of @asked would call this, too.
 */
static void ask_master(u64 want)
{
	struct master *m = this_cpu_ptr(&master);
	u64 have = READ_ONCE(m->asked);

	isb();	/* isb:D */
	if (have == want)
		return;
	if (want)
		enable_debug_monitors(master_el(want));
	if (have)
		disable_debug_monitors(master_el(have));
	WRITE_ONCE(m->asked, want);
	isb();	/* isb:E */
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
	ask_master(__this_cpu_read(master.silence) ? 0 : want);
}
NOKPROBE_SYMBOL(arch_hwbp_write_master);

/**
 * hw_breakpoint_silence() - nothing fires on this CPU from here
 *
 * off or on -> silent. Sections nest.
 *
 * Context: interrupts off, or NMI; the caller stays on this CPU until
 * hw_breakpoint_unsilence().
 */
void hw_breakpoint_silence(void)
{
	unsigned long flags = arch_hwbp_mask();

	__this_cpu_inc(master.silence);
	ask_master(0);
	arch_hwbp_unmask(flags);
}
NOKPROBE_SYMBOL(hw_breakpoint_silence);

/**
 * hw_breakpoint_unsilence() - end of hw_breakpoint_silence()
 *
 * silent -> off or on, at the end of the outermost section.
 *
 * Context: interrupts off, or NMI.
 */
void hw_breakpoint_unsilence(void)
{
	unsigned long flags = arch_hwbp_mask();

	if (!__this_cpu_dec_return(master.silence))
		ask_master(hwbp_master());
	arch_hwbp_unmask(flags);
}
NOKPROBE_SYMBOL(hw_breakpoint_unsilence);

/* Called by a task that dies, see linux/hw_breakpoint_arch.h. */
bool arch_hwbp_abandoned(void)
{
	return this_cpu_read(master.silence);
}
NOKPROBE_SYMBOL(arch_hwbp_abandoned);

/* The core never writes these slots, and MDE would let them fire with the others. */
static nokprobe_inline void switch_off_extra_slots(void)
{
	u32 left;

	for (left = hw_breakpoint_extra_slots(); left; left &= left - 1)
		arch_hwbp_write(__ffs(left), NULL, NULL);
}

/*
 * silent -> silent: of all sections that the dying task was in, only the caller's is left.
 *
 * A task that dies in a loan, or while a loan begins or ends, does not give the registers back. If
 * kvm_debug_loan still said that they are lent, the next vCPU that leaves this CPU, to which none
 * are lent, would end a section that nobody has begun. If the dead task's vCPU owned the registers,
 * the next one would read the host's into its own. hwbp_restore() writes the core's slots. The core
 * does not know of the extra slots, which may hold what the guest has enabled: they are switched
 * off here.
 *
 * arch_hwbp_end_exception() ends the step in the kernel that the task leaves, if any.
 */
void arch_hwbp_abandon(void)
{
	this_cpu_write(master.silence, 1);
	switch_off_extra_slots();
	this_cpu_write(kvm_debug_loan, KVM_DEBUG_NOT_LENT);
}
NOKPROBE_SYMBOL(arch_hwbp_abandon);

/* ---- attributes ---- */

/*
 * An event of a CPU has no task, and a debugger's breakpoint no event. Both follow the
 * native rules: a CPU is not 32-bit, and unaligned watchpoints are deprecated in AArch64
 * state.
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
 * arch_hwbp_space() - whose memory is it?
 * @tsk: task that the breakpoint is for, or NULL for a CPU's and a debugger's
 * @addr: first byte
 * @end: last byte
 *
 * A comparator takes bits 63 to 49 for copies of bit 48: with FEAT_LVA 63 to 53 of 52,
 * with FEAT_LVA3 63 to 56 of 55 (D24.3, DBGBVR<n>_EL1.RESS and DBGWVR<n>_EL1.RESS).
 * For an address that has other bits there the CPU would watch something else. The
 * comparator sees the whole of any other address, since neither half is larger than what
 * FEAT_LVA allows. It does not see the tag of a pointer, so an address with a tag is refused
 * to a user; the kernel's own pointers have tags with KASAN.
 *
 * Context: any, NMI included.
 * Return: HWBP_OF_USER, HWBP_OF_KERNEL or HWBP_OF_NOBODY.
 */
enum hwbp_space arch_hwbp_space(struct task_struct *tsk, u64 addr, u64 end)
{
	if (end < addr)
		return HWBP_OF_NOBODY;
	if (__tag_reset(addr) >= _PAGE_OFFSET(vabits_actual))
		return HWBP_OF_KERNEL;
	return end < (tsk ? TASK_SIZE_OF(tsk) : TASK_SIZE_64) ? HWBP_OF_USER : HWBP_OF_NOBODY;
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
 * An instruction of AArch64 has four bytes, but many tools ask for a breakpoint of
 * sizeof(long): any length means four there. A 32-bit task may have Thumb code, whose
 * instructions have two or four.
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
 * The address registers hold the address of a word (breakpoints) or of a doubleword
 * (watchpoints), and BAS selects bytes from there on. The hardware would not watch bytes
 * that do not fit into BAS.
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

/* 32-bit tracers may place a byte at any offset in a word, and a halfword at any but 3. */
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
 * A CPU cannot step the code that its own step runs through. kprobes keep a list of that;
 * without kprobes nobody does. A CPU steps over what an event of a task hits in the kernel
 * as over what an event of the CPU hits: no step in the kernel lasts across a task switch.
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

/**
 * hw_breakpoint_arch_parse() - check attributes and take them over
 * @bp: event they are for, or NULL for a debugger
 * @attr: attributes
 * @hw: filled; zeroed by the caller
 *
 * No slot watches both user mode and the kernel, since a task steps over a hit in user mode
 * and a CPU over one in the kernel. Addresses of the kernel follow the native rules, whoever
 * asks.
 *
 * Context: any, NMI included.
 * Return: 0, or -EINVAL.
 */
int hw_breakpoint_arch_parse(struct perf_event *bp,
			     const struct perf_event_attr *attr,
			     struct arch_hw_breakpoint *hw)
{
	bool kernel = hwbp_space(bp, attr) == HWBP_OF_KERNEL;
	bool compat = !kernel && for_compat_task(bp);
	int err;

	err = parse_type(attr->bp_type, hw);
	if (!err)
		err = parse_len(attr->bp_len, compat, hw);
	if (err)
		return err;

	/* a user's address has no tag here; do_watchpoint() looks for hits without one */
	hw->address = __tag_reset(attr->bp_addr);
	hw->ctrl.enabled = !attr->disabled;
	hw->ctrl.privilege = kernel ? AARCH64_BREAKPOINT_EL1 : AARCH64_BREAKPOINT_EL0;
	if (kernel)
		err = check_kernel(hw->address, attr->bp_len,
				   hw->ctrl.type == ARM_BREAKPOINT_EXECUTE);
	return err ?: compat ? align_compat(hw) : align_native(hw);
}

/*
 * The CPU masks PSTATE.D when it takes an exception, and an exception from the kernel keeps it
 * masked to its end, with no write of DAIF in between that unmasks it: nothing that the entry
 * touches can be hit. But steps and commits touch this data in task context, too, and a hit in
 * the middle of one would have the CPU begin another step there.
 */
const struct hwbp_entry_data hwbp_arch_entry_data[] = {
	HWBP_PER_CPU(hwbp_rest),
	HWBP_PER_CPU(master),
	HWBP_PER_CPU(kvm_debug_loan),
	{ }
};

/**
 * arch_hwbp_needed_by_entry() - addresses nobody may watch
 * @addr: first byte
 * @end: last byte
 *
 * Context: any, NMI included.
 * Return: true if the range has data of the back end's or of the core's.
 */
bool arch_hwbp_needed_by_entry(unsigned long addr, unsigned long end)
{
	return hwbp_in_entry_data(hwbp_arch_entry_data, addr, end) ||
	       hwbp_core_data(addr, end);
}

/* ---- CPUs that come up or wake ---- */

/*
 * Called on a CPU that comes up or wakes, with interrupts off. Its registers are UNKNOWN
 * after a reset, and an external debugger may have used them. __cpu_setup() has cleared
 * MDSCR_EL1, or cpu_do_resume() has restored it, whatever the layer had asked for, and both
 * leave PSTATE.D masked.
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
