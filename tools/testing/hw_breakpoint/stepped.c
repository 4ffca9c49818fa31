// SPDX-License-Identifier: GPL-2.0
/* Code that the layer inlines into others, to be gone through by instructions. */

#include "test.h"
#ifdef SHIM_ARM64
#include "../../../arch/arm64/kvm/hw_breakpoint.h"
#else
#include "../../../arch/x86/kvm/hw_breakpoint.h"
#endif

#ifndef SHIM_ARM64
/* As kvm_update_dr7() has it, the exits of accesses, tdx_vcpu_create() and sev_es_init_vmcb() */
static void from_guest(struct kvm_vcpu *vcpu, const struct guest *g)
{
	int i;

	vcpu->arch.switch_db_regs = g->kept;
	for (i = 0; i < HBP_NUM; i++) {
		vcpu->arch.eff_db[i] = g->image[i].addr;
		if (g->enabled & BIT(i))
			vcpu->arch.eff_dr7 |= DR_LOCAL_ENABLE << (i * DR_ENABLE_SIZE);
	}
	if (g->switched)
		vcpu->arch.switch_db_regs = KVM_DEBUGREG_AUTO_SWITCH;
	else if (g->encrypted)
		vcpu->arch.switch_db_regs |= KVM_DEBUGREG_ENCRYPTED;
	else if (g->owns)
		vcpu->arch.switch_db_regs |= KVM_DEBUGREG_WONT_EXIT;
	else if (g->enabled)
		vcpu->arch.switch_db_regs |= KVM_DEBUGREG_BP_ENABLED;
}

/*
 * The exit, as in svm_vcpu_run(), tdx_vcpu_enter_exit() and vcpu_enter_guest(). What was owned is
 * not any more.
 */
static void left_guest(struct kvm_vcpu *vcpu, const struct guest *g)
{
	int i;

	if (g->encrypted || g->switched)
		hw_breakpoint_forget();
	if (vcpu->arch.switch_db_regs & KVM_DEBUGREG_WONT_EXIT) {
		for (i = 0; i < HBP_NUM; i++)
			vcpu->arch.db[i] = g->image[i].addr;
		hw_breakpoint_guest_wrote(vcpu->arch.db);
	}
	vcpu->arch.switch_db_regs &= KVM_DEBUGREG_LENT;
	hw_breakpoint_take_back();
}

/* As vcpu_enter_guest() does: with registers of the guest's own, or without */
void stepped_guest(struct guest *g)
{
	struct kvm_vcpu vcpu = { };

	from_guest(&vcpu, g);
	hw_breakpoint_expect_guests();
	if (vcpu.arch.switch_db_regs & ~KVM_DEBUGREG_AUTO_SWITCH)
		kvm_lend_debug_regs(&vcpu);
	else if (hw_breakpoint_active())
		hw_breakpoint_silence();
	regs_run_guest(g);
	left_guest(&vcpu, g);
	g->kept = vcpu.arch.switch_db_regs;
	g->told = kvm_lent_dr6(&vcpu, g->hit);
}

/* As kvm_arch_vcpu_put() does */
void stepped_put(void)
{
	hw_breakpoint_rearm();
}

/* kexec, or a suspend */
void stepped_restore(void)
{
	hw_breakpoint_disable();
	regs_lose();
	hw_breakpoint_restore();
}

/* As in arch/x86/kernel/traps.c: what it does in user mode. */
static void exc_debug(void)
{
	struct pt_regs regs = { };
	unsigned long dr6;

	get_debugreg(dr6, 6);
	dr6 ^= DR6_RESERVED;
	hw_breakpoint_note_hits(dr6);
	set_debugreg(DR6_RESERVED, 6);
	hw_breakpoint_debug_exception(&regs, &dr6);
}
#else
static void from_image(struct kvm_guest_debug_arch *regs, int slot,
		       const struct hwbp_image *image)
{
	int n = slot % ARM_MAX_BRP;

	*(slot < ARM_MAX_BRP ? &regs->dbg_bvr[n] : &regs->dbg_wvr[n]) = image->addr;
	*(slot < ARM_MAX_BRP ? &regs->dbg_bcr[n] : &regs->dbg_wcr[n]) = image->ctrl;
}

static bool holds(const struct kvm_guest_debug_arch *regs, int slot,
		  const struct hwbp_image *image)
{
	int n = slot % ARM_MAX_BRP;

	if (slot < ARM_MAX_BRP)
		return regs->dbg_bvr[n] == image->addr && regs->dbg_bcr[n] == image->ctrl;
	return regs->dbg_wvr[n] == image->addr && regs->dbg_wcr[n] == image->ctrl;
}

/* As kvm_arch_vcpu_ioctl_run() does: around a guest that has enabled some or owns all */
void stepped_guest(struct guest *g)
{
	struct kvm kvm = { .dfr0 = shim_dfr0 };
	struct kvm_vcpu vcpu = { .kvm = &kvm };
	int slot;

	vcpu.arch.mdcr_el2 = g->owns ? 0 : MDCR_EL2_TDA;
	if (g->owns)
		shim_trapped(&vcpu);
	shim_debug(&vcpu, g->enabled ? MDSCR_EL1_MDE : 0);
	for (slot = 0; slot < HWBP_NR_SLOTS; slot++)
		from_image(&vcpu.arch.vcpu_debug_state, slot, &g->image[slot]);
	kvm_arm_lend_debug_regs(&vcpu);
	regs_run_guest(g);
	kvm_arm_take_back_debug_regs(&vcpu);
	for (slot = 0; slot < HWBP_NR_SLOTS; slot++)
		EXPECT(holds(&vcpu.arch.vcpu_debug_state, slot, &g->image[slot]));
}

void stepped_put(void) { }

void stepped_restore(void)
{
	hw_breakpoint_silence();
	hwbp_lend(NULL, 0);
	regs_lose();
	hwbp_restore();
	hw_breakpoint_unsilence();
}

/* No NMI comes between a hit and its end, see arch_hwbp_unreported(). */
static void exc_debug(void) { }
#endif

/* Writes @n times. Return: how many of them have hit nothing. */
unsigned int stepped_writes(u64 addr, unsigned int n)
{
	unsigned int missed = 0;

	while (n--) {
		if (regs_access(addr))
			exc_debug();
		else
			missed++;
	}
	return missed;
}
