/* SPDX-License-Identifier: GPL-2.0 */
/* The debugger's single-step by the monitor trap flag: hw_breakpoint_step.c. */
#ifndef _ARCH_X86_KVM_VMX_HW_BREAKPOINT_STEP_H
#define _ARCH_X86_KVM_VMX_HW_BREAKPOINT_STEP_H

#include <linux/types.h>

struct kvm_vcpu;

void vmx_begin_step(struct kvm_vcpu *vcpu);
bool vmx_end_step(struct kvm_vcpu *vcpu);
int vmx_handle_step(struct kvm_vcpu *vcpu);

#endif /* _ARCH_X86_KVM_VMX_HW_BREAKPOINT_STEP_H */
