/* SPDX-License-Identifier: GPL-2.0 */
/* The debugger's single-step by RFLAGS.TF, which is the guest's: hw_breakpoint_step.c. */
#ifndef _ARCH_X86_KVM_SVM_HW_BREAKPOINT_STEP_H
#define _ARCH_X86_KVM_SVM_HW_BREAKPOINT_STEP_H

#include <linux/types.h>

struct kvm_vcpu;

bool svm_prepare_step(struct kvm_vcpu *vcpu);
void svm_begin_step(struct kvm_vcpu *vcpu);
bool svm_end_step(struct kvm_vcpu *vcpu);
int svm_split_db(struct kvm_vcpu *vcpu, bool own_step);

#endif /* _ARCH_X86_KVM_SVM_HW_BREAKPOINT_STEP_H */
