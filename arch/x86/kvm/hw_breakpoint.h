/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vCPU's debug registers on the CPU that runs it.
 */
#ifndef _ARCH_X86_KVM_HW_BREAKPOINT_H
#define _ARCH_X86_KVM_HW_BREAKPOINT_H

#include <linux/kvm_host.h>

#include <asm/debugreg.h>

/*
 * The DR7 that the vCPU is about to run with. While it runs a guest of its own that
 * one's is in the VMCB or VMCS alone, and all four registers may be enabled.
 */
static inline unsigned long kvm_effective_dr7(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.switch_db_regs & KVM_DEBUGREG_WONT_EXIT || is_guest_mode(vcpu))
		return ~0UL;
	if (vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP)
		return vcpu->arch.guest_debug_dr7;
	return vcpu->arch.dr7;
}

/**
 * kvm_lend_debug_regs() - this vCPU's breakpoints instead of the host's
 * @vcpu: about to be entered
 *
 * Context: interrupts off. hw_breakpoint_take_back() ends it.
 */
static inline void kvm_lend_debug_regs(struct kvm_vcpu *vcpu)
{
	hw_breakpoint_lend(vcpu->arch.eff_db, kvm_effective_dr7(vcpu));
}

/**
 * kvm_lent_dr6() - what a guest may see of DR6
 * @dr6: of its #DB
 * @dr7: that it ran with
 *
 * B0 to B3 may be set for registers that are not enabled (SDM vol. 3, 18.2.3). Such a
 * register may hold an address of the host's, or one of another guest's.
 *
 * Context: any.
 * Return: @dr6 without these.
 */
static inline unsigned long kvm_lent_dr6(unsigned long dr6, unsigned long dr7)
{
	int i;

	for (i = 0; i < KVM_NR_DB_REGS; i++) {
		if (!(dr7 >> (i * DR_ENABLE_SIZE) & (DR_LOCAL_ENABLE | DR_GLOBAL_ENABLE)))
			dr6 &= ~((unsigned long)DR_TRAP0 << i);
	}
	return dr6;
}

#endif /* _ARCH_X86_KVM_HW_BREAKPOINT_H */
