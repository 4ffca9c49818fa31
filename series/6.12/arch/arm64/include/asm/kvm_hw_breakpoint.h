/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who has a vCPU's debug registers, as KVM keeps it: a flag for the
 * guest that has written one, and a pointer to what is to be loaded. KVM decides both at
 * each entry.
 */
#ifndef _ASM_ARM64_KVM_HW_BREAKPOINT_H
#define _ASM_ARM64_KVM_HW_BREAKPOINT_H

#include <linux/kvm_host.h>

#include <asm/debug-monitors.h>
#include <asm/kvm_emulate.h>

/* Has the guest accessed a debug register, so that it may own them for one entry? */
static inline bool kvm_arm_wants_debug_regs(struct kvm_vcpu *vcpu)
{
	return vcpu_get_flag(vcpu, DEBUG_DIRTY);
}

/* That entry is over: accesses are trapped in the next one. */
static inline void kvm_arm_end_debug_turn(struct kvm_vcpu *vcpu)
{
	vcpu_clear_flag(vcpu, DEBUG_DIRTY);
}

/* What is lent: the guest's, or those of its debugger */
static inline struct kvm_guest_debug_arch *kvm_arm_debug_regs(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.debug_ptr;
}

/* What the entry loads */
static inline u64 kvm_arm_entry_mdscr(struct kvm_vcpu *vcpu)
{
	return vcpu_read_sys_reg(vcpu, MDSCR_EL1);
}

/* The guest's own: what it was before KVM changed it for a debugger */
static inline u64 kvm_arm_guest_mdscr(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.guest_debug_preserved.mdscr_el1;
}

/* The vCPU is debugged in another way from its next entry on. */
static inline void kvm_arm_change_debug(struct kvm_vcpu *vcpu, unsigned long debug)
{
	vcpu->guest_debug = debug;
}

/* The guest's own PSTATE.SS: between two entries, in each of which KVM may put another there */
static inline bool kvm_arm_guests_step(const struct kvm_vcpu *vcpu)
{
	return *vcpu_cpsr(vcpu) & DBG_SPSR_SS;
}

static inline void kvm_arm_set_guests_step(struct kvm_vcpu *vcpu, bool set)
{
	*vcpu_cpsr(vcpu) &= ~DBG_SPSR_SS;
	if (set)
		*vcpu_cpsr(vcpu) |= DBG_SPSR_SS;
}

/*
 * An exception is about to be given to the guest, and will save it; or, if the vCPU is entered
 * first, the other.
 */
static inline void kvm_arm_show_guests_step(struct kvm_vcpu *vcpu)
{
}

/* Has the vCPU that is stepped executed an instruction, so that only the exception is to come? */
static inline bool kvm_arm_step_is_over(const struct kvm_vcpu *vcpu)
{
	return vcpu_get_flag(vcpu, DBG_SS_ACTIVE_PENDING);
}

/* A step of KVM's own will not be reported; the vCPU does not run. */
static inline void kvm_arm_forget_step(struct kvm_vcpu *vcpu)
{
	vcpu_clear_flag(vcpu, DBG_SS_ACTIVE_PENDING);
}

/* A step has been reported. */
static inline void kvm_arm_end_step(struct kvm_vcpu *vcpu)
{
	vcpu_clear_flag(vcpu, DBG_SS_ACTIVE_PENDING);
}

/*
 * The vCPU leaves to user space behind an instruction that KVM has emulated: with that the step is
 * over, and is reported before the next one.
 */
static inline void kvm_arm_keep_step(struct kvm_vcpu *vcpu)
{
	if (vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP &&
	    !vcpu_get_flag(vcpu, PENDING_EXCEPTION) && vcpu_get_flag(vcpu, INCREMENT_PC))
		vcpu_set_flag(vcpu, DBG_SS_ACTIVE_PENDING);
}

#endif /* _ASM_ARM64_KVM_HW_BREAKPOINT_H */
