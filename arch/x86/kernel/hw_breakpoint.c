// SPDX-License-Identifier: GPL-2.0
/*
 * x86 back end of the hardware breakpoint layer.
 *
 * Four slots, DR0 to DR3, which serve instructions and data alike; DR7 is the
 * master register and holds the control bits of all. AMD's range masks are the
 * auxiliary register of a slot.
 *
 * Section numbers are those of the Intel SDM, volume 3 (18.2: debug registers),
 * and of the AMD APM, volume 2 (13.1: software-debug resources).
 */

#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/uprobes.h>

#include <asm/coco.h>
#include <asm/cpu_entry_area.h>
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/espfix.h>
#include <asm/hw_breakpoint.h>
#include <asm/hw_breakpoint_series.h>
#include <asm/ia32.h>
#include <asm/mem_encrypt.h>
#include <asm/nospec-branch.h>
#include <asm/processor.h>
#include <asm/tlbflush.h>

/*
 * What DR7 of each CPU shall be outside of silent sections, see asm/hw_breakpoint_entry.h. The
 * entry code and KVM read this instead of DR7. If it is 0, no enable bit is set in DR7, unless
 * hwbp_silence counts HWBP_ENDING. Each CPU writes its own, see arch_hwbp_write_master().
 */
DEFINE_PER_CPU(unsigned long, cpu_dr7);
EXPORT_PER_CPU_SYMBOL(cpu_dr7);

/* How many silent sections (DR7 is off) the CPU is in, and flags; see asm/hw_breakpoint_entry.h. */
DEFINE_PER_CPU(unsigned int, hwbp_silence);
EXPORT_PER_CPU_SYMBOL_GPL(hwbp_silence);

/* Slots whose hits this CPU has read from DR6, which it clears then, and has not reported yet. */
DEFINE_PER_CPU(unsigned int, hwbp_unreported);

/*
 * One bit for each step that a debugger has begun on this CPU; the latest step has bit 0. The bit
 * is set if arch_hwbp_debug_leave() has cleared IF in the registers of the step.
 */
static DEFINE_PER_CPU(u32, steps_without_if);

/* The task that steps_without_if is of. It may be gone: this is only compared, with current. */
static DEFINE_PER_CPU(struct task_struct *, steps_of);

/* hw_breakpoint_disable() has begun a silent section, which hw_breakpoint_restore() will end. */
static DEFINE_PER_CPU(bool, hwbp_disabled);

/* ---- encoding ---- */

/**
 * encode_dr7() - DR7 bits of one enabled breakpoint
 * @drnum: 0 to 3
 * @len: X86_BREAKPOINT_LEN_*
 * @type: X86_BREAKPOINT_EXECUTE, _WRITE or _RW
 *
 * Context: any.
 * Return: G and LEN and R/W bits of the slot, and GE, which old CPUs need to
 * report data breakpoints exactly (18.2.4).
 */
unsigned long encode_dr7(int drnum, unsigned int len, unsigned int type)
{
	unsigned long control = (len | type) & 0xf;

	return control << (DR_CONTROL_SHIFT + drnum * DR_CONTROL_SIZE) |
	       DR_GLOBAL_ENABLE << (drnum * DR_ENABLE_SIZE) |
	       DR_GLOBAL_SLOWDOWN;
}
NOKPROBE_SYMBOL(encode_dr7);

/**
 * decode_dr7() - length and type of one breakpoint in a DR7 value
 * @dr7: the value
 * @bpnum: 0 to 3
 * @len: set to X86_BREAKPOINT_LEN_*
 * @type: set to X86_BREAKPOINT_EXECUTE, _WRITE or _RW, or to an invalid value
 *
 * Context: any.
 * Return: not 0 if the breakpoint is enabled, locally or globally.
 */
int decode_dr7(unsigned long dr7, int bpnum, unsigned int *len,
	       unsigned int *type)
{
	unsigned int control = dr7 >> (DR_CONTROL_SHIFT +
				       bpnum * DR_CONTROL_SIZE);

	*len = X86_BREAKPOINT_LEN_1 | (control & 0xc);
	*type = X86_BREAKPOINT_EXECUTE | (control & 0x3);
	return dr7 >> (bpnum * DR_ENABLE_SIZE) & (DR_LOCAL_ENABLE |
						  DR_GLOBAL_ENABLE);
}

/* Bytes that X86_BREAKPOINT_LEN_* covers, or 0. */
static int len_to_bytes(int x86_len)
{
	switch (x86_len) {
	case X86_BREAKPOINT_LEN_1:
		return 1;
	case X86_BREAKPOINT_LEN_2:
		return 2;
	case X86_BREAKPOINT_LEN_4:
		return 4;
#ifdef CONFIG_X86_64
	case X86_BREAKPOINT_LEN_8:
		return 8;
#endif
	}
	return 0;
}

/* X86_BREAKPOINT_LEN_* that covers @bytes, or 0. */
static int bytes_to_len(u64 bytes)
{
	switch (bytes) {
	case 1:
		return X86_BREAKPOINT_LEN_1;
	case 2:
		return X86_BREAKPOINT_LEN_2;
	case 4:
		return X86_BREAKPOINT_LEN_4;
#ifdef CONFIG_X86_64
	case 8:
		return X86_BREAKPOINT_LEN_8;
#endif
	}
	return 0;
}

/* HW_BREAKPOINT_* for X86_BREAKPOINT_*, or HW_BREAKPOINT_EMPTY */
static int generic_type(int x86_type)
{
	if (x86_type == X86_BREAKPOINT_EXECUTE)
		return HW_BREAKPOINT_X;
	if (x86_type == X86_BREAKPOINT_WRITE)
		return HW_BREAKPOINT_W;
	return x86_type == X86_BREAKPOINT_RW ? HW_BREAKPOINT_RW : HW_BREAKPOINT_EMPTY;
}

/**
 * arch_bp_generic_fields() - attributes for what DR7 holds
 * @x86_len: X86_BREAKPOINT_LEN_*
 * @x86_type: X86_BREAKPOINT_*
 * @gen_len: set to perf_event_attr::bp_len
 * @gen_type: set to perf_event_attr::bp_type
 *
 * Context: any.
 * Return: 0, or -EINVAL for a combination that no register can hold.
 */
