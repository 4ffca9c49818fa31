// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU's breakpoint and watchpoint registers: lent to it by the breakpoint core
 * from just before entry to just after exit, all of it in the host kernel with
 * interrupts off. What runs at EL2 without VHE touches none of them.
 *
 * States of a CPU, in kvm_debug_loan; no other CPU reads it:
 *
 *	not lent	the host's; a guest that runs has MDE off
 *	trapped		the registers that are to fire in the guest hold what they
 *			shall; its accesses trap, so memory is always right
 *	owned		all hold the guest's values; it may access them
 *
 * If the task that runs the vCPU dies in a loan, arch_hwbp_abandon() makes the CPU "not lent".
 *
 * A vCPU owns the registers for the entry that follows a trapped write
 * (kvm_arm_wants_debug_regs()), since a guest that writes one register writes several. The host
 * reads them back at the exit, and the guest's accesses trap again.
 *
 * A vCPU that is debugged owns none, even if the debugger leaves the registers to the guest
 * (software breakpoints, single-step): MDSCR_EL1 is the debugger's while the vCPU runs, and what
 * the guest writes there has to be emulated. MDCR_EL2.TDE, which is set for every debugger, traps
 * all that TDA does in any case.
 *
 * If the debugger shares the registers with the guest (KVM_GUESTDBG_SHARE_HW) what is lent is made
 * of what both have set, see hw_breakpoint_share.c.
 *
 * On a CPU that has more registers than another CPU no guest owns them: the guest could leave
 * something in the extra ones, which nobody looks after. Nor does the number of a context-aware
 * breakpoint mean the same on all CPUs then, see host_break(). The same goes for a guest that has
 * been given fewer than there are, in its ID_AA64DFR0_EL1: a debugger who shares the registers has
 * the others at any time.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */

#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/kvm_host.h>
#include <linux/percpu.h>

#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/hw_breakpoint.h>
#include <asm/kvm_host.h>
#include <asm/kvm_hw_breakpoint.h>
#include <asm/sysreg.h>

#include "hw_breakpoint.h"
#include "hw_breakpoint_share.h"
#include "sys_regs.h"

/*
 * DBGBCR<n>_EL1.BT<0> and DBGWCR<n>_EL1.WT: counts only if .LBN matches as well. But with one of
 * the other bits of BT others are linked to it, and .LBN is nothing.
 */
#define DBG_CTRL_LINKED	BIT(20)
#define DBG_CTRL_LBN	GENMASK(19, 16)
#define DBG_BCR_CONTEXT	(BIT(21) | BIT(23))

/* Where DBGWVR<n>_EL1 and DBGWCR<n>_EL1 begin: those of breakpoints have a lower one. */
#define OP2_DBGWVR	6

/*
 * Slots beyond those of the breakpoint core that hold a guest's registers. Valid while something
 * is lent.
 */
static DEFINE_PER_CPU(u32, lent_extra);

static u32 core_slots(void)
{
	return arch_hwbp_pool(TYPE_INST) | arch_hwbp_pool(TYPE_DATA);
}

/* ---- where a guest's registers are ---- */

/**
 * struct numbering - how a guest's breakpoints are numbered on this CPU, or its debugger's
 * @slots: those that it has
 * @end: its number after that of its last breakpoint
 * @shift: how much higher this CPU's numbers of them are
 */
struct numbering {
	u32		slots;
	unsigned int	end;
	unsigned int	shift;
};

static unsigned int this_cpu_brps(void)
{
	u64 dfr0 = this_cpu_read(cpu_data.reg_id_aa64dfr0);

	return SYS_FIELD_GET(ID_AA64DFR0_EL1, BRPs, dfr0) + 1;
}

