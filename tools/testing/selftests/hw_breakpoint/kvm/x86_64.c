// SPDX-License-Identifier: GPL-2.0
/* x86: a vCPU in 64-bit mode, and its DR0 to DR7. */
#include <stdio.h>
#include <sys/ioctl.h>

#include "vmm.h"

/* Below RAM_TABLES */
#define GDT		0x0000
#define TSS		0x0800
#define IDT		0x1000
#define PML4		0x2000
#define PDPT		0x3000
#define PD		0x4000

/* Intel SDM vol. 3, 18.2.4: L<n>, and R/W<n> with LEN<n>; bit 10 is always set */
#define DR7_FIXED	0x400
#define DR7_LOCAL(n)	(1u << 2 * (n))
#define DR7_WRITE_8(n)	(9u << (16 + 4 * (n)))
#define DR6_NOTHING	0xffff0ff0u

/* DR0 to DR3, DR7 */
const unsigned long arch_registers = 0x8f;

static void make_tables(uint8_t *tables)
{
	uint64_t *gdt = (uint64_t *)(tables + GDT), *pd = (uint64_t *)(tables + PD);
	uint64_t gigabyte = RAM_BASE >> 30;
	int i;

	gdt[CODE_SELECTOR / 8] = 0x00af9b000000ffff;
	gdt[DATA_SELECTOR / 8] = 0x00cf93000000ffff;
	/* ring 3's, in the order that SYSRET wants */
	gdt[DATA_SELECTOR / 8 + 1] = 0x00cff3000000ffff;
	gdt[DATA_SELECTOR / 8 + 2] = 0x00affb000000ffff;
	/* present, writable, ring 3's, too; the gigabyte that the RAM is in, in pages of 2 MB */
	*(uint64_t *)(tables + PML4) = (uintptr_t)tables + PDPT + 7;
	((uint64_t *)(tables + PDPT))[gigabyte] = (uintptr_t)tables + PD + 7;
	for (i = 0; i < 512; i++)
		pd[i] = (gigabyte << 30) + ((uint64_t)i << 21) + 0x87;
}

/* From ring 0, as all but #DB are */
static void make_gate(struct vm *vm, unsigned int vector, const uint8_t *label)
{
	uint64_t *gate = (uint64_t *)(vm->ram + RAM_TABLES + IDT) + 2 * vector;
	uint64_t handler = guest_address(vm, label);

	gate[0] = (handler & 0xffff) | CODE_SELECTOR << 16 | 0x8e00ull << 32 |
		  (handler >> 16 & 0xffff) << 48;
	gate[1] = handler >> 32;
}

void arch_vm_init(struct vm *vm)
{
	make_tables(vm->ram + RAM_TABLES);
	make_gate(vm, 1, guest_handler);
	/* those of DO_TRACE: #BP, #UD, #GP, #PF, INT n */
	make_gate(vm, 3, guest_trap);
	make_gate(vm, 6, guest_fault);
	make_gate(vm, 13, guest_fault_code);
	make_gate(vm, 14, guest_fault_code);
	make_gate(vm, 0x40, guest_trap);
	make_gate(vm, 0xc0, guest_trap);
	/* for an Intel CPU that cannot run a guest in real mode */
	if (ioctl(vm->fd, KVM_SET_TSS_ADDR, 0xfffbd000))
		die("KVM_SET_TSS_ADDR");
}

static void set_segments(struct kvm_sregs *s, uint64_t tss)
{
	struct kvm_segment segment = {
		.limit = 0xffffffff, .present = 1, .s = 1, .g = 1,
	};

	segment.selector = CODE_SELECTOR;
	segment.type = 11;
	segment.l = 1;
	s->cs = segment;
	segment.selector = DATA_SELECTOR;
	segment.type = 3;
	segment.l = 0;
	segment.db = 1;
	s->ds = segment;
	s->es = segment;
	s->ss = segment;
	s->tr = (struct kvm_segment){ .base = tss, .limit = 0x67, .type = 11, .present = 1 };
}

/* 64-bit mode has to be in it */
static void set_cpuid(struct vcpu *vcpu)
{
	static struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[256];
	} cpuid;

	cpuid.head.nent = ARRAY_SIZE(cpuid.entries);
	must_ioctl(vcpu->vm->kvm, KVM_GET_SUPPORTED_CPUID, &cpuid, "KVM_GET_SUPPORTED_CPUID");
	must_ioctl(vcpu->fd, KVM_SET_CPUID2, &cpuid, "KVM_SET_CPUID2");
}