int arch_bp_generic_fields(int x86_len, int x86_type, int *gen_len,
			   int *gen_type)
{
	int type = generic_type(x86_type), bytes = len_to_bytes(x86_len);

	if (type == HW_BREAKPOINT_EMPTY || !bytes)
		return -EINVAL;
	if (type == HW_BREAKPOINT_X) {
		if (x86_len != X86_BREAKPOINT_LEN_X)
			return -EINVAL;
		bytes = sizeof(long);
	}
	*gen_type = type;
	*gen_len = bytes;
	return 0;
}

/* ---- parsing ---- */

/* The kernel's half is as large as user space with the page after it, which is never mapped. */
#ifdef CONFIG_X86_64
#define KERNEL_HALF	(-(TASK_SIZE_MAX + PAGE_SIZE))
#else
#define KERNEL_HALF	TASK_SIZE_MAX
#endif

/**
 * arch_hwbp_space() - whose memory is it?
 * @tsk: unused: a 32-bit task, too, may jump to 64-bit code, and use what is mapped there
 * @addr: first byte
 * @end: last byte
 *
 * The comparator sees the linear address. That is canonical (SDM vol. 1, 3.3.7.1) for the paging
 * in use, and the CPU has removed a pointer's metadata (LAM, UAI) from it. An address register
 * takes any value (vol. 3, 18.2.6), so a range may have bytes that are in neither half: such a
 * range is nobody's.
 *
 * Context: any, NMI included.
 * Return: HWBP_OF_USER, HWBP_OF_KERNEL or HWBP_OF_NOBODY.
 */
enum hwbp_space arch_hwbp_space(struct task_struct *tsk, u64 addr, u64 end)
{
	if (end < addr || end > ULONG_MAX)
		return HWBP_OF_NOBODY;
	if (end < TASK_SIZE_MAX)
		return HWBP_OF_USER;
	return addr >= KERNEL_HALF ? HWBP_OF_KERNEL : HWBP_OF_NOBODY;
}

/*
 * What the entry of an exception or of a system call, and the way back, read or write while
 * breakpoints are on. A #DB there would come while the stack of a #DB is in use, or before the
 * CPU can take another #DB. For x86_64 the list has been derived from object code, see "What
 * nobody may watch" in Documentation/core-api/hw_breakpoint-design.rst; the entries for 32 bits,
 * or for an option that none of those kernels had, are kept by hand.
 */
const struct hwbp_entry_data hwbp_arch_entry_data[] = {
	/* What a CPU reads by itself to deliver an exception, from load_direct_gdt() on. */
	HWBP_PER_CPU(gdt_page),
	/* SP0 and SP2 are scratch space of the entry code, too. */
	HWBP_PER_CPU(cpu_tss_rw),
	/* user_pcid_flush_mask decides about the CR3 of the way back. */
	HWBP_PER_CPU(cpu_tlbstate),
	/* paranoid_entry() finds its GSBASE by these. */
#ifdef CONFIG_SMP
	HWBP_GLOBAL(__per_cpu_offset),
#else
	HWBP_GLOBAL(pcpu_unit_offsets),
#endif
	/* sync_regs() reads it on the stack of #DB, and an NMI before it has left its own. */
	HWBP_PER_CPU(hwbp_top_of_stack),
	/* hw_breakpoint_copy_regs() */
#ifdef CONFIG_X86_64
	HWBP_PER_CPU(cea_exception_stacks),
#endif
	/* Is this CPU offline? */
	HWBP_PER_CPU(hwbp_cpu_number),
	HWBP_GLOBAL(__cpu_online_mask),
#ifdef CONFIG_DEBUG_PREEMPT
	/* hw_breakpoint_active(), and exc_nmi()'s smp_processor_id(), read the preemption count. */
	HWBP_PER_CPU(hwbp_preempt_count),
#endif
	/* hw_breakpoint_silence() and debug_read_reset_dr6() */
	HWBP_PER_CPU(hwbp_silence),
	HWBP_PER_CPU(cpu_dr7),
	HWBP_PER_CPU(hwbp_unreported),
#ifdef hwbp_stack_guard
	HWBP_PER_CPU(hwbp_stack_guard),
#endif
#ifdef CONFIG_X86_64
	/* The mitigations of the entry. */
	HWBP_PER_CPU(x86_spec_ctrl_current),
	HWBP_GLOBAL(x86_pred_cmd),
#endif
#ifdef CONFIG_X86_32
	/* SWITCH_TO_KERNEL_STACK looks for the entry stack there. */
	HWBP_PER_CPU(cpu_entry_area),
#endif
#ifdef CONFIG_MITIGATION_CALL_DEPTH_TRACKING
	HWBP_PER_CPU(hwbp_call_depth),
#endif
#ifdef CONFIG_CALL_THUNKS_DEBUG
	HWBP_PER_CPU(__x86_call_count),
	HWBP_PER_CPU(__x86_ret_count),
	HWBP_PER_CPU(__x86_stuffs_count),
	HWBP_PER_CPU(__x86_ctxsw_count),
#endif
#ifdef CONFIG_X86_ESPFIX64
	HWBP_PER_CPU(espfix_stack),
	HWBP_PER_CPU(espfix_waddr),
#endif
#ifdef CONFIG_IA32_EMULATION
	HWBP_GLOBAL(__ia32_enabled),
#endif
	/* Is this an encrypted guest? */
#ifdef CONFIG_ARCH_HAS_CC_PLATFORM
	HWBP_GLOBAL(cc_vendor),
#endif
#ifdef CONFIG_AMD_MEM_ENCRYPT
	HWBP_GLOBAL(sme_me_mask),
	HWBP_GLOBAL(sev_status),
#endif
	{ }
};

/**
 * arch_hwbp_needed_by_entry() - addresses nobody may watch
 * @addr: first byte
 * @end: last byte
 *
 * Context: any.
 * Return: true when the exception entry path touches the range.
 */
bool arch_hwbp_needed_by_entry(unsigned long addr, unsigned long end)
{
	/* All that is looked up below is in the kernel's half. */
	if (end < TASK_SIZE_MAX)
		return false;
	/* The stacks and tables that deliver a #DB. */
	return hwbp_overlaps(addr, end, CPU_ENTRY_AREA_BASE, CPU_ENTRY_AREA_MAP_SIZE) ||
	       hwbp_in_entry_data(hwbp_arch_entry_data, addr, end) ||
	       hwbp_in_entry_data(hwbp_nmi_entry_data, addr, end) ||
	       hwbp_core_data(addr, end);
}

