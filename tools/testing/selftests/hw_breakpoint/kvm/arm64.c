// SPDX-License-Identifier: GPL-2.0
/* arm64: a vCPU at EL1, and its breakpoint and watchpoint registers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>

#include "arm64.h"
#include "vmm.h"

#define CORE(name)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
			 KVM_REG_ARM_CORE_REG(name))
#define REG_SCTLR	ARM64_SYS_REG(3, 0, 1, 0, 0)
#define REG_TTBR0	ARM64_SYS_REG(3, 0, 2, 0, 0)
#define REG_TCR		ARM64_SYS_REG(3, 0, 2, 0, 2)
#define REG_MAIR	ARM64_SYS_REG(3, 0, 10, 2, 0)
#define REG_VBAR	ARM64_SYS_REG(3, 0, 12, 0, 0)

/* EL1h, all exceptions masked */
#define PSTATE_START	0x3c5

/* Exception classes of ESR_EL2 */
#define EC_BREAKPOINT	0x30
#define EC_WATCHPOINT	0x34

/* In block.set: addresses and controls of watchpoints, of breakpoints; MDSCR_EL1 */
#define SET_WVR		0
#define SET_WCR		4
#define SET_BVR		8
#define SET_BCR		12
#define SET_MDSCR	16

const unsigned long arch_registers = 0x1ffff;

/* Two blocks of 1 GB: what leaves the guest, and memory */
void arch_vm_init(struct vm *vm)
{
	uint64_t *table = (uint64_t *)(vm->ram + RAM_TABLES);

	table[EXIT_ADDRESS >> 30] = EXIT_ADDRESS | 3ull << 53 | 1 << 10 | 1 << 2 | 1;
	table[RAM_BASE >> 30] = RAM_BASE | 1 << 10 | 3 << 8 | 1;
}

static void set_reg(const struct vcpu *vcpu, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	must_ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg, "KVM_SET_ONE_REG");
}

static uint64_t get_reg(const struct vcpu *vcpu, uint64_t id)
{
	uint64_t value = 0;
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	must_ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg, "KVM_GET_ONE_REG");
	return value;
}

/* 39 bits of address, 4 KB granule: one table of gigabytes is all there is */
static void set_mmu(struct vcpu *vcpu)
{
	set_reg(vcpu, REG_MAIR, 0x00ff);
	set_reg(vcpu, REG_TTBR0, (uintptr_t)vcpu->vm->ram + RAM_TABLES);
	set_reg(vcpu, REG_TCR, 2ull << 32 | 1 << 23 | 3 << 12 | 1 << 10 | 1 << 8 | 25);
	/* I, C, M */
	set_reg(vcpu, REG_SCTLR, get_reg(vcpu, REG_SCTLR) | 1 << 12 | 1 << 2 | 1);
}

static void set_start(struct vcpu *vcpu)
{
	const struct vm *vm = vcpu->vm;

	set_reg(vcpu, REG_VBAR, guest_address(vm, guest_handler));
	set_reg(vcpu, CORE(regs.pc), guest_address(vm, guest_start));
	set_reg(vcpu, CORE(regs.pstate), PSTATE_START);
	set_reg(vcpu, CORE(sp_el1), (uintptr_t)vcpu->block + VCPU_STRIDE);
	set_reg(vcpu, CORE(regs.regs[19]), (uintptr_t)vcpu->block);
	set_reg(vcpu, CORE(regs.regs[20]), (uintptr_t)vcpu->words);
	set_reg(vcpu, CORE(regs.regs[21]), EXIT_ADDRESS);
	set_reg(vcpu, CORE(regs.regs[22]), guest_address(vm, guest_functions));
}

void arch_vcpu_init(struct vcpu *vcpu)
{
	struct kvm_vcpu_init init;

	must_ioctl(vcpu->vm->fd, KVM_ARM_PREFERRED_TARGET, &init, "KVM_ARM_PREFERRED_TARGET");
	must_ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &init, "KVM_ARM_VCPU_INIT");
	set_mmu(vcpu);
	set_start(vcpu);
}

void arch_aim(const struct vcpu *vcpu, struct aim aim, volatile uint64_t *set)
{
	uint64_t functions = guest_address(vcpu->vm, guest_functions);
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		bool watch = aim.watch >> i & 1, exec = aim.exec >> i & 1;
		bool decoy = aim.decoy >> i & 1;
		struct word *words = watch ? vcpu->words->word : vcpu->words->decoy;

		set[SET_WVR + i] = watch || decoy ? (uintptr_t)&words[i] : 0;
		set[SET_WCR + i] = watch || decoy ? WCR_8 | WCR_STORE | CTRL_EL1 | CTRL_E : 0;
		set[SET_BVR + i] = exec ? functions + (i << FUNCTION_SHIFT) : 0;
		set[SET_BCR + i] = exec ? BCR_4 | CTRL_EL1 | CTRL_E : 0;
	}
	set[SET_MDSCR] = aim.watch | aim.exec | aim.decoy ? MDSCR_KDE_MDE : 0;
}

void arch_registers_of(struct vcpu *vcpu, uint64_t *to)
{
	int i;

	for (i = 0; i < SLOTS; i++) {
		to[SET_WVR + i] = get_reg(vcpu, REG_WVR(i));
		to[SET_WCR + i] = get_reg(vcpu, REG_WCR(i));
		to[SET_BVR + i] = get_reg(vcpu, REG_BVR(i));
		to[SET_BCR + i] = get_reg(vcpu, REG_BCR(i));
	}
	to[SET_MDSCR] = get_reg(vcpu, REG_MDSCR);
}

bool arch_left_by_guest(const struct kvm_run *run)
{
	return run->exit_reason == KVM_EXIT_MMIO && run->mmio.phys_addr == EXIT_ADDRESS;
}

void arch_debug_regs(const struct vcpu *vcpu, struct aim aim, struct kvm_guest_debug *debug)
{
	uint64_t set[REGISTERS];
	int i;

	arch_aim(vcpu, aim, set);
	for (i = 0; i < SLOTS; i++) {
		debug->arch.dbg_wvr[i] = set[SET_WVR + i];
		debug->arch.dbg_wcr[i] = set[SET_WCR + i];
		debug->arch.dbg_bvr[i] = set[SET_BVR + i];
		debug->arch.dbg_bcr[i] = set[SET_BCR + i];
	}
}

/* 6.12 loads the guest's MDSCR_EL1; 7.x another, in which only hardware breakpoints set MDE. */
bool arch_hit_while_debugged(void)
{
	struct utsname kernel;

	return !uname(&kernel) && atoi(kernel.release) < 7;
}

uint64_t arch_pc(struct vcpu *vcpu)
{
	return get_reg(vcpu, CORE(regs.pc));
}

int arch_debug_hit(struct vcpu *vcpu)
{
	uint64_t functions = guest_address(vcpu->vm, guest_functions);

	switch (vcpu->run->debug.arch.hsr >> 26) {
	case EC_BREAKPOINT:
		return (arch_pc(vcpu) - functions) >> FUNCTION_SHIFT;
	case EC_WATCHPOINT:
		return (vcpu->run->debug.arch.far - (uintptr_t)vcpu->words) >> WORD_SHIFT;
	}
	return -1;
}

/* Both kinds stop before the instruction. */
void arch_step_over(struct vcpu *vcpu)
{
	set_reg(vcpu, CORE(regs.pc), arch_pc(vcpu) + 4);
}
