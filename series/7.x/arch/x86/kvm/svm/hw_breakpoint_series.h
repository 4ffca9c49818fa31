/* SPDX-License-Identifier: GPL-2.0 */
/* Where KVM keeps what a step by RFLAGS.TF has to know. */
#ifndef _ARCH_X86_KVM_SVM_HW_BREAKPOINT_SERIES_H
#define _ARCH_X86_KVM_SVM_HW_BREAKPOINT_SERIES_H

#include <linux/kvm_host.h>

#include "svm.h"

/* Has a VMRUN of the guest's not been completed? */
static inline bool svm_vmrun_pends(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.nested_run_pending;
}

/* Can KVM not read the guest's memory? */
static inline bool svm_memory_is_encrypted(struct kvm_vcpu *vcpu)
{
	return is_sev_guest(vcpu);
}

/* Return: where an instruction at @address is, INVALID_GPA if it cannot be fetched. */
static inline gpa_t svm_gpa_to_fetch(struct kvm_vcpu *vcpu, gva_t address, u64 access)
{
	struct kvm_pagewalk *walk = &vcpu->arch.gva_walk;
	struct x86_exception fault;

	return walk->gva_to_gpa(vcpu, walk, address, access | PFERR_FETCH_MASK, &fault);
}

#endif /* _ARCH_X86_KVM_SVM_HW_BREAKPOINT_SERIES_H */