/*
 * Where a kprobe would recurse, so would a #DB. A kernel without kprobes has no list of these
 * places: there perf's events get no instruction of the kernel's, as they never did, and a
 * debugger, whose user knows the kernel, gets any.
 */
static bool is_off_limits(const struct perf_event *bp, unsigned long addr)
{
	if (addr < TASK_SIZE_MAX || (!bp && !IS_ENABLED(CONFIG_KPROBES)))
		return false;
	return within_kprobe_blacklist(addr);
}

static int parse_execute(const struct perf_event *bp, const struct perf_event_attr *attr,
			 struct arch_hw_breakpoint *hw)
{
	if (is_off_limits(bp, attr->bp_addr))
		return -EINVAL;
	/* perf has always asked for this length; the hardware has no ranges of code. */
	if (attr->bp_len != sizeof(long))
		return -EINVAL;

	hw->type = X86_BREAKPOINT_EXECUTE;
	hw->len = X86_BREAKPOINT_LEN_X;
	return 0;
}

/* CPUID 8000_0001 ECX, AddrMaskExt: range masks have more than 12 bits. */
#define FEATURE_ADDR_MASK_EXT	(6 * 32 + 30)

/* The widest range of DRn_ADDR_MASK (APM 13.1.1.5); higher bits are reserved. */
static u64 widest_mask(void)
{
	return boot_cpu_has(FEATURE_ADDR_MASK_EXT) ? U32_MAX : GENMASK(11, 0);
}

/* The comparator watches one byte; the mask widens that to a range. */
static int parse_range(const struct perf_event_attr *attr,
		       struct arch_hw_breakpoint *hw)
{
	u64 mask = attr->bp_len - 1;

	if (!is_power_of_2(attr->bp_len) || attr->bp_addr & mask)
		return -EINVAL;
	if (!boot_cpu_has(X86_FEATURE_BPEXT) || mask > widest_mask())
		return -EOPNOTSUPP;

	hw->mask = mask;
	hw->len = X86_BREAKPOINT_LEN_1;
	return 0;
}

/* The address must be a multiple of the length (18.2.5). */
static int parse_data(const struct perf_event_attr *attr,
		      struct arch_hw_breakpoint *hw)
{
	hw->type = attr->bp_type == HW_BREAKPOINT_W ? X86_BREAKPOINT_WRITE :
						      X86_BREAKPOINT_RW;
	hw->len = bytes_to_len(attr->bp_len);
	if (!hw->len)
		return parse_range(attr, hw);
	return attr->bp_addr & (attr->bp_len - 1) ? -EINVAL : 0;
}

/**
 * hw_breakpoint_arch_parse() - check attributes and encode them
 * @bp: the event, or NULL for a debugger
 * @attr: attributes
 * @hw: filled
 *
 * Context: any.
 * Return: 0; -EINVAL; -EOPNOTSUPP for a range on a CPU without range masks.
 */
int hw_breakpoint_arch_parse(struct perf_event *bp,
			     const struct perf_event_attr *attr,
			     struct arch_hw_breakpoint *hw)
{
	unsigned long end = attr->bp_addr + attr->bp_len - 1;

	if (end < attr->bp_addr || arch_hwbp_needed_by_entry(attr->bp_addr, end))
		return -EINVAL;

	hw->address = attr->bp_addr;
	hw->mask = 0;
	/* perf does not let exclude_kernel change, and @attr of a new aim need not have it set. */
	hw->user_only = bp && bp->attr.exclude_kernel &&
			hwbp_space(bp, attr) == HWBP_OF_USER;
	switch (attr->bp_type) {
	case HW_BREAKPOINT_X:
		return parse_execute(bp, attr, hw);
	case HW_BREAKPOINT_W:
	case HW_BREAKPOINT_RW:
		return parse_data(attr, hw);
	default:
		/* There is no comparator for reads alone. */
		return -EINVAL;
	}
}

/* ---- registers ---- */

/*
 * amd_set_dr_addr_mask() skips what it believes is there already. After a resume
 * or a guest that may be wrong: make it believe something else first.
 */
static void write_unknown_mask(int slot, unsigned long mask)
{
	if (amd_get_dr_addr_mask(slot) == mask)
		amd_set_dr_addr_mask(mask ^ 1, slot);
	amd_set_dr_addr_mask(mask, slot);
}
NOKPROBE_SYMBOL(write_unknown_mask);

/**
 * hwbp_write_mask() - write a slot's range mask
 * @slot: slot number
 * @have: what its registers hold, or NULL when that is not known
 * @mask: what it shall be
 *
 * Context: interrupts off, or NMI.
 */
void hwbp_write_mask(int slot, const struct hwbp_image *have, unsigned long mask)
{
	if (!have)
		write_unknown_mask(slot, mask);
	else if (have->aux != mask)
		amd_set_dr_addr_mask(mask, slot);
}
NOKPROBE_SYMBOL(hwbp_write_mask);

/* ---- DR6 ---- */

/*
 * Clears what a guest has left in DR6, on the CPU that has run the guest. A guest's #DB may leave
 * anything there: the entry to the guest loads DR6 (APM vol. 2, 15.5.1), and the exit loads DR7
 * alone (15.6). The host's next #DB would report it once more, a single step or a bus lock above
 * all.
 */
static void clean_dr6(void)
{
	unsigned long dr6;

	get_debugreg(dr6, 6);
	if (unlikely(dr6 != DR6_RESERVED))
		set_debugreg(DR6_RESERVED, 6);
}
NOKPROBE_SYMBOL(clean_dr6);

static void clean_dr6_later(struct irq_work *work)
{
	clean_dr6();
}

/* clean_dr6_soon() queues it in an NMI; it runs on the same CPU. */
static DEFINE_PER_CPU(struct irq_work, dr6_work) = IRQ_WORK_INIT_HARD(clean_dr6_later);

/*
 * An NMI may have come between a #DB and the #DB's handler, which has yet to read DR6. So an NMI
 * leaves it to the CPU's next interrupt to clean DR6: no interrupt comes there.
 */
static void clean_dr6_soon(void)
{
	if (in_nmi())
		irq_work_queue(this_cpu_ptr(&dr6_work));
	else
		clean_dr6();
}
NOKPROBE_SYMBOL(clean_dr6_soon);

/* ---- off and on ---- */

