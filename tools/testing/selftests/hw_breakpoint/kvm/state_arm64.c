// SPDX-License-Identifier: GPL-2.0
/* arm64: what a VMM moves to another machine, of a vCPU: all registers that KVM has a list of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm.h"

#define REG_BYTES(id)	(1u << (((id) & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT))
#define MAX_BYTES	256	/* of the largest, of SVE */

static struct kvm_reg_list *list;
static uint8_t (*values)[MAX_BYTES];
static struct kvm_vcpu_events events;

static void make_list(const struct vcpu *vcpu)
{
	struct kvm_reg_list none = { 0 };

	if (list)
		return;
	if (!ioctl(vcpu->fd, KVM_GET_REG_LIST, &none) || errno != E2BIG)
		die("KVM_GET_REG_LIST, the number");
	list = calloc(none.n + 1, sizeof(uint64_t));
	values = calloc(none.n, sizeof(*values));
	if (!list || !values)
		die("memory");
	list->n = none.n;
	must_ioctl(vcpu->fd, KVM_GET_REG_LIST, list, "KVM_GET_REG_LIST");
}

static void all_regs(const struct vcpu *vcpu, unsigned long request, const char *what)
{
	uint64_t i;

	for (i = 0; i < list->n; i++) {
		struct kvm_one_reg reg = { .id = list->reg[i], .addr = (uintptr_t)values[i] };

		if (REG_BYTES(reg.id) > MAX_BYTES)
			die("a register that is too large");
		must_ioctl(vcpu->fd, request, &reg, what);
	}
}

void arch_save(const struct vcpu *vcpu)
{
	make_list(vcpu);
	all_regs(vcpu, KVM_GET_ONE_REG, "KVM_GET_ONE_REG");
	must_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events, "KVM_GET_VCPU_EVENTS");
}

void arch_load(const struct vcpu *vcpu)
{
	all_regs(vcpu, KVM_SET_ONE_REG, "KVM_SET_ONE_REG");
	must_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events, "KVM_SET_VCPU_EVENTS");
}