/* Return: the slots of who has this ID_AA64DFR0_EL1. */
static u32 slots_of(u64 dfr0)
{
	unsigned int brps = SYS_FIELD_GET(ID_AA64DFR0_EL1, BRPs, dfr0) + 1;
	unsigned int wrps = SYS_FIELD_GET(ID_AA64DFR0_EL1, WRPs, dfr0) + 1;

	return GENMASK(brps - 1, 0) | GENMASK(ARM_MAX_BRP + wrps - 1, ARM_MAX_BRP);
}

static u64 guest_dfr0(const struct kvm_vcpu *vcpu)
{
	return kvm_read_vm_id_reg(vcpu->kvm, SYS_ID_AA64DFR0_EL1);
}

/*
 * The context-aware breakpoints are the last ones of a CPU, and of what a guest is told (D2.9.1).
 * A guest has as many of either kind as the CPU that has the fewest, or fewer: it has a CPU's last.
 */
static struct numbering numbering(u64 dfr0)
{
	unsigned int end = SYS_FIELD_GET(ID_AA64DFR0_EL1, BRPs, dfr0) + 1;

	return (struct numbering) {
		.slots	= slots_of(dfr0),
		.end	= end,
		.shift	= this_cpu_brps() - end,
	};
}

/* What a guest does not have, but its debugger may, is before its own. */
static unsigned int host_break(const struct numbering *num, unsigned int n)
{
	return n < num->end ? n + num->shift : n - num->end;
}

static int host_slot(const struct numbering *num, int slot)
{
	return slot < ARM_MAX_BRP ? (int)host_break(num, slot) : slot;
}

static u32 host_ctrl(const struct numbering *num, u32 ctrl)
{
	unsigned int n = FIELD_GET(DBG_CTRL_LBN, ctrl);

	if (!(ctrl & DBG_CTRL_LINKED) || n >= num->end)
		return ctrl;
	return (ctrl & ~DBG_CTRL_LBN) | FIELD_PREP(DBG_CTRL_LBN, host_break(num, n));
}

/**
 * kvm_arm_guest_slots() - the slots that guests of a VM have, by their own numbers
 * @kvm: the VM
 *
 * Context: any.
 * Return: a bit for each.
 */
u32 kvm_arm_guest_slots(struct kvm *kvm)
{
	return slots_of(kvm_read_vm_id_reg(kvm, SYS_ID_AA64DFR0_EL1));
}

/**
 * kvm_arm_debug_regs_valid() - may a guest have these?
 * @dfr0: what its ID_AA64DFR0_EL1 shall be; each field is at most what there is
 *
 * There are two breakpoints at least (ID_AA64DFR0_EL1.BRPs, 0 is reserved), and no more for
 * contexts than there are. One watchpoint is what user space could ask for before.
 *
 * Context: any.
 * Return: whether it may.
 */
bool kvm_arm_debug_regs_valid(u64 dfr0)
{
	u8 brps = SYS_FIELD_GET(ID_AA64DFR0_EL1, BRPs, dfr0);

	return brps && SYS_FIELD_GET(ID_AA64DFR0_EL1, CTX_CMPs, dfr0) <= brps;
}

/**
 * kvm_arm_debug_reg_visibility() - does a guest have this register?
 * @vcpu: any
 * @desc: DBGBVR<n>_EL1, DBGBCR<n>_EL1, DBGWVR<n>_EL1 or DBGWCR<n>_EL1, or one of AArch32's
 *
 * A guest that has all there are has memory for those as well that no CPU has, as ever.
 *
 * Context: any.
 * Return: REG_HIDDEN, or 0.
 */
unsigned int kvm_arm_debug_reg_visibility(const struct kvm_vcpu *vcpu,
					  const struct sys_reg_desc *desc)
{
	bool watch = desc->Op2 >= OP2_DBGWVR;
	u32 has = kvm_arm_guest_slots(vcpu->kvm);

	if (!(arch_hwbp_pool(watch ? TYPE_DATA : TYPE_INST) & ~has))
		return 0;
	return has & BIT(desc->CRm + (watch ? ARM_MAX_BRP : 0)) ? 0 : REG_HIDDEN;
}