/**
 * hwbp_may_switch_on() - may the caller write DR7 now?
 * @have: the master register
 * @want: what it shall hold
 *
 * Called on a CPU that is in a silent section, or has a vCPU loaded. When the first breakpoint is
 * switched on while a vCPU is loaded, this cleans DR6, which the guest may have changed: from here
 * on DR6 tells of the host's #DBs alone. So guests that run while nothing is to fire do not pay for
 * a clean DR6. This also ends HWBP_DEFERRED, if hits in the kernel count from now on.
 *
 * Context: interrupts off, or NMI.
 * Return: true if so; false if DR7 stays as it is until the end of a section, or of
 * HWBP_DEFERRED, writes it.
 */
bool hwbp_may_switch_on(u64 have, u64 want)
{
	if ((u32)want && !(u32)have && this_cpu_read(hwbp_silence) & HWBP_GUESTS)
		clean_dr6_soon();
	if (want & HWBP_MASTER_KERNEL)
		this_cpu_and(hwbp_silence, ~HWBP_DEFERRED);
	return !(this_cpu_read(hwbp_silence) & ~(HWBP_ACTIVE | HWBP_GUESTS));
}
NOKPROBE_SYMBOL(hwbp_may_switch_on);

/* HWBP_DEFERRED does not count: it ends when the CPU switches from the task that has the vCPU. */
bool arch_hwbp_abandoned(void)
{
	return this_cpu_read(hwbp_silence) & ((HWBP_SECTIONS & ~HWBP_DEFERRED) | HWBP_ENDINGS);
}
NOKPROBE_SYMBOL(arch_hwbp_abandoned);

/*
 * Ends all sections of this CPU but the caller's. An NMI that comes in between ends the sections
 * that it begins. If a guest has run, DR6 holds what the guest has left: nobody else cleans DR6
 * where the shadow says that the master register is on.
 */
void arch_hwbp_abandon(void)
{
	set_debugreg(DR7_FIXED_1, 7);
	clean_dr6();
	this_cpu_and(hwbp_silence, HWBP_GUESTS | HWBP_ACTIVE |
		     (HWBP_SECTIONS & ~HWBP_DEFERRED));
	this_cpu_sub(hwbp_silence, (this_cpu_read(hwbp_silence) & HWBP_SECTIONS) - 1);
	this_cpu_write(hwbp_disabled, false);
}
NOKPROBE_SYMBOL(arch_hwbp_abandon);

/*
 * No task dies in a #DB from the kernel, which counts as an NMI. In a #DB from user mode the layer
 * has masked nothing.
 */
void arch_hwbp_end_exception(void)
{
	this_cpu_write(hwbp_unreported, 0);
}
NOKPROBE_SYMBOL(arch_hwbp_end_exception);

#ifdef CONFIG_X86_64
/**
 * hw_breakpoint_copy_regs() - sync_regs() on a CPU with HWBP_MASTER_IN_KERNEL
 * @to: where the registers are on the task's stack
 * @from: where the entry has saved them
 *
 * If @from is on the stack of #DB and the copy hit a breakpoint, that #DB would begin at the top
 * of the same stack and overwrite @from. A breakpoint on the top of a task's stack cannot be
 * refused: the stack may be made there after the breakpoint has been set. So DR7 is off for the
 * copy. It stays off until hw_breakpoint_end_copy(): a breakpoint may also watch what the CPU
 * pushes before the handler has read DR6, and the #DB of that hit would take what DR6 says of the
 * first #DB. Other exceptions copy from other stacks.
 *
 * Context: entry from user mode, interrupts off, noinstr.
 */
noinstr void hw_breakpoint_copy_regs(struct pt_regs *to, const struct pt_regs *from)
{
	if (to == from)
		return;
	if ((unsigned long)(from + 1) == __this_cpu_ist_top_va(DB))
		hw_breakpoint_silence();
	*to = *from;
}
#endif

/* ---- others who write the registers ---- */

/**
 * hw_breakpoint_disable() - leave nothing in this CPU's debug registers
 *
 * Before kexec; nothing fires any more, unless hw_breakpoint_restore() follows. A kernel
 * that comes back (CONFIG_KEXEC_JUMP) resumes the CPU as after a suspend, which calls this
 * once more: one hw_breakpoint_restore() undoes both.
 *
 * Context: interrupts off.
 */
void hw_breakpoint_disable(void)
{
	int slot;

	if (!this_cpu_read(hwbp_disabled))
		hw_breakpoint_silence();
	this_cpu_write(hwbp_disabled, true);
	hwbp_lend(NULL, 0);
	set_debugreg(DR7_FIXED_1, 7);
	for (slot = 0; slot < HBP_NUM; slot++)
		hwbp_write_address(slot, 0);
}

/**
 * hw_breakpoint_restore() - undo hw_breakpoint_disable()
 *
 * Also called on the CPU that resumes a suspended machine: that CPU keeps its events. The other
 * CPUs come up with clear registers and no events.
 *
 * Context: interrupts off.
 */
void hw_breakpoint_restore(void)
{
	set_debugreg(DR6_RESERVED, 6);
	hwbp_restore();
	this_cpu_write(hwbp_disabled, false);
	hw_breakpoint_unsilence();
}

/* A guest has no range masks; its length and type are in its DR7. */
static nokprobe_inline void guest_images(const unsigned long *addr, u32 slots,
					 struct hwbp_image *image)
{
	for (; slots; slots &= slots - 1)
		image[__ffs(slots)] = (struct hwbp_image) { .addr = addr[__ffs(slots)] };
}

/* The slots that a DR7 enables, globally or locally: it has two bits for each. */
static nokprobe_inline u32 enabled_slots(unsigned long dr7)
{
	unsigned long either = dr7 | dr7 >> 1;

	static_assert(DR_ENABLE_SIZE == 2 && HBP_NUM == 4);
	return (either & BIT(0)) | (either >> 1 & BIT(1)) |
	       (either >> 2 & BIT(2)) | (either >> 3 & BIT(3));
}

/**
 * hw_breakpoint_lend() - a guest with breakpoints is about to run
 * @addr: its DR0 to DR3
 * @dr7: its DR7, or ~0UL if it may read or write DR0 to DR3 without an exit
 *
 * The entry to the guest loads DR7 by itself (SDM vol. 3, 27.3.1.1; APM vol. 2, 15.5.1).
 * Registers that the guest neither enables nor can read stay as they are. A register that
 * gets an address of the guest's has no range mask.
 *
 * Context: interrupts off; nothing of the host's fires until
 * hw_breakpoint_take_back().
 */