void arch_vcpu_init(struct vcpu *vcpu)
{
	uintptr_t tables = (uintptr_t)vcpu->vm->ram + RAM_TABLES;
	struct kvm_regs regs = {
		.rip = guest_address(vcpu->vm, guest_start), .rflags = 2,
		.rsp = (uintptr_t)vcpu->block + VCPU_STRIDE,
		.r12 = (uintptr_t)vcpu->block, .rbp = (uintptr_t)vcpu->words,
	};
	struct kvm_sregs sregs;

	set_cpuid(vcpu);
	must_ioctl(vcpu->fd, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	set_segments(&sregs, tables + TSS);
	/* RSP0; only the vCPU that was made last goes to ring 3 */
	*(uint64_t *)(tables + TSS + 4) = (uintptr_t)vcpu->block + VCPU_STRIDE - RING3_STACK;
	sregs.gdt = (struct kvm_dtable){ .base = tables + GDT, .limit = 39 };
	sregs.idt = (struct kvm_dtable){ .base = tables + IDT, .limit = 0xfff };
	sregs.cr3 = tables + PML4;
	sregs.cr4 = 1 << 5;			/* PAE */
	sregs.cr0 = 0x80000031;			/* PG, NE, ET, PE */
	sregs.efer = 1 << 10 | 1 << 8 | 1;	/* LMA, LME, SCE */
	must_ioctl(vcpu->fd, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
	must_ioctl(vcpu->fd, KVM_SET_REGS, &regs, "KVM_SET_REGS");
}

void arch_aim(const struct vcpu *vcpu, struct aim aim, volatile uint64_t *set)
{
	uint64_t functions = guest_address(vcpu->vm, guest_functions), dr7 = DR7_FIXED;
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		unsigned int bit = 1 << i;

		set[i] = 0;
		if (aim.watch & bit)
			set[i] = (uintptr_t)&vcpu->words->word[i];
		else if (aim.decoy & bit)
			set[i] = (uintptr_t)&vcpu->words->decoy[i];
		else if (aim.exec & bit)
			set[i] = functions + (i << FUNCTION_SHIFT);
		if ((aim.watch | aim.decoy) & bit)
			dr7 |= DR7_WRITE_8(i);
		if ((aim.watch | aim.decoy | aim.exec) & bit)
			dr7 |= DR7_LOCAL(i);
	}
	set[6] = DR6_NOTHING;
	set[7] = dr7;
}

void arch_registers_of(struct vcpu *vcpu, uint64_t *to)
{
	struct kvm_debugregs regs;
	int i;

	must_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &regs, "KVM_GET_DEBUGREGS");
	for (i = 0; i < SLOTS; i++)
		to[i] = regs.db[i];
	to[6] = regs.dr6;
	to[7] = regs.dr7;
}

bool arch_left_by_guest(const struct kvm_run *run)
{
	return run->exit_reason == KVM_EXIT_IO && run->io.port == EXIT_PORT;
}

void arch_debug_regs(const struct vcpu *vcpu, struct aim aim, struct kvm_guest_debug *debug)
{
	uint64_t set[REGISTERS];
	int i;

	arch_aim(vcpu, aim, set);
	for (i = 0; i < 8; i++)
		debug->arch.debugreg[i] = i < SLOTS || i >= 6 ? set[i] : 0;
}

bool arch_hit_while_debugged(void)
{
	return true;
}

uint64_t arch_pc(struct vcpu *vcpu)
{
	return vcpu->run->debug.arch.pc;
}

int arch_debug_hit(struct vcpu *vcpu)
{
	uint64_t hit = vcpu->run->debug.arch.dr6 & 15;

	return hit && vcpu->run->debug.arch.exception == 1 ? __builtin_ctzll(hit) : -1;
}

/* A function's breakpoint is a fault, at its nop; a word's is a trap. */
void arch_step_over(struct vcpu *vcpu)
{
	uint64_t functions = guest_address(vcpu->vm, guest_functions);
	struct kvm_regs regs;

	must_ioctl(vcpu->fd, KVM_GET_REGS, &regs, "KVM_GET_REGS");
	if (regs.rip - functions >= SLOTS << FUNCTION_SHIFT)
		return;
	regs.rip++;
	must_ioctl(vcpu->fd, KVM_SET_REGS, &regs, "KVM_SET_REGS");
}
