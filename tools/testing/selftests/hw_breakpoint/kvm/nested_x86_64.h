/* SPDX-License-Identifier: GPL-2.0 */
/* A guest of the guest's: what SVM and VMX have in common. */
#ifndef _KVM_NESTED_X86_64_H
#define _KVM_NESTED_X86_64_H

#include <linux/kvm.h>

#include "vmm.h"

/* L0 and L1, writes of eight bytes, and bit 10, which is always set */
#define NESTED_DR7	0x990405u
#define DR6_NOTHING	0xffff0ff0u
#define DR6_STEP	0xffff4ff0u
/* Its stack is a piece of the guest's */
#define NESTED_STACK	(VCPU_STRIDE - 0x800)

/**
 * struct nesting - how a guest runs one of its own
 * @allow: lets the guest do so; @sregs, which it has, may change. False if KVM cannot
 * @fill: writes what it shall start with, the registers of @sregs
 * @left_as_asked: it has left by the instruction that calls its hypervisor
 * @dr7: what its hypervisor has been given back
 * @dr6: what it finds in DR6 where its hypervisor has DR6_STEP there
 */
struct nesting {
	bool (*allow)(const struct vcpu *vcpu, struct kvm_sregs *sregs);
	void (*fill)(const struct vcpu *vcpu, const struct kvm_sregs *sregs);
	bool (*left_as_asked)(const struct vcpu *vcpu);
	uint64_t (*dr7)(const struct vcpu *vcpu);
	uint64_t dr6;
};

extern const struct nesting nesting_svm, nesting_vmx;

const struct nesting *nested_allow(const struct vcpu *vcpu);
/* Return: whether KVM takes the value of an MSR. */
bool nested_set_msr(const struct vcpu *vcpu, uint32_t index, uint64_t value);

#endif
