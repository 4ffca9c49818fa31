/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who has a vCPU's debug registers, as KVM keeps it: debug_owner,
 * which with MDCR_EL2 is decided when the vCPU is loaded. Then nobody owns them, or the
 * guest's debugger does; the guest becomes the owner with the next access that is trapped.
 */
#ifndef _ASM_ARM64_KVM_HW_BREAKPOINT_H
#define _ASM_ARM64_KVM_HW_BREAKPOINT_H

#include <linux/kvm_host.h>
#include <linux/preempt.h>
#include <linux/smp.h>

#include <asm/debug-monitors.h>
#include <asm/kvm_arm.h>
#include <asm/kvm_emulate.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

/* Has the guest accessed a debug register, so that it may own them for one entry? */
static inline bool kvm_arm_wants_debug_regs(struct kvm_vcpu *vcpu)
{
	return kvm_guest_owns_debug_regs(vcpu);
}

/* That entry is over: accesses are trapped in the next one. The vCPU stays loaded. */
static inline void kvm_arm_end_debug_turn(struct kvm_vcpu *vcpu)
{
	vcpu->arch.debug_owner = VCPU_DEBUG_FREE;
	vcpu->arch.mdcr_el2 |= MDCR_EL2_TDA;
	if (has_vhe())
		write_sysreg(vcpu->arch.mdcr_el2, mdcr_el2);
}

/* What is lent: the guest's, or those of its debugger */
static inline struct kvm_guest_debug_arch *kvm_arm_debug_regs(struct kvm_vcpu *vcpu)
{
	return kvm_host_owns_debug_regs(vcpu) ? &vcpu->arch.external_debug_state :
						&vcpu->arch.vcpu_debug_state;
}

/*
 * What the entry loads. Between two entries KVM has MDSCR_EL1 in memory. At each entry
 * vcpu_read_sys_reg() would find that out again, in a hundred instructions.
 */
static inline u64 kvm_arm_entry_mdscr(struct kvm_vcpu *vcpu)
{
	return kvm_host_owns_debug_regs(vcpu) ? vcpu->arch.external_mdscr_el1 :
						__vcpu_sys_reg(vcpu, MDSCR_EL1);
}

/* The guest's own, which the entry may not load */
static inline u64 kvm_arm_guest_mdscr(struct kvm_vcpu *vcpu)
{
	return __vcpu_sys_reg(vcpu, MDSCR_EL1);
}

/* The vCPU is debugged in another way from its next entry on: what that loads goes by it. */
static inline void kvm_arm_change_debug(struct kvm_vcpu *vcpu, unsigned long debug)
{
	guard(preempt)();
	kvm_arch_vcpu_put(vcpu);
	vcpu->guest_debug = debug;
	kvm_arch_vcpu_load(vcpu, smp_processor_id());
}

/* Is the PSTATE.SS that the vCPU has the debugger's, and the guest's in a flag? */
static inline bool kvm_arm_hides_guests_step(const struct kvm_vcpu *vcpu)
{
	return vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP && vcpu->cpu != -1;
}

/* The guest's own PSTATE.SS */
static inline bool kvm_arm_guests_step(const struct kvm_vcpu *vcpu)
{
	return kvm_arm_hides_guests_step(vcpu) ? !vcpu_get_flag(vcpu, GUEST_SS_ACTIVE_PENDING) :
						 *vcpu_cpsr(vcpu) & DBG_SPSR_SS;
}

static inline void kvm_arm_set_guests_step(struct kvm_vcpu *vcpu, bool set)
{
	if (!kvm_arm_hides_guests_step(vcpu)) {
		*vcpu_cpsr(vcpu) &= ~DBG_SPSR_SS;
		if (set)
			*vcpu_cpsr(vcpu) |= DBG_SPSR_SS;
	} else if (set) {
		vcpu_clear_flag(vcpu, GUEST_SS_ACTIVE_PENDING);
	} else {
		vcpu_set_flag(vcpu, GUEST_SS_ACTIVE_PENDING);
	}
}

/*
 * An exception of the guest's is about to be given to the guest, and will save it. The debugger's
 * is clear then, in any case.
 */
static inline void kvm_arm_show_guests_step(struct kvm_vcpu *vcpu)
{
	if (kvm_arm_hides_guests_step(vcpu) && !kvm_arm_guests_step(vcpu))
		*vcpu_cpsr(vcpu) &= ~DBG_SPSR_SS;
}

/* Has the vCPU that is stepped executed an instruction, so that only the exception is to come? */
static inline bool kvm_arm_step_is_over(const struct kvm_vcpu *vcpu)
{
	return vcpu->cpu == -1 ? vcpu_get_flag(vcpu, HOST_SS_ACTIVE_PENDING) :
				 !(*vcpu_cpsr(vcpu) & DBG_SPSR_SS);
}

/* A step of KVM's own will not be reported; the vCPU does not run. */
static inline void kvm_arm_forget_step(struct kvm_vcpu *vcpu)
{
	vcpu_clear_flag(vcpu, HOST_SS_ACTIVE_PENDING);
}

/* A step has been reported: PSTATE.SS is the host's until the vCPU is put. */
static inline void kvm_arm_end_step(struct kvm_vcpu *vcpu)
{
	*vcpu_cpsr(vcpu) |= DBG_SPSR_SS;
}

/* The vCPU leaves to user space: whether the step is over is looked at when it is put. */
static inline void kvm_arm_keep_step(struct kvm_vcpu *vcpu)
{
}

#endif /* _ASM_ARM64_KVM_HW_BREAKPOINT_H */