/**
 * kvm_arm_free_debug_regs() - how many can a debugger have, and the guest loses none by it?
 * @kvm: a VM, or NULL
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: process.
 * Return: those that the guest has not been given; all, if it has all: then nothing is free at any
 * time, and who comes has them all.
 */
unsigned int kvm_arm_free_debug_regs(struct kvm *kvm, enum bp_type_idx type)
{
	u32 pool = arch_hwbp_pool(type), hidden = 0;

	/* before its first vCPU there is none to be asked */
	if (kvm && test_bit(KVM_ARCH_FLAG_ID_REGS_INITIALIZED, &kvm->arch.flags))
		hidden = pool & ~kvm_arm_guest_slots(kvm);
	return hweight32(hidden ?: pool);
}

/* ---- a guest's registers in memory ---- */

static void load_image(const struct kvm_guest_debug_arch *regs, int slot,
		       struct hwbp_image *image)
{
	int n = slot % ARM_MAX_BRP;

	*image = (struct hwbp_image) {
		.addr = slot < ARM_MAX_BRP ? regs->dbg_bvr[n] : regs->dbg_wvr[n],
		.ctrl = slot < ARM_MAX_BRP ? regs->dbg_bcr[n] : regs->dbg_wcr[n],
	};
}

static void store_image(struct kvm_guest_debug_arch *regs, int slot,
			const struct hwbp_image *image)
{
	int n = slot % ARM_MAX_BRP;

	if (slot < ARM_MAX_BRP) {
		regs->dbg_bvr[n] = image->addr;
		regs->dbg_bcr[n] = image->ctrl;
	} else {
		regs->dbg_wvr[n] = image->addr;
		regs->dbg_wcr[n] = image->ctrl;
	}
}

/*
 * What is linked to a breakpoint that the guest does not have is never hit. Where this CPU has none
 * of that number either that is the CPU's own affair.
 */
static bool links_beyond(const struct numbering *num, int slot, u64 ctrl)
{
	bool context = slot < ARM_MAX_BRP && ctrl & DBG_BCR_CONTEXT;

	return num->shift && ctrl & DBG_CTRL_LINKED && !context &&
	       FIELD_GET(DBG_CTRL_LBN, ctrl) >= num->end;
}

/* Return: those of @slots that a guest has enabled. */
static u32 enabled(const struct kvm_guest_debug_arch *regs, u32 slots)
{
	int brps = fls(slots & GENMASK(ARM_MAX_BRP - 1, 0)), wrps = fls(slots) - ARM_MAX_BRP;
	u32 on = 0;
	int i;

	for (i = 0; i < brps; i++)
		on |= (regs->dbg_bcr[i] & DBG_CTRL_E) << i;
	for (i = 0; i < wrps; i++)
		on |= (regs->dbg_wcr[i] & DBG_CTRL_E) << (ARM_MAX_BRP + i);
	return on;
}

/*
 * Collects what this CPU's registers shall hold for @slots of a guest.
 *
 * Return: the slots that they have on this CPU.
 */
static u32 collect(const struct numbering *num, const struct kvm_guest_debug_arch *regs,
		   u32 slots, struct hwbp_image *images)
{
	u32 here = 0, left;

	for (left = slots; left; left &= left - 1) {
		int slot = host_slot(num, __ffs(left));

		load_image(regs, __ffs(left), &images[slot]);
		if (links_beyond(num, __ffs(left), images[slot].ctrl))
			images[slot].ctrl = 0;
		images[slot].ctrl = host_ctrl(num, images[slot].ctrl);
		here |= BIT(slot);
	}
	return here;
}

/* What the entry loads: the guest's, or its debugger's, who has all that there are. */
static u32 collect_alone(const struct kvm_vcpu *vcpu, const struct kvm_guest_debug_arch *regs,
			 bool owned, struct hwbp_image *images)
{
	bool guests = regs == &vcpu->arch.vcpu_debug_state;
	struct numbering num = numbering(guests ? guest_dfr0(vcpu) :
					 read_sanitised_ftr_reg(SYS_ID_AA64DFR0_EL1));
	u32 core = core_slots();

	return collect(&num, regs, owned ? core : enabled(regs, core & num.slots), images);
}