void hw_breakpoint_lend(const unsigned long *addr, unsigned long dr7)
{
	struct hwbp_image guest[HBP_NUM];
	u32 slots = enabled_slots(dr7);

	hw_breakpoint_silence();
	guest_images(addr, slots, guest);
	hwbp_lend(guest, slots);
}
EXPORT_SYMBOL_FOR_KVM(hw_breakpoint_lend);
NOKPROBE_SYMBOL(hw_breakpoint_lend);

/**
 * hw_breakpoint_guest_wrote() - a guest could write DR0 to DR3, and has run
 * @addr: what has been read from them
 *
 * Context: between hw_breakpoint_lend() and hw_breakpoint_take_back().
 */
void hw_breakpoint_guest_wrote(const unsigned long *addr)
{
	struct hwbp_image guest[HBP_NUM];

	guest_images(addr, HWBP_ALL_SLOTS, guest);
	hwbp_guest_wrote(guest, HWBP_ALL_SLOTS);
}
EXPORT_SYMBOL_FOR_KVM(hw_breakpoint_guest_wrote);
NOKPROBE_SYMBOL(hw_breakpoint_guest_wrote);

/**
 * hw_breakpoint_forget() - an encrypted guest has run
 *
 * With DebugSwap the exit has loaded what DR0 to DR3 were some time before the entry. Without
 * DebugSwap DR0 to DR3 hold what the guest has left there (APM vol. 2, 15.35 and appendix B:
 * swap type B, or none). With TDX the exit clears DR0 to DR3, whether they were lent or not.
 * From the exit to this call the shadow is wrong; what the commit of an NMI writes by it is
 * written again.
 *
 * Context: interrupts off, noinstr; before hw_breakpoint_take_back().
 */
noinstr void hw_breakpoint_forget(void)
{
	hwbp_forget();
}
EXPORT_SYMBOL_FOR_KVM(hw_breakpoint_forget);

/*
 * Sets HWBP_DEFERRED if something is to fire, and nothing of that counts hits in the kernel; called
 * in a section. If an NMI commits before this looks at the master register, the look sees the
 * change; if the NMI commits after the look, the NMI sees HWBP_DEFERRED.
 */
static nokprobe_inline void defer(void)
{
	this_cpu_or(hwbp_silence, HWBP_DEFERRED);
	barrier();	/* deferred:A, pairs with an NMI's commit */
	if (!hwbp_master() || hwbp_master() & HWBP_MASTER_KERNEL)
		this_cpu_and(hwbp_silence, ~HWBP_DEFERRED);
}

/**
 * __hw_breakpoint_take_back() - hw_breakpoint_take_back() where there is work
 *
 * If nothing was to fire at the entry to the guest, KVM has begun no section there. Then this
 * begins one: what a debugger's NMI has switched on since the exit goes off again.
 *
 * Context: interrupts off. The exit from a guest has cleared DR7 (SDM vol. 3, 28.5.1; APM
 * vol. 2, 15.6). The exit from an encrypted guest has loaded what DR7 was at the entry
 * (appendix B, swap type A), which is off, since a section has begun before the entry.
 */
void __hw_breakpoint_take_back(void)
{
	if (!(this_cpu_read(hwbp_silence) & (HWBP_SECTIONS & ~HWBP_DEFERRED)))
		hw_breakpoint_silence();
	clean_dr6();
	hwbp_take_back();
	defer();
	hw_breakpoint_unsilence();
}
EXPORT_SYMBOL_FOR_KVM(__hw_breakpoint_take_back);
NOKPROBE_SYMBOL(__hw_breakpoint_take_back);

/*
 * If an NMI commits while HWBP_GUESTS is set, it queues an interrupt that cleans DR6; an NMI that
 * commits later finds DR6 clean.
 */
static nokprobe_inline void end_guests(void)
{
	if (!hw_breakpoint_active())
		clean_dr6();
	barrier();	/* guests:A, pairs with an NMI's commit */
	this_cpu_and(hwbp_silence, ~HWBP_GUESTS);
}

/**
 * hw_breakpoint_rearm() - no more guests for the moment
 *
 * If all breakpoints of this CPU count hits in user mode alone, they are off from a guest's exit
 * to this call.
 *
 * Context: preemption disabled.
 */
void hw_breakpoint_rearm(void)
{
	unsigned long flags;

	local_irq_save(flags);
	end_guests();
	if (this_cpu_read(hwbp_silence) & HWBP_DEFERRED) {
		hw_breakpoint_silence();
		this_cpu_and(hwbp_silence, ~HWBP_DEFERRED);
		hw_breakpoint_unsilence();
	}
	local_irq_restore(flags);
}
EXPORT_SYMBOL_FOR_KVM(hw_breakpoint_rearm);
NOKPROBE_SYMBOL(hw_breakpoint_rearm);

/* ---- a debugger's steps ---- */

/* An instruction has at most 15 bytes. */
#define MAX_PREFIXES	14

/* 66, F2, F3, segments, 67, F0, REX */
static bool is_prefix(u8 byte)
{
	return (byte & 0xe7) == 0x26 || (byte & 0xfc) == 0x64 ||
	       (byte & 0xf0) == 0x40 || byte == 0xf0 || (byte & 0xfe) == 0xf2;
}

/* With 66, F2 or F3 the same opcode may be another instruction. */
static bool is_mandatory(u8 byte)
{
	return byte == 0x66 || byte == 0xf2 || byte == 0xf3;
}

/*
 * 0F 01 with a register operand: most go to a monitor, a guest, an enclave or firmware, which
 * returns as it likes, or change what interrupts the CPU. Those that do nothing of the kind
 * (SDM vol. 2, table A-6):
 */
static bool is_plain_group_7(u8 modrm)
{
	switch (modrm) {
	case 0xca:		/* clac */
	case 0xcb:		/* stac */
	case 0xd0:		/* xgetbv */
	case 0xd1:		/* xsetbv */
	case 0xe0 ... 0xe7:	/* smsw */
	case 0xee:		/* rdpkru */
	case 0xef:		/* wrpkru */
	case 0xf0 ... 0xf7:	/* lmsw */
	case 0xf8:		/* swapgs */
	case 0xf9:		/* rdtscp */
		return true;
	default:
		return false;
	}
}

