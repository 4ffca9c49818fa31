// SPDX-License-Identifier: GPL-2.0
/*
 * Steps of a vCPU whose guest and debugger share the debug registers: the debugger's, the guest's
 * own, and those with which KVM gets over what the guest has masked.
 *
 * All step exceptions come to EL2 (MDCR_EL2.TDE), so they cannot be masked: with MDSCR_EL1.SS as
 * the guest has it, its handler of step exceptions would be stepped as well. So KVM steps over each
 * instruction of a guest that has steps on, keeps the guest's PSTATE.SS apart from the one that is
 * KVM's or the debugger's, and does to it what the CPU would have done (D2.12):
 *
 *	an exception is taken			saved in SPSR_EL1, then cleared
 *	an instruction, steps are active	cleared
 *	a return to where they are active	loaded from SPSR_EL1
 *
 * The guest's own step exception is due where its steps are active and its PSTATE.SS is clear.
 *
 * State of a vCPU, in vcpu->guest_debug:
 *
 *	STEPS_OVER	nothing of the guest's is lent; from a masked hit to the step exception
 *	OWN_STEP	a step exception is KVM's alone, the debugger does not step
 *	INACTIVE	the guest's steps are not active where it has been entered
 *	RETURN_STEPS	SPSR_EL1 had PSTATE.SS there
 *	FOLLOWED	a step exception will come of an instruction that has been accounted for
 *	STEPPED		a step exception has come, and the guest has not been entered since
 *	EXCLUSIVE	nobody steps for the guest until the next exit
 *
 * KVM_SET_GUEST_DEBUG ends STEPS_OVER and OWN_STEP at any moment: the instruction hits again, if it
 * has not been executed, and is stepped over again.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */

#include <linux/kvm_host.h>

#include <asm/daifflags.h>
#include <asm/debug-monitors.h>
#include <asm/esr.h>
#include <asm/kvm_emulate.h>
#include <asm/kvm_hw_breakpoint.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>

#include "hw_breakpoint.h"
#include "hw_breakpoint_step.h"

/* ISS of a step exception: an exclusive load was stepped over; what a debug exception's has */
#define ISS_EX		BIT(6)
#define ISS_DEBUG	0x22

#define VECTORS_SIZE	0x800
#define VECTOR_SIZE	0x80

static bool at_el1(struct kvm_vcpu *vcpu)
{
	return vcpu_mode_priv(vcpu);
}

/* Not while the OS lock is set (OSLSR_EL1.OSLK) */
static bool steps_on(struct kvm_vcpu *vcpu)
{
	return vcpu_read_sys_reg(vcpu, MDSCR_EL1) & MDSCR_EL1_SS &&
	       !kvm_vcpu_os_lock_enabled(vcpu);
}

static bool steps_active(struct kvm_vcpu *vcpu)
{
	return steps_on(vcpu) &&
	       !kvm_arm_masks_debug(vcpu, vcpu_read_sys_reg(vcpu, MDSCR_EL1));
}

/**
 * kvm_arm_masks_debug() - does the guest not take debug exceptions where it is?
 * @vcpu: any
 * @mdscr: its own MDSCR_EL1
 *
 * At EL1, by PSTATE.D or KDE. An unprivileged access hits there what is watched at EL0, but not
 * then.
 *
 * Context: any.
 * Return: whether it does not.
 */
bool kvm_arm_masks_debug(struct kvm_vcpu *vcpu, u64 mdscr)
{
	return at_el1(vcpu) && (*vcpu_cpsr(vcpu) & PSR_D_BIT || !(mdscr & MDSCR_EL1_KDE));
}

/* Where an exception has come from */
static bool steps_were_active(struct kvm_vcpu *vcpu, u64 spsr)
{
	u64 mdscr = vcpu_read_sys_reg(vcpu, MDSCR_EL1);
	bool from_el0 = (spsr & PSR_MODE_MASK) == PSR_MODE_EL0t;

	return steps_on(vcpu) && (from_el0 || (mdscr & MDSCR_EL1_KDE && !(spsr & PSR_D_BIT)));
}

/**
 * kvm_arm_give_to_guest() - a debug exception as it would have come without TDE
 * @vcpu: has it
 * @esr: ESR_EL2
 *
 * Context: process. KVM does the rest before the next entry.
 */
void kvm_arm_give_to_guest(struct kvm_vcpu *vcpu, u64 esr)
{
	u64 ec = ESR_ELx_EC(esr);

	if (ec == ESR_ELx_EC_WATCHPT_LOW)
		vcpu_write_sys_reg(vcpu, vcpu->arch.fault.far_el2, FAR_EL1);
	/* Each class is followed by the one for the same level, but for the instruction's. */
	if (at_el1(vcpu) && ec != ESR_ELx_EC_BRK64)
		esr += BIT(ESR_ELx_EC_SHIFT);
	vcpu_write_sys_reg(vcpu, esr, ESR_EL1);
	kvm_arm_show_guests_step(vcpu);
	kvm_pend_exception(vcpu, EXCEPT_AA64_EL1_SYNC);
}

