/* SPDX-License-Identifier: GPL-2.0 */
/* Steps of a vCPU whose guest and debugger share the debug registers. */
#ifndef __ARM64_KVM_HW_BREAKPOINT_STEP_H__
#define __ARM64_KVM_HW_BREAKPOINT_STEP_H__

#include <linux/bits.h>
#include <linux/kvm_host.h>

/*
 * State of a vCPU in vcpu->guest_debug, see hw_breakpoint_step.c: bits that user space cannot set,
 * for they are in no mask of valid ones.
 */
#define STEPS_OVER	BIT(31)
#define OWN_STEP	BIT(30)
#define INACTIVE	BIT(29)
#define RETURN_STEPS	BIT(28)
#define FOLLOWED	BIT(27)
#define STEPPED		BIT(26)
#define EXCLUSIVE	BIT(25)

bool kvm_arm_masks_debug(struct kvm_vcpu *vcpu, u64 mdscr);
void kvm_arm_give_to_guest(struct kvm_vcpu *vcpu, u64 esr);
void kvm_arm_account_for_step(struct kvm_vcpu *vcpu);
bool kvm_arm_stepped(struct kvm_vcpu *vcpu, u64 esr);
void kvm_arm_begin_to_step_over(struct kvm_vcpu *vcpu);
unsigned long kvm_arm_end_steps(struct kvm_vcpu *vcpu, unsigned long control);

#endif /* __ARM64_KVM_HW_BREAKPOINT_STEP_H__ */
