// SPDX-License-Identifier: GPL-2.0
/* A guest of the guest's, by SVM. Its DR7 is its own, in the VMCB. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "nested_x86_64.h"

/* AMD APM vol. 2, appendix B */
#define VMCB_INTERCEPTS	0x010	/* VMRUN, VMMCALL */
#define VMCB_ASID	0x058
#define VMCB_EXIT	0x070
#define VMCB_CLEAN	0x0c0
#define VMCB_ES		0x400
#define VMCB_CS		0x410
#define VMCB_SS		0x420
#define VMCB_DS		0x430
#define VMCB_GDTR	0x460
#define VMCB_IDTR	0x480
#define VMCB_EFER	0x4d0
#define VMCB_CR4	0x548
#define VMCB_CR3	0x550
#define VMCB_CR0	0x558
#define VMCB_DR7	0x560
#define VMCB_DR6	0x568
#define VMCB_RFLAGS	0x570
#define VMCB_RSP	0x5d8
#define VMCB_PAT	0x668

#define EFER_SVME	(1u << 12)
#define MSR_HSAVE	0xc0010117
#define EXIT_VMMCALL	0x81
/* 15.15.3: DR6 and DR7 are as the last VMRUN has loaded them */
#define CLEAN_DRX	(1u << 6)

static uint8_t *vmcb(const struct vcpu *vcpu)
{
	return (uint8_t *)vcpu->block + BLOCK_VMCB;
}

static void put(const struct vcpu *vcpu, unsigned int offset, uint64_t value)
{
	memcpy(vmcb(vcpu) + offset, &value, sizeof(value));
}

static uint64_t get(const struct vcpu *vcpu, unsigned int offset)
{
	uint64_t value;

	memcpy(&value, vmcb(vcpu) + offset, sizeof(value));
	return value;
}

static void put_segment(const struct vcpu *vcpu, unsigned int offset, unsigned int selector,
			unsigned int attributes, uint64_t base, uint32_t limit)
{
	put(vcpu, offset, selector | attributes << 16 | (uint64_t)limit << 32);
	put(vcpu, offset + 8, base);
}

/* The same memory and the same handler of #DB */
static void fill(const struct vcpu *vcpu, const struct kvm_sregs *s)
{
	put(vcpu, VMCB_INTERCEPTS, 3);
	put(vcpu, VMCB_ASID, 1);
	put(vcpu, VMCB_CLEAN, CLEAN_DRX);
	put_segment(vcpu, VMCB_ES, s->es.selector, 0xc93, 0, ~0u);
	put_segment(vcpu, VMCB_CS, s->cs.selector, 0xa9b, 0, ~0u);
	put_segment(vcpu, VMCB_SS, s->ss.selector, 0xc93, 0, ~0u);
	put_segment(vcpu, VMCB_DS, s->ds.selector, 0xc93, 0, ~0u);
	put_segment(vcpu, VMCB_GDTR, 0, 0, s->gdt.base, s->gdt.limit);
	put_segment(vcpu, VMCB_IDTR, 0, 0, s->idt.base, s->idt.limit);
	put(vcpu, VMCB_EFER, s->efer);
	put(vcpu, VMCB_CR4, s->cr4);
	put(vcpu, VMCB_CR3, s->cr3);
	put(vcpu, VMCB_CR0, s->cr0);
	put(vcpu, VMCB_DR7, NESTED_DR7);
	put(vcpu, VMCB_DR6, DR6_NOTHING);
	put(vcpu, VMCB_RFLAGS, 2);
	put(vcpu, VMCB_RSP, (uintptr_t)vcpu->block + NESTED_STACK);
	put(vcpu, VMCB_PAT, 0x0007040600070406);
}

/* Where the guest's own state is saved, nobody looks. */
static bool allow(const struct vcpu *vcpu, struct kvm_sregs *s)
{
	s->efer |= EFER_SVME;
	return !ioctl(vcpu->fd, KVM_SET_SREGS, s) &&
	       nested_set_msr(vcpu, MSR_HSAVE, (uintptr_t)vcpu->vm->ram + RAM_CODE - 0x1000);
}

static bool left_as_asked(const struct vcpu *vcpu)
{
	return get(vcpu, VMCB_EXIT) == EXIT_VMMCALL;
}

static uint64_t dr7(const struct vcpu *vcpu)
{
	return get(vcpu, VMCB_DR7);
}

const struct nesting nesting_svm = {
	.allow		= allow,
	.fill		= fill,
	.left_as_asked	= left_as_asked,
	.dr7		= dr7,
	.dr6		= DR6_NOTHING,
};