/* ---- the guest's PSTATE.SS ---- */

/* A vector's first instruction: nobody jumps there. */
static bool has_taken_exception(struct kvm_vcpu *vcpu)
{
	u64 offset = *vcpu_pc(vcpu) - vcpu_read_sys_reg(vcpu, VBAR_EL1);

	return at_el1(vcpu) && offset < VECTORS_SIZE && !(offset % VECTOR_SIZE);
}

/*
 * From where steps were not active. To EL0 nothing else leads. At EL1 it may be that PSTATE.D has
 * been cleared, hardly where and how a return would have led as well.
 */
static bool has_returned(struct kvm_vcpu *vcpu)
{
	u64 spsr = vcpu_read_sys_reg(vcpu, SPSR_EL1);

	return !at_el1(vcpu) || (*vcpu_pc(vcpu) == vcpu_read_sys_reg(vcpu, ELR_EL1) &&
				 !((*vcpu_cpsr(vcpu) ^ spsr) & (PSR_MODE_MASK | DAIF_MASK)));
}

/*
 * An exception has saved the PSTATE.SS of who steps, in the place of the guest's. It was set if no
 * instruction has been executed. If one has, an interrupt may have come behind it and before the
 * step exception: behind a return PSTATE.SS is what SPSR_EL1 had before.
 */
static void mend_saved_step(struct kvm_vcpu *vcpu)
{
	u64 spsr = vcpu_read_sys_reg(vcpu, SPSR_EL1);
	bool guests;

	if (spsr & DBG_SPSR_SS)
		guests = kvm_arm_guests_step(vcpu);
	else
		guests = vcpu->guest_debug & INACTIVE && vcpu->guest_debug & RETURN_STEPS &&
			 steps_were_active(vcpu, spsr);
	spsr &= ~DBG_SPSR_SS;
	vcpu_write_sys_reg(vcpu, spsr | (guests ? DBG_SPSR_SS : 0), SPSR_EL1);
}

/* inactive, active -> active, inactive; an instruction has been stepped over */
static void follow(struct kvm_vcpu *vcpu)
{
	u64 spsr = vcpu_read_sys_reg(vcpu, SPSR_EL1);

	if (has_taken_exception(vcpu)) {
		mend_saved_step(vcpu);
		kvm_arm_set_guests_step(vcpu, false);
	} else if (!(vcpu->guest_debug & INACTIVE)) {
		kvm_arm_set_guests_step(vcpu, false);
	} else if (steps_active(vcpu)) {
		kvm_arm_set_guests_step(vcpu, has_returned(vcpu) && spsr & DBG_SPSR_SS);
	}
}

/* An interrupt has come behind an instruction that has been accounted for. */
static void follow_interrupt(struct kvm_vcpu *vcpu)
{
	u64 spsr = vcpu_read_sys_reg(vcpu, SPSR_EL1);

	if (!kvm_arm_guests_step(vcpu) || !has_taken_exception(vcpu))
		return;
	vcpu_write_sys_reg(vcpu, spsr | DBG_SPSR_SS, SPSR_EL1);
	kvm_arm_set_guests_step(vcpu, false);
}

/* Not -> FOLLOWED */
static void account(struct kvm_vcpu *vcpu)
{
	if (vcpu->guest_debug & FOLLOWED)
		follow_interrupt(vcpu);
	else
		follow(vcpu);
	vcpu->guest_debug |= FOLLOWED;
}

/* A step exception of the guest's; ISV and EX are known of the instruction before it alone. */
static u64 step_syndrome(struct kvm_vcpu *vcpu)
{
	if (vcpu->guest_debug & STEPPED)
		return kvm_vcpu_get_esr(vcpu);
	return (u64)ESR_ELx_EC_SOFTSTP_LOW << ESR_ELx_EC_SHIFT | ESR_ELx_IL | ISS_DEBUG;
}

/* ---- who steps ---- */

/* An instruction has been stepped over, and the step exception is still to come. */
static bool step_is_over(const struct kvm_vcpu *vcpu)
{
	return vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP && kvm_arm_step_is_over(vcpu);
}

/* KVM steps, does not -> does not, steps; the debugger's steps do for both */
static void step_if(struct kvm_vcpu *vcpu, bool wanted)
{
	unsigned long debug = vcpu->guest_debug;

	if (wanted && !(debug & KVM_GUESTDBG_SINGLESTEP))
		debug |= OWN_STEP | KVM_GUESTDBG_SINGLESTEP;
	else if (!wanted && debug & OWN_STEP)
		debug &= ~(OWN_STEP | KVM_GUESTDBG_SINGLESTEP);
	if (debug != vcpu->guest_debug)
		kvm_arm_change_debug(vcpu, debug);
}

/**
 * kvm_arm_account_for_step() - what the vCPU's registers say of steps is the guest's
 * @vcpu: shares its registers, and has been left
 *
 * User space may be about to read them.
 *
 * Context: process, with the vCPU loaded.
 */
