// SPDX-License-Identifier: GPL-2.0
/*
 * A guest of the guest's, by VMX. Its DR7 is its own, in the VMCS, which only the guest
 * can write: it is given a list of fields and their values.
 */
#include <stdio.h>
#include <sys/ioctl.h>

#include "nested_x86_64.h"

#define CR4_VMXE		(1u << 13)
#define MSR_FEATURE_CONTROL	0x3a
#define FEATURE_LOCKED_VMXON	5
#define MSR_VMX_BASIC		0x480
#define MSR_VMX_TRUE_PINBASED	0x48d
#define MSR_VMX_TRUE_PROCBASED	0x48e
#define MSR_VMX_TRUE_EXIT	0x48f
#define MSR_VMX_TRUE_ENTRY	0x490
#define EXIT_VMCALL		18

/* Intel SDM vol. 3, appendix B */
#define PINBASED		0x4000
#define PROCBASED		0x4002
#define EXIT_CONTROLS		0x400c
#define ENTRY_CONTROLS		0x4012
#define LINK_POINTER		0x2800
#define GUEST_SELECTOR(n)	(0x800u + 2 * (n))
#define GUEST_LIMIT(n)		(0x4800u + 2 * (n))
#define GUEST_ACCESS(n)		(0x4814u + 2 * (n))
#define GUEST_GDTR_LIMIT	0x4810
#define GUEST_IDTR_LIMIT	0x4812
#define GUEST_CR0		0x6800
#define GUEST_CR3		0x6802
#define GUEST_CR4		0x6804
#define GUEST_GDTR_BASE		0x6816
#define GUEST_IDTR_BASE		0x6818
#define GUEST_DR7		0x681a
#define GUEST_RSP		0x681c
#define GUEST_TR_BASE		0x6814
#define HOST_TR_BASE		0x6c0a
#define GUEST_RFLAGS		0x6820
#define HOST_SELECTOR(n)	(0xc00u + 2 * (n))
#define HOST_CR0		0x6c00
#define HOST_CR3		0x6c02
#define HOST_CR4		0x6c04
#define HOST_GDTR_BASE		0x6c0c
#define HOST_IDTR_BASE		0x6c0e

/* In the order of the encodings; of the host there is no LDTR */
enum { ES, CS, SS, DS, FS, GS, LDTR, TR };

/* 24.6.2, 24.7.1, 24.8.1: DR7 is saved and loaded; 64-bit mode on either side */
#define DEBUG_CONTROLS		(1u << 2)
#define LONG_MODE		(1u << 9)

/* Access rights (24.4.1) */
#define ACCESS_CODE		0xa09b
#define ACCESS_DATA		0xc093
#define ACCESS_TSS		0x8b
#define ACCESS_UNUSABLE		0x10000

/* Any that is not 0 */
#define TSS_SELECTOR		0x18

static uint8_t *area(const struct vcpu *vcpu)
{
	return vcpu->vm->ram + RAM_VMX;
}

static void field(const struct vcpu *vcpu, uint64_t encoding, uint64_t value)
{
	uint64_t *pair = (uint64_t *)(area(vcpu) + VMX_FIELDS) + 2 * vcpu->block->fields++;

	pair[0] = encoding;
	pair[1] = value;
}

static uint64_t get_msr(const struct vcpu *vcpu, uint32_t index)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msr = { .head.nmsrs = 1, .entry.index = index };

	if (ioctl(vcpu->fd, KVM_GET_MSRS, &msr) != 1)
		die("KVM_GET_MSRS");
	return msr.entry.data;
}

/* The lower half of its MSR is what must be set. */
static void controls(const struct vcpu *vcpu, uint64_t encoding, uint32_t msr, uint32_t set)
{
	field(vcpu, encoding, (uint32_t)get_msr(vcpu, msr) | set);
}

static void segment(const struct vcpu *vcpu, int n, unsigned int selector, unsigned int access,
		    unsigned int limit)
{
	field(vcpu, GUEST_SELECTOR(n), selector);
	field(vcpu, GUEST_ACCESS(n), access);
	field(vcpu, GUEST_LIMIT(n), limit);
}