/* The same of what guest and debugger have together; a number means the same for both. */
static u32 collect_shared(struct kvm_vcpu *vcpu, struct hwbp_image *images)
{
	struct numbering num = numbering(guest_dfr0(vcpu));
	struct kvm_debug_share share;
	u32 here = 0, left;

	kvm_arm_share_debug_regs(vcpu, &share);
	for (left = share.guests | share.placed; left; left &= left - 1) {
		int slot = host_slot(&num, __ffs(left));
		struct kvm_debug_slot is = kvm_shared_slot(&share, __ffs(left));

		images[slot] = (struct hwbp_image) {
			.addr = is.addr,
			.ctrl = host_ctrl(&num, is.ctrl),
		};
		here |= BIT(slot);
	}
	return here;
}

/* ---- the loan ---- */

/* The core knows nothing of these slots. They are off while nothing is lent. */
static void write_extra(u32 slots, const struct hwbp_image *images)
{
	u32 left;

	for (left = slots; left; left &= left - 1) {
		int slot = __ffs(left);
		struct hwbp_image off = { .addr = ~images[slot].addr };

		arch_hwbp_write(slot, &off, &images[slot]);
	}
}

static void switch_extra_off(u32 slots)
{
	u32 left;

	for (left = slots; left; left &= left - 1)
		arch_hwbp_write(__ffs(left), NULL, NULL);
}

/**
 * __kvm_arm_lend_debug_regs() - kvm_arm_lend_debug_regs() where there is work
 * @vcpu: about to be entered
 *
 * Context: interrupts off.
 */
void __kvm_arm_lend_debug_regs(struct kvm_vcpu *vcpu)
{
	const struct kvm_guest_debug_arch *regs = kvm_arm_debug_regs(vcpu);
	bool owned = kvm_arm_owns_debug_regs(vcpu);
	struct hwbp_image images[HWBP_NR_SLOTS];
	u32 core = core_slots(), slots, extra;

	if (kvm_shares_debug_regs(vcpu))
		slots = collect_shared(vcpu, images);
	else
		slots = collect_alone(vcpu, regs, owned, images);
	extra = slots & ~core;
	hw_breakpoint_silence();
	hwbp_lend(images, slots & core);
	write_extra(extra, images);
	__this_cpu_write(lent_extra, extra);
	__this_cpu_write(kvm_debug_loan, owned ? KVM_DEBUG_OWNED : KVM_DEBUG_TRAPPED);
}

/* Where a guest may own the registers, its numbers of them are the CPU's. */
static void read_back(struct kvm_guest_debug_arch *regs)
{
	struct hwbp_image images[HWBP_NR_SLOTS];
	u32 left;

	for (left = core_slots(); left; left &= left - 1) {
		int slot = __ffs(left);

		hw_breakpoint_read(slot, &images[slot]);
		store_image(regs, slot, &images[slot]);
	}
	hwbp_guest_wrote(images, core_slots());
}

/**
 * __kvm_arm_take_back_debug_regs() - kvm_arm_take_back_debug_regs() where there is
 * work
 * @vcpu: has been entered
 *
 * Context: interrupts off.
 */
void __kvm_arm_take_back_debug_regs(struct kvm_vcpu *vcpu)
{
	if (__this_cpu_read(kvm_debug_loan) == KVM_DEBUG_OWNED)
		read_back(kvm_arm_debug_regs(vcpu));
	switch_extra_off(__this_cpu_read(lent_extra));
	hwbp_take_back();
	__this_cpu_write(kvm_debug_loan, KVM_DEBUG_NOT_LENT);
	hw_breakpoint_unsilence();
}