/* needs_more(), of instructions that begin with 0F */
static bool two_bytes_need_more(const u8 *insn, bool prefix)
{
	switch (insn[1]) {
	case 0x01:
		return insn[2] >= 0xc0 && (prefix || !is_plain_group_7(insn[2]));
	case 0x05:		/* syscall */
	case 0x07:		/* sysret */
	case 0x0b:		/* ud2 */
	case 0x34:		/* sysenter */
	case 0x35:		/* sysexit */
	case 0x37:		/* getsec */
	case 0xaa:		/* rsm */
	case 0xb9:		/* ud1 */
	case 0xff:		/* ud0 */
		return true;
	case 0xae:		/* umwait, tpause; else mfence */
		return prefix && (insn[2] & 0xf8) == 0xf0;
	default:
		return false;
	}
}

/*
 * @prefix: the instruction has a prefix that is_mandatory()
 *
 * An instruction that loads SS delays the #DB until the next instruction is through (SDM vol. 3,
 * 6.8.3), and a transaction that begins with TF set does not go on behind XBEGIN (SDM vol. 1,
 * 16.3.7).
 *
 * Return: true if the instruction reads IF, writes it, waits for an interrupt or traps; or
 * if its #DB may be lost or late.
 */
static bool needs_more(const u8 *insn, bool prefix)
{
	switch (insn[0]) {
	case 0x0f:
		return two_bytes_need_more(insn, prefix);
	case 0x17:		/* pop ss */
	case 0x9c:		/* pushf */
	case 0x9d:		/* popf */
	case 0xcc ... 0xcf:	/* int3, int, into, iret */
	case 0xf1:		/* int1 */
	case 0xf4:		/* hlt */
	case 0xfa:		/* cli */
	case 0xfb:		/* sti */
		return true;
	case 0x8e:		/* mov ss */
		return (insn[1] & 0x38) == 0x10;
	case 0xc7:		/* xbegin */
		return insn[1] == 0xf8;
	default:
		return false;
	}
}

/**
 * arch_hwbp_step_is_alone() - can a step be kept from being interrupted?
 * @regs: registers of the instruction
 *
 * It cannot be if a tracer has the current task run to its next branch: then TF would let the
 * kernel, too, run to its next branch (SDM vol. 3, 18.4.3).
 *
 * Context: exception, interrupts off.
 * Return: true if nothing but the instruction runs between arch_hwbp_debug_leave() and the end of
 * its step, except for NMIs, and for the handler of an exception that the instruction takes.
 */
bool arch_hwbp_step_is_alone(struct pt_regs *regs)
{
	const u8 *ip = (const u8 *)regs->ip;
	u8 insn[3], byte;
	bool prefix = false;
	int i;

	if (user_mode(regs) || test_thread_flag(TIF_BLOCKSTEP))
		return false;
	for (i = 0; i < MAX_PREFIXES; i++) {
		if (copy_from_kernel_nofault(&byte, ip, 1) || !is_prefix(byte))
			break;
		prefix |= is_mandatory(byte);
		ip++;
	}
	return !copy_from_kernel_nofault(insn, ip, sizeof(insn)) && !needs_more(insn, prefix);
}
NOKPROBE_SYMBOL(arch_hwbp_step_is_alone);

/* The kernel itself does not set TF. */
static bool is_stepped(struct pt_regs *regs)
{
	return !user_mode(regs) && regs->flags & X86_EFLAGS_TF;
}
NOKPROBE_SYMBOL(is_stepped);

/*
 * While a step is alone, its task is neither preempted nor moved to another CPU. So the bits that
 * other tasks have left on this CPU are of steps that never ended, or of steps that ended on
 * another CPU and were not alone. An NMI that steps in the middle of this function runs as the
 * same task: it finds no bits, or current's.
 */
static void forget_steps_of_others(void)
{
	if (this_cpu_read(steps_of) == current)
		return;
	this_cpu_write(steps_without_if, 0);
	barrier();	/* steps:A, pairs with an NMI's look at steps_of */
	this_cpu_write(steps_of, current);
}
NOKPROBE_SYMBOL(forget_steps_of_others);

/**
 * arch_hwbp_debug_enter() - a debugger has this CPU
 * @regs: registers that the debugger sees
 *
 * The debugger shall see IF as the program has it. If it enters in an NMI on top of a step, @regs
 * are not those that are stepped, and the step goes on.
 *
 * A step that begins on top of another one ends before that one. So bit 0 of steps_without_if is
 * that of @regs, unless the task has come from another CPU since, and then no bit is set. Bits of
 * steps that never ended count as older ones, and no later step uses them.
 *
 * Context: exception, interrupts off.
 * Return: true if this ends a step of the debugger's, for which IF was cleared.
 */
bool arch_hwbp_debug_enter(struct pt_regs *regs)
{
	u32 steps;

	if (!is_stepped(regs))
		return false;
	forget_steps_of_others();
	steps = this_cpu_read(steps_without_if);
	this_cpu_write(steps_without_if, steps >> 1);
	if (!(steps & 1))
		return false;
	regs->flags |= X86_EFLAGS_IF;
	return true;
}
NOKPROBE_SYMBOL(arch_hwbp_debug_enter);

/**
 * arch_hwbp_debug_leave() - the CPU goes on
 * @regs: registers that it goes on with
 * @alone: the debugger steps, and arch_hwbp_step_is_alone() was true
 *
 * Context: exception, interrupts off.
 */
void arch_hwbp_debug_leave(struct pt_regs *regs, bool alone)
{
	bool clear = alone && regs->flags & X86_EFLAGS_IF;

	if (!is_stepped(regs))
		return;
	forget_steps_of_others();
	if (clear)
		regs->flags &= ~X86_EFLAGS_IF;
	this_cpu_write(steps_without_if, this_cpu_read(steps_without_if) << 1 | clear);
}
NOKPROBE_SYMBOL(arch_hwbp_debug_leave);

/* ---- exceptions ---- */

/*
 * A hit is in DR6 from the access on. The handler of the #DB notes the hit in hwbp_unreported
 * before it clears DR6. Bits of DR6 that mean nothing (18.2.3) stay there until the next #DB.
 */
u32 arch_hwbp_unreported(void)
{
	unsigned long dr6;

	/* hits:B, pairs with hits:A, which this NMI may have interrupted */
	get_debugreg(dr6, 6);
	return (dr6 | this_cpu_read(hwbp_unreported)) & DR_TRAP_BITS;
}
NOKPROBE_SYMBOL(arch_hwbp_unreported);

static nokprobe_inline bool is_execute(int slot)
{
	return !(hwbp_slot_image(slot)->ctrl & 0x3);
}