static void guest_state(const struct vcpu *vcpu, const struct kvm_sregs *s)
{
	segment(vcpu, ES, s->es.selector, ACCESS_DATA, ~0u);
	segment(vcpu, CS, s->cs.selector, ACCESS_CODE, ~0u);
	segment(vcpu, SS, s->ss.selector, ACCESS_DATA, ~0u);
	segment(vcpu, DS, s->ds.selector, ACCESS_DATA, ~0u);
	segment(vcpu, FS, 0, ACCESS_UNUSABLE, 0);
	segment(vcpu, GS, 0, ACCESS_UNUSABLE, 0);
	segment(vcpu, LDTR, 0, ACCESS_UNUSABLE, 0);
	segment(vcpu, TR, TSS_SELECTOR, ACCESS_TSS, 0x67);
	field(vcpu, GUEST_TR_BASE, s->tr.base);
	field(vcpu, GUEST_GDTR_BASE, s->gdt.base);
	field(vcpu, GUEST_GDTR_LIMIT, s->gdt.limit);
	field(vcpu, GUEST_IDTR_BASE, s->idt.base);
	field(vcpu, GUEST_IDTR_LIMIT, s->idt.limit);
	field(vcpu, GUEST_CR0, s->cr0);
	field(vcpu, GUEST_CR3, s->cr3);
	field(vcpu, GUEST_CR4, s->cr4);
	field(vcpu, GUEST_DR7, NESTED_DR7);
	field(vcpu, GUEST_RFLAGS, 2);
	field(vcpu, GUEST_RSP, (uintptr_t)vcpu->block + NESTED_STACK);
}

/* What the guest goes on with */
static void host_state(const struct vcpu *vcpu, const struct kvm_sregs *s)
{
	field(vcpu, HOST_SELECTOR(ES), s->es.selector);
	field(vcpu, HOST_SELECTOR(CS), s->cs.selector);
	field(vcpu, HOST_SELECTOR(SS), s->ss.selector);
	field(vcpu, HOST_SELECTOR(DS), s->ds.selector);
	field(vcpu, HOST_SELECTOR(TR - 1), TSS_SELECTOR);
	field(vcpu, HOST_TR_BASE, s->tr.base);
	field(vcpu, HOST_CR0, s->cr0);
	field(vcpu, HOST_CR3, s->cr3);
	field(vcpu, HOST_CR4, s->cr4);
	field(vcpu, HOST_GDTR_BASE, s->gdt.base);
	field(vcpu, HOST_IDTR_BASE, s->idt.base);
}

/* Fields that are not written are 0. */
static void fill(const struct vcpu *vcpu, const struct kvm_sregs *s)
{
	uint32_t revision = get_msr(vcpu, MSR_VMX_BASIC);

	*(uint32_t *)area(vcpu) = revision;
	*(uint32_t *)(area(vcpu) + VMX_ON) = revision;
	vcpu->block->vmx = (uintptr_t)area(vcpu);
	vcpu->block->fields = 0;
	controls(vcpu, PINBASED, MSR_VMX_TRUE_PINBASED, 0);
	controls(vcpu, PROCBASED, MSR_VMX_TRUE_PROCBASED, 0);
	controls(vcpu, EXIT_CONTROLS, MSR_VMX_TRUE_EXIT, DEBUG_CONTROLS | LONG_MODE);
	controls(vcpu, ENTRY_CONTROLS, MSR_VMX_TRUE_ENTRY, DEBUG_CONTROLS | LONG_MODE);
	field(vcpu, LINK_POINTER, ~0ull);
	guest_state(vcpu, s);
	host_state(vcpu, s);
}

static bool allow(const struct vcpu *vcpu, struct kvm_sregs *s)
{
	if (!nested_set_msr(vcpu, MSR_FEATURE_CONTROL, FEATURE_LOCKED_VMXON))
		return false;
	s->cr4 |= CR4_VMXE;
	return !ioctl(vcpu->fd, KVM_SET_SREGS, s);
}

static bool left_as_asked(const struct vcpu *vcpu)
{
	return vcpu->block->vmx_exit == EXIT_VMCALL;
}

static uint64_t dr7(const struct vcpu *vcpu)
{
	return vcpu->block->vmx_dr7;
}

const struct nesting nesting_vmx = {
	.allow		= allow,
	.fill		= fill,
	.left_as_asked	= left_as_asked,
	.dr7		= dr7,
	.dr6		= DR6_STEP,
};
