/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vCPU's breakpoint and watchpoint registers on the CPU that runs it.
 */
#ifndef __ARM64_KVM_HW_BREAKPOINT_H__
#define __ARM64_KVM_HW_BREAKPOINT_H__

#include <linux/hw_breakpoint_arch.h>
#include <linux/kvm_debug_share.h>
#include <linux/kvm_host.h>
#include <linux/percpu.h>

#include <asm/hw_breakpoint.h>
#include <asm/kvm_arm.h>
#include <asm/kvm_hw_breakpoint.h>

struct kvm_debug_share;
struct sys_reg_desc;

u32 kvm_arm_guest_slots(struct kvm *kvm);
bool kvm_arm_debug_regs_valid(u64 dfr0);
unsigned int kvm_arm_debug_reg_visibility(const struct kvm_vcpu *vcpu,
					  const struct sys_reg_desc *desc);
unsigned int kvm_arm_free_debug_regs(struct kvm *kvm, enum bp_type_idx type);
void __kvm_arm_lend_debug_regs(struct kvm_vcpu *vcpu);
void __kvm_arm_take_back_debug_regs(struct kvm_vcpu *vcpu);

/* hw_breakpoint_debugger.c */
void kvm_arm_share_debug_regs(struct kvm_vcpu *vcpu, struct kvm_debug_share *share);
bool kvm_arm_may_share_debug_regs(struct kvm_vcpu *vcpu, const struct kvm_guest_debug *dbg);
void kvm_arm_begin_debug(struct kvm_vcpu *vcpu, unsigned long control);
bool kvm_arm_note_resting(struct kvm_vcpu *vcpu);
bool kvm_arm_guests_debug_exception(struct kvm_vcpu *vcpu, u64 *esr);
int __kvm_arm_exit_handled(struct kvm_vcpu *vcpu, int ret);

/* hw_breakpoint_step.c */
void kvm_arm_prepare_steps(struct kvm_vcpu *vcpu);

/**
 * kvm_arm_hides_debug_regs() - do guests of a VM have fewer registers than there are?
 * @kvm: the VM
 *
 * Context: any.
 * Return: true if they do.
 */
static inline bool kvm_arm_hides_debug_regs(struct kvm *kvm)
{
	return (arch_hwbp_pool(TYPE_INST) | arch_hwbp_pool(TYPE_DATA)) & ~kvm_arm_guest_slots(kvm);
}

/**
 * kvm_arm_may_own_debug_regs() - need its accesses not be trapped?
 * @vcpu: about to be entered
 *
 * Context: cannot be migrated.
 * Return: true if the vCPU has written a debug register, nobody debugs the vCPU, and this CPU has
 * no registers that are hidden from this guest.
 */
static inline bool kvm_arm_may_own_debug_regs(struct kvm_vcpu *vcpu)
{
	return kvm_arm_wants_debug_regs(vcpu) && !vcpu->guest_debug &&
	       !hw_breakpoint_extra_slots() && !kvm_arm_hides_debug_regs(vcpu->kvm);
}

/**
 * kvm_arm_owns_debug_regs() - is this vCPU about to run with its accesses not trapped?
 * @vcpu: with MDCR_EL2 decided
 *
 * Context: any.
 * Return: true if it is.
 */
static inline bool kvm_arm_owns_debug_regs(const struct kvm_vcpu *vcpu)
{
	return !(vcpu->arch.mdcr_el2 & MDCR_EL2_TDA);
}

/**
 * kvm_arm_lend_debug_regs() - this vCPU's breakpoints instead of the host's
 * @vcpu: about to be entered, with MDCR_EL2 and MDSCR_EL1 decided
 *
 * With MDE clear nothing fires, whatever the slots hold (DDI 0487, D2.8). MDE stays clear as
 * long as the guest's accesses to MDSCR_EL1 trap.
 *
 * Context: interrupts off. kvm_arm_take_back_debug_regs() ends it.
 */
static inline void kvm_arm_lend_debug_regs(struct kvm_vcpu *vcpu)
{
	if (unlikely(kvm_arm_owns_debug_regs(vcpu) ||
		     kvm_arm_entry_mdscr(vcpu) & MDSCR_EL1_MDE))
		__kvm_arm_lend_debug_regs(vcpu);
}

/**
 * kvm_arm_take_back_debug_regs() - the host's again
 * @vcpu: has been entered, perhaps
 *
 * The guest is trapped when it writes the next debug register.
 *
 * Context: interrupts off, since kvm_arm_lend_debug_regs().
 */
static inline void kvm_arm_take_back_debug_regs(struct kvm_vcpu *vcpu)
{
	if (unlikely(__this_cpu_read(kvm_debug_loan) != KVM_DEBUG_NOT_LENT))
		__kvm_arm_take_back_debug_regs(vcpu);
	if (unlikely(kvm_arm_wants_debug_regs(vcpu)))
		kvm_arm_end_debug_turn(vcpu);
}

/**
 * kvm_arm_begin_run() - KVM_RUN begins
 * @vcpu: about to run
 *
 * What user space has set of the guest's since the last KVM_RUN is no write of the guest's.
 *
 * Context: process, with the vCPU loaded.
 */
static inline void kvm_arm_begin_run(struct kvm_vcpu *vcpu)
{
	if (kvm_shares_debug_regs(vcpu)) {
		kvm_arm_note_resting(vcpu);
		kvm_arm_prepare_steps(vcpu);
	}
	vcpu->run->flags &= KVM_RUN_DEBUG_RESTED;
}

/**
 * kvm_arm_exit_handled() - leaves to user space where the debugger wants to be told at once
 * @vcpu: has run, and is entered again if it does not leave
 * @ret: what handle_exit() has returned
 *
 * Context: process, with the vCPU loaded.
 * Return: @ret, or 0.
 */
static inline int kvm_arm_exit_handled(struct kvm_vcpu *vcpu, int ret)
{
	return kvm_shares_debug_regs(vcpu) ? __kvm_arm_exit_handled(vcpu, ret) : ret;
}

#endif /* __ARM64_KVM_HW_BREAKPOINT_H__ */