/* Return: those of @slots that report_hit() reports if DR6 has a single step, too. */
static u32 beside_step(u32 slots)
{
	u32 left;

	for (left = slots; left; left &= left - 1) {
		if (is_execute(__ffs(left)))
			slots &= ~BIT(__ffs(left));
	}
	return slots;
}
NOKPROBE_SYMBOL(beside_step);

static bool tell_debugger(int slot, u32 later, unsigned int flags,
			  struct pt_regs *regs)
{
	struct hw_breakpoint_debug *debug = hwbp_slot_debugger(slot);

	if (!debug)
		return false;
	if (hwbp_debugger_among(debug, later))
		flags |= HW_BREAKPOINT_HIT_MORE;
	debug->hit(debug, regs, slot, flags);
	return true;
}
NOKPROBE_SYMBOL(tell_debugger);

/* Return: true if the slot has an owner, who has been told. @later: slots that follow. */
static nokprobe_inline bool tell_owner(int slot, u32 later, unsigned int flags,
				       struct pt_regs *regs)
{
	struct perf_event *bp = hwbp_slot_owner(slot);

	if (unlikely(!bp))
		return tell_debugger(slot, later, flags, regs);
	perf_bp_event(bp, regs);
	return true;
}

/*
 * An instruction breakpoint is a fault: without RF the return from the exception would raise it
 * again, even when its owner has gone meanwhile (18.3.1.1). RF is not set if a debugger has sent
 * the program elsewhere. Steps (TF) and data breakpoints are traps and are reported together. If
 * DR6 has a step and an instruction breakpoint, the step is reported now, and the breakpoint when
 * its fault comes again.
 *
 * Clears the slot's bit in @dr6 when it had an owner.
 */
static void report_hit(int slot, u32 later, unsigned long *dr6,
		       struct pt_regs *regs)
{
	unsigned long ip = instruction_pointer(regs);
	bool execute = is_execute(slot);
	unsigned int flags = 0;

	if (*dr6 & DR_STEP) {
		if (execute)
			return;
		flags |= HW_BREAKPOINT_HIT_STEP;
		later = beside_step(later);
	}
	if (tell_owner(slot, later, flags, regs))
		*dr6 &= ~(DR_TRAP0 << slot);
	if (execute && instruction_pointer(regs) == ip)
		regs->flags |= X86_EFLAGS_RF;
}
NOKPROBE_SYMBOL(report_hit);

/* Events and their handlers are read under RCU. */
static nokprobe_inline void report_hits(u32 hits, unsigned long *dr6, struct pt_regs *regs)
{
	guard(rcu)();
	for (; hits; hits &= hits - 1)
		report_hit(__ffs(hits), hits & (hits - 1), dr6, regs);
}

/*
 * For hits of slots that are not live any more: an NMI may take a slot away between the hit and
 * its report. If such a slot holds the address of the instruction, the hit may be that of an
 * instruction breakpoint, and RF lets the program get past it.
 */
static void pass_stale(u32 hits, struct pt_regs *regs)
{
	for (; hits; hits &= hits - 1) {
		if (hwbp_slot_image(__ffs(hits))->addr ==
		    instruction_pointer(regs))
			regs->flags |= X86_EFLAGS_RF;
	}
}
NOKPROBE_SYMBOL(pass_stale);

/*
 * Does the tracer of the current task get a signal for this #DB? Not for a hit in the kernel: what
 * virtual_dr6 says then is of an earlier #DB, or the tracer has written it. If such a #DB went on
 * to the die chain, kgdb would take it for its own.
 */
static nokprobe_inline bool tracer_is_told(struct pt_regs *regs)
{
	return user_mode(regs) && current->thread.virtual_dr6 & DR_TRAP_BITS;
}

/* Is the task about to execute the copy of a probed instruction? Then no step of it is over. */
static nokprobe_inline bool before_copy(struct pt_regs *regs)
{
#ifdef CONFIG_UPROBES
	return hwbp_in_uprobe() && current->utask->xol_vaddr == instruction_pointer(regs);
#else
	return false;
#endif
}

/**
 * hw_breakpoint_debug_exception() - tell the owners of slots that have fired
 * @regs: registers of the interrupted code
 * @dr6: what DR6 was, as debug_read_reset_dr6() returns it; the bits of slots whose owners
 *	have been told are cleared
 *
 * notify_debug() calls this before the die chain: hits of the layer's slots must not reach a
 * debugger there. B0 to B3 may be set for slots that are not enabled (18.2.3).
 *
 * Context: #DB, after hw_breakpoint_note_hits(); interrupts off.
 * Return: true if nothing is left for others to do.
 */
bool hw_breakpoint_debug_exception(struct pt_regs *regs, unsigned long *dr6)
{
	u32 fired = *dr6 & DR_TRAP_BITS, hits = fired & hwbp_live();
	bool others = *dr6 & ~DR_TRAP_BITS;

	if (!fired)
		return false;

	if (!hits)
		pass_stale(fired, regs);
	report_hits(hits, dr6, regs);
	this_cpu_and(hwbp_unreported, ~fired);
	hwbp_hits_reported();

	/* Left for others: a signal to the tracer, a step, a task switch. */
	if (others)
		return false;
	/* hw_breakpoint_tell_tracer() does it, since a uprobe would take the #DB for its own */
	return !tracer_is_told(regs) || before_copy(regs);
}
NOKPROBE_SYMBOL(hw_breakpoint_debug_exception);

#ifdef CONFIG_UPROBES
/* Has the step of a uprobe taken the place of a tracer's or the program's own? */
static bool wants_step(void)
{
	return hwbp_in_uprobe() && current->utask->autask.saved_tf;
}
#else
static bool wants_step(void)
{
	return false;
}
#endif

/**
 * hw_breakpoint_tell_tracer() - a uprobe's notifier has taken a #DB from user mode
 * @regs: registers of the exception
 *
 * The #DB may report a tracer's hits, too: a uprobe has the task step a copy of the probed
 * instruction, and the copy may hit the tracer's breakpoint. The signal waits until the uprobe is
 * through. DR6 shows the tracer no step that the tracer has not asked for.
 *
 * Context: #DB from user mode, interrupts off; this function enables them for a time.
 */
void hw_breakpoint_tell_tracer(struct pt_regs *regs)
{
	struct thread_struct *thread = &current->thread;

	if (likely(!(thread->virtual_dr6 & DR_TRAP_BITS)))
		return;
	if (!wants_step())
		thread->virtual_dr6 &= ~DR_STEP;
	local_irq_enable();
	force_sig_fault(SIGTRAP, thread->virtual_dr6 & DR_STEP ? TRAP_TRACE : TRAP_HWBKPT,
			(void __user *)uprobe_get_trap_addr(regs));
	local_irq_disable();
}