void kvm_arm_account_for_step(struct kvm_vcpu *vcpu)
{
	if (vcpu_get_flag(vcpu, PENDING_EXCEPTION)) {
		kvm_arm_show_guests_step(vcpu);
	} else if (vcpu_get_flag(vcpu, INCREMENT_PC)) {
		/* what KVM has emulated is executed */
		kvm_arm_set_guests_step(vcpu, false);
	} else if (step_is_over(vcpu)) {
		account(vcpu);
	}
}

/* What was noted of the last entry -> what is to be known of the next one */
static void note_entry(struct kvm_vcpu *vcpu, bool active)
{
	unsigned long debug = vcpu->guest_debug & ~(INACTIVE | RETURN_STEPS);

	if (!active)
		debug |= INACTIVE;
	if (vcpu_read_sys_reg(vcpu, SPSR_EL1) & DBG_SPSR_SS)
		debug |= RETURN_STEPS;
	/* EXCLUSIVE -> not, STEPS_OVER -> not: at the first exit behind that step */
	if (debug & EXCLUSIVE && !(debug & STEPPED))
		debug &= ~(EXCLUSIVE | STEPS_OVER);
	vcpu->guest_debug = debug;
}

/**
 * kvm_arm_prepare_steps() - who steps, and is the guest's own exception due?
 * @vcpu: shares its registers, and is about to be entered
 *
 * Context: process, with the vCPU loaded.
 */
void kvm_arm_prepare_steps(struct kvm_vcpu *vcpu)
{
	bool active = steps_active(vcpu), wanted;

	/* that one comes first, and it is known only then what the guest's has become */
	if (step_is_over(vcpu))
		return;
	note_entry(vcpu, active);
	wanted = vcpu->guest_debug & STEPS_OVER || steps_on(vcpu);
	/* before anything is written: under protected mode that brings the registers here */
	step_if(vcpu, wanted && !(vcpu->guest_debug & EXCLUSIVE));
	if (active && !kvm_arm_guests_step(vcpu) && !vcpu_get_flag(vcpu, PENDING_EXCEPTION) &&
	    !vcpu_get_flag(vcpu, INCREMENT_PC))
		kvm_arm_give_to_guest(vcpu, step_syndrome(vcpu));
	vcpu->guest_debug &= ~STEPPED;
}

/**
 * kvm_arm_stepped() - a step exception
 * @vcpu: shares its registers, and has had it
 * @esr: ESR_EL2
 *
 * FOLLOWED -> STEPPED, STEPS_OVER -> not. But an exclusive load cannot be stepped over together
 * with its store, for each exit clears the monitor: where the guest masks debug exceptions it goes
 * on alone until the next exit, EXCLUSIVE, and nothing of its own is lent until then if that was
 * so. A step of the guest's may come late by that.
 *
 * Context: process, with the vCPU loaded.
 * Return: true if the guest goes on, false if the exception is for the debugger.
 */
bool kvm_arm_stepped(struct kvm_vcpu *vcpu, u64 esr)
{
	bool own = vcpu->guest_debug & OWN_STEP;

	account(vcpu);
	vcpu->guest_debug &= ~FOLLOWED;
	vcpu->guest_debug |= STEPPED;
	if (own && esr & ISS_EX && kvm_arm_masks_debug(vcpu, vcpu_read_sys_reg(vcpu, MDSCR_EL1)))
		vcpu->guest_debug |= EXCLUSIVE;
	else
		vcpu->guest_debug &= ~STEPS_OVER;
	if (own)
		kvm_arm_end_step(vcpu);
	return own;
}

/**
 * kvm_arm_begin_to_step_over() - nothing of the guest's is there for one instruction
 * @vcpu: shares its registers, and has hit what the guest has masked
 *
 * Not -> STEPS_OVER
 *
 * Context: process, with the vCPU loaded.
 */
void kvm_arm_begin_to_step_over(struct kvm_vcpu *vcpu)
{
	vcpu->guest_debug |= STEPS_OVER;
}

/**
 * kvm_arm_end_steps() - the debugger changes what it wants
 * @vcpu: debugged so far, or not; it is not loaded
 * @control: what the debugger wants
 *
 * An instruction may have been stepped over while its exception has not come yet. It has been
 * accounted for. Nobody waits for the exception any more if that step was KVM's own, or the
 * debugger does not step on.
 *
 * Context: process, with the vCPU's mutex.
 * Return: the state that the vCPU keeps
 */
unsigned long kvm_arm_end_steps(struct kvm_vcpu *vcpu, unsigned long control)
{
	if (!kvm_shares_debug_regs(vcpu) || !step_is_over(vcpu))
		return 0;
	if (!(vcpu->guest_debug & OWN_STEP) && control & KVM_GUESTDBG_SINGLESTEP)
		return control & KVM_GUESTDBG_SHARE_HW ? FOLLOWED : 0;
	kvm_arm_forget_step(vcpu);
	return 0;
}
