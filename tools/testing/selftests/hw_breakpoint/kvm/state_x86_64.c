// SPDX-License-Identifier: GPL-2.0
/* x86: what a VMM moves to another machine, of a vCPU that may run a guest's guest. */
#include <stdio.h>
#include <sys/ioctl.h>

#include "vmm.h"

/*
 * What the guest's hypervisor needs: IA32_FEATURE_CONTROL of VMX, VM_HSAVE_PA of SVM; STAR, LSTAR
 * and SYSCALL's mask
 */
static const uint32_t msrs[] = { 0x3a, 0xc0010117, 0xc0000081, 0xc0000082, 0xc0000084 };

static struct {
	struct kvm_vcpu_events events;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_debugregs debugregs;
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msr[ARRAY_SIZE(msrs)];
	bool has_msr[ARRAY_SIZE(msrs)];
	union {
		struct kvm_nested_state state;
		uint8_t room[16384];
	} nested;
} saved;

/* Each CPU has one of them. */
static void save_msrs(const struct vcpu *vcpu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		saved.msr[i].head.nmsrs = 1;
		saved.msr[i].entry.index = msrs[i];
		saved.has_msr[i] = ioctl(vcpu->fd, KVM_GET_MSRS, &saved.msr[i]) == 1;
	}
}

static void load_msrs(const struct vcpu *vcpu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		if (saved.has_msr[i] && ioctl(vcpu->fd, KVM_SET_MSRS, &saved.msr[i]) != 1)
			die("KVM_SET_MSRS");
	}
}

/* The events come first: what they say of an exception is in the registers from then on. */
void arch_save(const struct vcpu *vcpu)
{
	saved.nested.state.size = sizeof(saved.nested);
	must_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &saved.events, "KVM_GET_VCPU_EVENTS");
	must_ioctl(vcpu->fd, KVM_GET_NESTED_STATE, &saved.nested, "KVM_GET_NESTED_STATE");
	must_ioctl(vcpu->fd, KVM_GET_SREGS, &saved.sregs, "KVM_GET_SREGS");
	must_ioctl(vcpu->fd, KVM_GET_REGS, &saved.regs, "KVM_GET_REGS");
	must_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &saved.debugregs, "KVM_GET_DEBUGREGS");
	save_msrs(vcpu);
}

/* KVM_SET_REGS drops an exception that is pending, so the events come last. */
void arch_load(const struct vcpu *vcpu)
{
	load_msrs(vcpu);
	must_ioctl(vcpu->fd, KVM_SET_SREGS, &saved.sregs, "KVM_SET_SREGS");
	must_ioctl(vcpu->fd, KVM_SET_NESTED_STATE, &saved.nested, "KVM_SET_NESTED_STATE");
	must_ioctl(vcpu->fd, KVM_SET_REGS, &saved.regs, "KVM_SET_REGS");
	must_ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &saved.debugregs, "KVM_SET_DEBUGREGS");
	must_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &saved.events, "KVM_SET_VCPU_EVENTS");
}
