/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of the debug registers is switched at EL2, or with VHE next to the entry.
 *
 * Breakpoints and watchpoints are not: the host kernel has lent them to the guest
 * before and takes them back after, see ../../../hw_breakpoint.c. MDSCR_EL1 is
 * switched with the other system registers, sysreg-sr.h.
 */
#ifndef __ARM64_KVM_HYP_DEBUG_SR_H__
#define __ARM64_KVM_HYP_DEBUG_SR_H__

#include <linux/kvm_host.h>

#include <asm/kvm_hw_breakpoint.h>
#include <asm/kvm_hyp.h>
#include <asm/sysreg.h>

/* Trapped unless the guest owns the debug registers; then it is in the CPU, too. */
static inline void __debug_switch_mdccint(struct kvm_cpu_context *from,
					  struct kvm_cpu_context *to)
{
	ctxt_sys_reg(from, MDCCINT_EL1) = read_sysreg(mdccint_el1);
	write_sysreg(ctxt_sys_reg(to, MDCCINT_EL1), mdccint_el1);
}

static inline void __debug_switch_to_guest_common(struct kvm_vcpu *vcpu)
{
	if (kvm_arm_wants_debug_regs(vcpu))
		__debug_switch_mdccint(host_data_ptr(host_ctxt), &vcpu->arch.ctxt);
}

static inline void __debug_switch_to_host_common(struct kvm_vcpu *vcpu)
{
	if (kvm_arm_wants_debug_regs(vcpu))
		__debug_switch_mdccint(&vcpu->arch.ctxt, host_data_ptr(host_ctxt));
}

#endif /* __ARM64_KVM_HYP_DEBUG_SR_H__ */
