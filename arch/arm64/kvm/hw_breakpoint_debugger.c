// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU whose guest and debugger share the debug registers, KVM_GUESTDBG_SHARE_HW: whose a debug
 * exception is. All of them come to EL2 while the guest is debugged (MDCR_EL2.TDE), those as well
 * that the guest has masked.
 *
 *	the debugger's hit	leaves to user space; the guest's own, if it is of both, comes when
 *				the instruction is executed
 *	the guest's		is given to the guest
 *	the guest's, masked	(PSTATE.D, KDE) does not exist for the guest: all of its own rest
 *				while KVM has it step over the instruction
 *
 * How, and who steps else, is in hw_breakpoint_step.c.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */

#include <linux/hw_breakpoint_arch.h>
#include <linux/kvm_debug_share.h>
#include <linux/kvm_host.h>
#include <linux/wordpart.h>

#include <asm/esr.h>
#include <asm/kvm_emulate.h>
#include <asm/kvm_hw_breakpoint.h>
#include <asm/kvm_nested.h>
#include <asm/memory.h>
#include <asm/sysreg.h>

#include "hw_breakpoint.h"
#include "hw_breakpoint_share.h"
#include "hw_breakpoint_step.h"

static u32 core_slots(void)
{
	return arch_hwbp_pool(TYPE_INST) | arch_hwbp_pool(TYPE_DATA);
}

static void share_regs(struct kvm_vcpu *vcpu, u64 mdscr, bool guest_rests,
		       struct kvm_debug_share *share)
{
	bool masked = !(mdscr & MDSCR_EL1_MDE) || kvm_vcpu_os_lock_enabled(vcpu);

	share->guest = (struct kvm_debug_set) {
		.regs = &vcpu->arch.vcpu_debug_state,
		.slots = kvm_arm_guest_slots(vcpu->kvm),
		.on = !masked && !guest_rests,
		.el1 = mdscr & MDSCR_EL1_KDE,
	};
	share->debugger = (struct kvm_debug_set) {
		.regs = &vcpu->arch.external_debug_state,
		.slots = core_slots(),
		.on = vcpu->guest_debug & KVM_GUESTDBG_USE_HW,
		.el1 = true,
	};
	kvm_share_debug_regs(share, core_slots());
}

/**
 * kvm_arm_share_debug_regs() - who has which register
 * @vcpu: shares its registers, and is about to be entered or has just been left
 * @share: set to that
 *
 * Context: any.
 */
void kvm_arm_share_debug_regs(struct kvm_vcpu *vcpu, struct kvm_debug_share *share)
{
	share_regs(vcpu, kvm_arm_guest_mdscr(vcpu), vcpu->guest_debug & STEPS_OVER, share);
}

/**
 * kvm_arm_may_share_debug_regs() - is this what a debugger who shares the registers can have?
 * @vcpu: to be debugged
 * @dbg: what its debugger wants
 *
 * Context: process; nothing has been changed yet.
 * Return: false if it is not, and the call has to be refused. What is not to be shared is the
 * debugger's own affair, as ever.
 */
bool kvm_arm_may_share_debug_regs(struct kvm_vcpu *vcpu, const struct kvm_guest_debug *dbg)
{
	if (!(dbg->control & KVM_GUESTDBG_ENABLE))
		return true;
	if (!(dbg->control & KVM_GUESTDBG_SHARE_HW))
		return !(dbg->control & KVM_GUESTDBG_EXIT_REST);
	/* what it has is not known before */
	if (!kvm_vcpu_initialized(vcpu))
		return false;
	if (vcpu_is_protected(vcpu) || vcpu_has_nv(vcpu) || vcpu_el1_is_32bit(vcpu))
		return false;
	return !(dbg->control & KVM_GUESTDBG_USE_HW) ||
	       !kvm_unshared_slots(&dbg->arch, core_slots());
}

/* QEMU hands over all registers, and sets only those that it uses: the others hold anything. */
void kvm_arch_leave_unshared(struct kvm_guest_debug *dbg)
{
	u32 left;

	for (left = kvm_unshared_slots(&dbg->arch, core_slots()); left; left &= left - 1) {
		int slot = __ffs(left), n = slot % ARM_MAX_BRP;

		*(slot < ARM_MAX_BRP ? &dbg->arch.dbg_bcr[n] : &dbg->arch.dbg_wcr[n]) = 0;
	}
}

/**
 * kvm_arm_begin_debug() - a debugger comes, goes, or changes what it wants
 * @vcpu: to be debugged, or not any more
 * @control: what KVM_SET_GUEST_DEBUG says, or 0
 *
 * Context: process, with the vCPU's mutex.
 */
void kvm_arm_begin_debug(struct kvm_vcpu *vcpu, unsigned long control)
{
	vcpu->guest_debug = control | kvm_arm_end_steps(vcpu, control);
	kvm_forget_resting(vcpu);
}

