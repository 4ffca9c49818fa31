// SPDX-License-Identifier: GPL-2.0
/*
 * A guest of the guest's, by SVM. Its DR7 is its own, in the VMCB; the addresses are
 * those that the guest has in DR0 to DR3, where they are disabled.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm.h"

#define ROUNDS		16

/* AMD APM vol. 2, appendix B */
#define VMCB_INTERCEPTS	0x010	/* VMRUN, VMMCALL */
#define VMCB_ASID	0x058
#define VMCB_EXIT	0x070
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
/* L0 and L1, writes of eight bytes */
#define DR7_TWO		0x990405u

static struct vm vm;
static struct vcpu vcpu;
static struct host host;

static void put(unsigned int offset, uint64_t value)
{
	memcpy((uint8_t *)vcpu.block + BLOCK_VMCB + offset, &value, sizeof(value));
}

static void put_segment(unsigned int offset, unsigned int selector, unsigned int attributes,
			uint64_t base, uint32_t limit)
{
	put(offset, selector | attributes << 16 | (uint64_t)limit << 32);
	put(offset + 8, base);
}

/* The same memory and the same handler of #DB, a stack of its own */
static void fill_vmcb(const struct kvm_sregs *s)
{
	put(VMCB_INTERCEPTS, 3);
	put(VMCB_ASID, 1);
	put_segment(VMCB_ES, s->es.selector, 0xc93, 0, ~0u);
	put_segment(VMCB_CS, s->cs.selector, 0xa9b, 0, ~0u);
	put_segment(VMCB_SS, s->ss.selector, 0xc93, 0, ~0u);
	put_segment(VMCB_DS, s->ds.selector, 0xc93, 0, ~0u);
	put_segment(VMCB_GDTR, 0, 0, s->gdt.base, s->gdt.limit);
	put_segment(VMCB_IDTR, 0, 0, s->idt.base, s->idt.limit);
	put(VMCB_EFER, s->efer);
	put(VMCB_CR4, s->cr4);
	put(VMCB_CR3, s->cr3);
	put(VMCB_CR0, s->cr0);
	put(VMCB_DR7, DR7_TWO);
	put(VMCB_DR6, 0xffff0ff0);
	put(VMCB_RFLAGS, 2);
	put(VMCB_RSP, (uintptr_t)vcpu.block + VCPU_STRIDE - 0x800);
	put(VMCB_PAT, 0x0007040600070406);
}

/* Return: whether the guest may use SVM. Where its state is saved, nobody looks. */
static bool allow_svm(struct kvm_sregs *s)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} hsave = {
		.head.nmsrs = 1,
		.entry = { .index = MSR_HSAVE, .data = (uintptr_t)vm.ram + RAM_CODE - 0x1000 },
	};

	must_ioctl(vcpu.fd, KVM_GET_SREGS, s, "KVM_GET_SREGS");
	s->efer |= EFER_SVME;
	return !ioctl(vcpu.fd, KVM_SET_SREGS, s) && ioctl(vcpu.fd, KVM_SET_MSRS, &hsave) == 1;
}

static bool left_by_vmmcall(void)
{
	uint64_t code;

	memcpy(&code, (uint8_t *)vcpu.block + BLOCK_VMCB + VMCB_EXIT, sizeof(code));
	if (code != EXIT_VMMCALL)
		note("the guest's guest leaves with code %#llx", (unsigned long long)code);
	return code == EXIT_VMMCALL;
}

static void runs(unsigned long turns)
{
	struct aim two = { .watch = 3 };
	int i;

	arch_aim(&vcpu, two, vcpu.block->set);
	vcpu.block->set[7] = 0x400;
	guest_run(&vcpu, DO_SET, 1);
	for (; turns; turns--) {
		guest_run(&vcpu, DO_WRITE | DO_NEST | DO_EXIT, ROUNDS);
		host_touch(&host, &vcpu);
		for (i = 0; i < 2; i++)
			vcpu.expected[i] += ROUNDS;
	}
}

static bool nested(int host_breakpoints)
{
	bool right = true, can;
	struct kvm_sregs sregs;

	vm_create(&vm, 0);
	vcpu_create(&vcpu, &vm, 0);
	can = allow_svm(&sregs);
	if (can) {
		host_open(&host, host_breakpoints, &vcpu, 0);
		fill_vmcb(&sregs);
		runs(exits / ROUNDS / 2);
		right = left_by_vmmcall() & guest_hits_right(&vcpu) & host_hits_right(&host) &
			host_no_strays();
		host_close(&host);
	} else {
		note("no SVM in the guest: not tried");
	}
	vcpu_destroy(&vcpu);
	vm_destroy(&vm);
	return right;
}

bool case_nested(void)
{
	return nested(0);
}

bool case_nested_host(void)
{
	return nested(4);
}