/* ---- ptrace ---- */

/*
 * A traced task has virtual registers. DR7 is thread.ptrace_dr7, all of it as the
 * tracer wrote it. An address register that has been written has an event, which
 * holds a slot from then on, disabled or not: to enable it cannot fail for want of
 * a slot. A register that has not been written has no event. DR7 may enable it, without
 * effect until it is written: an unset register stands for no address, not for 0.
 *
 * Clients write in either order. gdb and rr clear DR7, write the addresses and
 * then DR7. Wine writes DR7 first, with all four enabled, to overwrite lengths
 * that would refuse its addresses; hence a length counts only while enabled.
 */

static void ptrace_hit(struct perf_event *bp, struct perf_sample_data *data,
		       struct pt_regs *regs)
{
	struct thread_struct *thread = &current->thread;
	int i;

	for (i = 0; i < HBP_NUM; i++) {
		if (thread->ptrace_bps[i] == bp)
			thread->virtual_dr6 |= DR_TRAP0 << i;
	}
}

/*
 * Sets @attr to what DR7 says of register @nr. A register that is disabled gets the length of
 * one byte, which is aligned whatever the address.
 */
static int ptrace_control(unsigned long dr7, int nr,
			  struct perf_event_attr *attr)
{
	unsigned int x86_len, x86_type;
	int len, type;

	attr->disabled = !decode_dr7(dr7, nr, &x86_len, &x86_type);
	if (attr->disabled) {
		x86_len = X86_BREAKPOINT_LEN_1;
		x86_type = X86_BREAKPOINT_WRITE;
	}
	if (arch_bp_generic_fields(x86_len, x86_type, &len, &type))
		return -EINVAL;
	attr->bp_type = type;
	attr->bp_len = len;
	return 0;
}

/* Sets @attr to what register @nr shall be with this DR7; without an event, only checks DR7. */
static int ptrace_wanted(struct thread_struct *thread, unsigned long dr7,
			 int nr, struct perf_event_attr *attr)
{
	struct perf_event *bp = thread->ptrace_bps[nr];
	struct arch_hw_breakpoint hw = { };
	int err;

	*attr = bp ? bp->attr : (struct perf_event_attr) { };
	err = ptrace_control(dr7, nr, attr);
	if (err || !bp)
		return err;
	err = hw_breakpoint_arch_parse(bp, attr, &hw);
	if (err)
		return err;
	return hwbp_space(bp, attr) == HWBP_OF_USER ? 0 : -EINVAL;
}

static bool same_setting(const struct perf_event_attr *a,
			 const struct perf_event_attr *b)
{
	return a->bp_addr == b->bp_addr && a->bp_len == b->bp_len &&
	       a->bp_type == b->bp_type && a->disabled == b->disabled;
}

/* All events hold their slots and all settings have been checked. */
static void ptrace_apply(struct thread_struct *thread, unsigned long dr7)
{
	struct perf_event_attr attr;
	int i;

	for (i = 0; i < HBP_NUM; i++) {
		struct perf_event *bp = thread->ptrace_bps[i];

		if (!bp || ptrace_wanted(thread, dr7, i, &attr) ||
		    same_setting(&bp->attr, &attr))
			continue;
		WARN_ON_ONCE(modify_user_hw_breakpoint(bp, &attr));
	}
}

/**
 * hw_breakpoint_ptrace_dr7() - a tracer writes DR7
 * @tsk: the traced task, stopped
 * @dr7: the value
 *
 * Context: task context, may sleep.
 * Return: 0, or -EINVAL if an enabled register cannot be as @dr7 says; nothing
 * has changed then.
 */
int hw_breakpoint_ptrace_dr7(struct task_struct *tsk, unsigned long dr7)
{
	struct thread_struct *thread = &tsk->thread;
	struct perf_event_attr attr;
	int i, err;

	for (i = 0; i < HBP_NUM; i++) {
		err = ptrace_wanted(thread, dr7, i, &attr);
		if (err)
			return err;
	}
	ptrace_apply(thread, dr7);
	thread->ptrace_dr7 = dr7;
	return 0;
}

/* The first write of an address register. */
static int ptrace_create(struct task_struct *tsk, int nr, unsigned long addr)
{
	struct perf_event_attr attr;
	struct perf_event *bp;
	int err;

	ptrace_breakpoint_init(&attr);
	attr.bp_addr = addr;
	err = ptrace_control(tsk->thread.ptrace_dr7, nr, &attr);
	if (err)
		return err;
	bp = register_user_hw_breakpoint(&attr, ptrace_hit, NULL, tsk);
	if (IS_ERR(bp))
		return PTR_ERR(bp);
	tsk->thread.ptrace_bps[nr] = bp;
	return 0;
}

/**
 * hw_breakpoint_ptrace_address() - a tracer writes DR0, DR1, DR2 or DR3
 * @tsk: the traced task, stopped
 * @nr: 0 to 3
 * @addr: the value
 *
 * Context: task context, may sleep.
 * Return: 0; -EINVAL for an address of the kernel's, or one that the length in
 * DR7 does not fit to; -ENOSPC when all slots are taken. Nothing has changed
 * after an error.
 */
int hw_breakpoint_ptrace_address(struct task_struct *tsk, int nr,
				 unsigned long addr)
{
	struct perf_event *bp = tsk->thread.ptrace_bps[nr];
	struct perf_event_attr attr;

	if (!bp)
		return ptrace_create(tsk, nr, addr);
	attr = bp->attr;
	attr.bp_addr = addr;
	return modify_user_hw_breakpoint(bp, &attr);
}

/**
 * flush_ptrace_hw_breakpoint() - remove what a tracer has set
 * @tsk: the task; it is exiting or executing a new program
 *
 * Context: task context, may sleep.
 */
void flush_ptrace_hw_breakpoint(struct task_struct *tsk)
{
	struct thread_struct *thread = &tsk->thread;
	int i;

	for (i = 0; i < HBP_NUM; i++) {
		unregister_hw_breakpoint(thread->ptrace_bps[i]);
		thread->ptrace_bps[i] = NULL;
	}
	thread->ptrace_dr7 = 0;
	thread->virtual_dr6 = 0;
}