/**
 * kvm_arm_note_resting() - notes what of the guest's has no register
 * @vcpu: any
 *
 * Context: process, with the vCPU's mutex.
 * Return: true if its debugger wants to be told at once.
 */
bool kvm_arm_note_resting(struct kvm_vcpu *vcpu)
{
	struct kvm_debug_share share;

	if (!kvm_shares_debug_regs(vcpu))
		return false;
	share_regs(vcpu, vcpu_read_sys_reg(vcpu, MDSCR_EL1), false, &share);
	return kvm_note_resting(vcpu, share.rest);
}

/**
 * __kvm_arm_exit_handled() - kvm_arm_exit_handled() where the registers are shared
 * @vcpu: has run
 * @ret: what handle_exit() has returned
 *
 * Context: process, with the vCPU loaded.
 * Return: @ret, or 0.
 */
int __kvm_arm_exit_handled(struct kvm_vcpu *vcpu, int ret)
{
	struct kvm_run *run = vcpu->run;
	u64 esr = kvm_vcpu_get_esr(vcpu);
	bool tell = kvm_arm_note_resting(vcpu);

	kvm_arm_account_for_step(vcpu);
	if (ret <= 0)
		return ret;
	if (!tell) {
		kvm_arm_prepare_steps(vcpu);
		return ret;
	}
	kvm_arm_keep_step(vcpu);
	run->exit_reason = KVM_EXIT_DEBUG;
	run->debug.arch.hsr = lower_32_bits(esr);
	run->debug.arch.hsr_high = upper_32_bits(esr);
	run->flags |= KVM_DEBUG_ARCH_HSR_HIGH_VALID;
	return 0;
}

/* A step of KVM's own is not the debugger's. */
void kvm_arch_vcpu_get_guest_debug(struct kvm_vcpu *vcpu, struct kvm_guest_debug *dbg)
{
	kvm_arm_note_resting(vcpu);
	dbg->control = vcpu->guest_debug & KVM_GUESTDBG_VALID_MASK;
	if (vcpu->guest_debug & OWN_STEP)
		dbg->control &= ~KVM_GUESTDBG_SINGLESTEP;
	dbg->pad = vcpu->guest_debug_rest;
	if (vcpu->guest_debug & KVM_GUESTDBG_USE_HW)
		dbg->arch = vcpu->arch.external_debug_state;
}

/* ---- whose is it? ---- */

/*
 * A FAR of a tagged address has the tag. What neither seems to have set is not given to a guest
 * that has set nothing of the kind.
 *
 * Return: false if it is the debugger's, with its own number in @esr.
 */
static bool guests_hit(struct kvm_vcpu *vcpu, u64 *esr)
{
	bool watch = ESR_ELx_EC(*esr) == ESR_ELx_EC_WATCHPT_LOW;
	struct kvm_debug_hit hit = {
		.pc = *vcpu_pc(vcpu),
		.far = __untagged_addr(vcpu->arch.fault.far_el2),
		.esr = *esr,
		.el1 = vcpu_mode_priv(vcpu),
	};
	struct kvm_debug_share share;
	int slot;

	kvm_arm_share_debug_regs(vcpu, &share);
	slot = watch ? kvm_watch_hit(&share, &hit) : kvm_break_hit(&share, &hit);
	if (slot < 0 && !(share.guests & arch_hwbp_pool(watch ? TYPE_DATA : TYPE_INST)))
		return false;
	if (slot >= 0 && share.placed & BIT(slot)) {
		*esr = kvm_debuggers_esr(&share, *esr, slot);
		return false;
	}
	if (kvm_arm_masks_debug(vcpu, kvm_arm_guest_mdscr(vcpu)))
		kvm_arm_begin_to_step_over(vcpu);
	else
		kvm_arm_give_to_guest(vcpu, *esr);
	return true;
}

/**
 * kvm_arm_guests_debug_exception() - a debug exception of a guest that shares its registers
 * @vcpu: has had it
 * @esr: ESR_EL2, for the debugger
 *
 * A software breakpoint's is the debugger's if it has any; what it has not set it gives to the
 * guest, as ever.
 *
 * Context: process, with the vCPU loaded.
 * Return: true if the guest goes on, false if the exception is for the debugger.
 */
bool kvm_arm_guests_debug_exception(struct kvm_vcpu *vcpu, u64 *esr)
{
	switch (ESR_ELx_EC(*esr)) {
	case ESR_ELx_EC_SOFTSTP_LOW:
		return kvm_arm_stepped(vcpu, *esr);
	case ESR_ELx_EC_BREAKPT_LOW:
	case ESR_ELx_EC_WATCHPT_LOW:
		return guests_hit(vcpu, esr);
	}
	if (vcpu->guest_debug & KVM_GUESTDBG_USE_SW_BP)
		return false;
	kvm_arm_give_to_guest(vcpu, *esr);
	return true;
}
