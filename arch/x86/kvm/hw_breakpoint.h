/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vCPU's debug registers on the CPU that runs it.
 *
 * Who has which of DR0 to DR3 while the vCPU runs is decided here, from
 * vcpu->arch.switch_db_regs:
 *
 *	KVM_DEBUGREG_BP_ENABLED	the vCPU has those that arch.eff_dr7 enables
 *	KVM_DEBUGREG_WONT_EXIT	it owns all: no access exits until the next exit
 *	KVM_DEBUGREG_ENCRYPTED	it always owns all
 *	none of these		it has none
 *
 * The entry loads arch.eff_dr7: DR7 of the guest or of the guest's guest, whichever is about to
 * run, or of the debugger of either (KVM_GUESTDBG_USE_HW_BP). kvm_update_dr7() keeps it the same
 * as in the VMCB or VMCS. Those of DR0 to DR3 that the vCPU does not have may hold addresses of
 * the host's, or another guest's.
 *
 * If the debugger shares the registers with the guest (KVM_GUESTDBG_SHARE_HW) arch.eff_dr7 is made
 * of the DR7 of both, and arch.eff_db of the addresses of both: hw_breakpoint.c. Such a vCPU is
 * stepped around its entries, KVM_DEBUGREG_STEPS, and RFLAGS.TF is the guest's. In arch.debug_step,
 * of the step that is made or comes next, and for the vCPU's own thread alone:
 *
 *	own_tf		the guest's trap is due behind it
 *	insn		what its instruction does with TF, enum kvm_insn; the rest is SVM's, too
 *	exceptions	those that are intercepted for it alone
 *	r11_tf		TF in the guest's R11 before it
 *	mask_tf		TF in the guest's mask for SYSCALL
 *	injects		the entry injects an event, and that is the step
 */
#ifndef _ARCH_X86_KVM_HW_BREAKPOINT_H
#define _ARCH_X86_KVM_HW_BREAKPOINT_H

#include <linux/kvm_debug_share.h>
#include <linux/kvm_host.h>

#include <asm/debugreg.h>

/* KVM's own are numbered from 0. The debugger wants to be told, see kvm_note_resting() */
#define KVM_REQ_DEBUG_RESTS	KVM_ARCH_REQ(48)
/* A step comes, and what the next instruction does with TF has to be known */
#define KVM_REQ_DEBUG_STEP	KVM_ARCH_REQ(49)
/* A step is over, and no exit has said so */
#define KVM_REQ_DEBUG_STEPPED	KVM_ARCH_REQ(50)

void kvm_begin_step(struct kvm_vcpu *vcpu);
void kvm_debug_regs_left(struct kvm_vcpu *vcpu);

/* KVM_DEBUGREG_LENT has a bit for each register that is lent: B0 to B3 of DR6, shifted by this. */
#define KVM_DEBUGREG_LENT_SHIFT	4

/* Whose is a step that is over: the guest has set TF, the debugger has asked for it */
#define KVM_STEP_GUESTS		1
#define KVM_STEP_DEBUGGERS	2

/* The DR7 that enables what is lent: all, if the vCPU may access all without an exit */
static inline unsigned long kvm_lent_dr7(const struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.switch_db_regs & (KVM_DEBUGREG_WONT_EXIT | KVM_DEBUGREG_ENCRYPTED))
		return ~0UL;
	return vcpu->arch.eff_dr7;
}

/* The note is right until the next loan: while it has a bit, each entry begins with a loan. */
static inline void kvm_note_lent(struct kvm_vcpu *vcpu, unsigned long dr7)
{
	unsigned int lent = 0, i;

	for (i = 0; i < KVM_NR_DB_REGS; i++) {
		if (dr7 >> (i * DR_ENABLE_SIZE) & (DR_LOCAL_ENABLE | DR_GLOBAL_ENABLE))
			lent |= DR_TRAP0 << i;
	}
	vcpu->arch.switch_db_regs &= ~KVM_DEBUGREG_LENT;
	vcpu->arch.switch_db_regs |= lent << KVM_DEBUGREG_LENT_SHIFT;
}

/**
 * kvm_steps_apart() - does a debugger step the guest without taking its TF?
 * @vcpu: any
 *
 * KVM_DEBUGREG_STEPS is in &kvm_vcpu_arch.switch_db_regs, where each entry and exit looks in any
 * case: who is not stepped pays nothing.
 *
 * Context: any.
 * Return: true if it does; then RFLAGS.TF is the guest's own wherever KVM looks.
 */
static inline bool kvm_steps_apart(const struct kvm_vcpu *vcpu)
{
	return unlikely(vcpu->arch.switch_db_regs & KVM_DEBUGREG_STEPS);
}

/**
 * kvm_steps_by_tf() - is RFLAGS.TF the debugger's?
 * @vcpu: any
 *
 * Context: any.
 * Return: true if the guest is stepped, and has no TF of its own meanwhile.
 */
static inline bool kvm_steps_by_tf(const struct kvm_vcpu *vcpu)
{
	return vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP && !kvm_steps_apart(vcpu);
}

/**
 * kvm_note_own_tf() - the guest's own TF where KVM executes an instruction for it
 * @vcpu: any
 * @tf: RFLAGS.TF that counts for the instruction
 * @shadow: KVM_X86_SHADOW_INT_*, behind it; a trap waits for the instruction behind MOV SS
 *
 * Context: any.
 */
static inline void kvm_note_own_tf(struct kvm_vcpu *vcpu, bool tf, u32 shadow)
{
	vcpu->arch.debug_step.own_tf = tf && !(shadow & KVM_X86_SHADOW_INT_MOV_SS);
}

/**
 * kvm_whose_step() - whose step is the one that ended with this instruction?
 * @vcpu: has executed it, or KVM for it
 *
 * Context: any.
 * Return: KVM_STEP_GUESTS, KVM_STEP_DEBUGGERS or both.
 */
static inline unsigned int kvm_whose_step(const struct kvm_vcpu *vcpu)
{
	if (kvm_steps_by_tf(vcpu))
		return KVM_STEP_DEBUGGERS;
	if (!kvm_steps_apart(vcpu))
		return KVM_STEP_GUESTS;
	return KVM_STEP_DEBUGGERS | (vcpu->arch.debug_step.own_tf ? KVM_STEP_GUESTS : 0);
}

/**
 * kvm_lend_debug_regs() - this vCPU's breakpoints instead of the host's
 * @vcpu: about to be entered
 *
 * Not called where switch_db_regs is 0: then none is lent, and none was at the last entry.
 *
 * Context: interrupts off. hw_breakpoint_take_back() ends it.
 */
static inline void kvm_lend_debug_regs(struct kvm_vcpu *vcpu)
{
	unsigned long dr7 = kvm_lent_dr7(vcpu);

	kvm_note_lent(vcpu, dr7);
	hw_breakpoint_lend(vcpu->arch.eff_db, dr7);
	if (kvm_steps_apart(vcpu))
		kvm_begin_step(vcpu);
}

/**
 * kvm_disown_debug_regs() - let accesses of debug registers exit at the next entry, too
 * @vcpu: was to own its registers at the next entry, or not
 *
 * For a vCPU that a debugger begins to debug, which cannot use registers that the guest owns; and
 * before another VMCS is loaded: the exits are switched on and off in the one that is loaded.
 *
 * Context: the vCPU is loaded.
 * Return: true if accesses have to exit again.
 */
static inline bool kvm_disown_debug_regs(struct kvm_vcpu *vcpu)
{
	bool owned = vcpu->arch.switch_db_regs & KVM_DEBUGREG_WONT_EXIT;

	vcpu->arch.switch_db_regs &= ~KVM_DEBUGREG_WONT_EXIT;
	return owned;
}

/**
 * kvm_lent_dr6() - what a guest may see of DR6
 * @vcpu: has run
 * @dr6: of its #DB, or what a #DB will have
 *
 * B0 to B3 may be set for registers that are not enabled (SDM vol. 3, 18.2.3). The bits of
 * registers that were lent to the vCPU are its own, whether DR7 still enables those or not.
 *
 * Context: any.
 * Return: @dr6 without the bits of registers that were not lent.
 */
static inline unsigned long kvm_lent_dr6(const struct kvm_vcpu *vcpu, unsigned long dr6)
{
	unsigned long lent = vcpu->arch.switch_db_regs >> KVM_DEBUGREG_LENT_SHIFT;

	return dr6 & ~(DR_TRAP_BITS & ~lent);
}

/**
 * kvm_debugger_has_debug_regs() - has the debugger all registers for itself?
 * @vcpu: any
 *
 * Context: any.
 * Return: true if it wants hardware breakpoints and does not share the registers with the guest.
 */
static inline bool kvm_debugger_has_debug_regs(const struct kvm_vcpu *vcpu)
{
	return vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP && !kvm_shares_debug_regs(vcpu);
}

/**
 * kvm_undebugged() - &kvm_vcpu.guest_debug of a vCPU that nobody debugs
 * @vcpu: any
 *
 * Context: any.
 * Return: 0, or KVM_GUESTDBG_SHARE_HW and no KVM_GUESTDBG_ENABLE if its guest may not have all
 * debug registers.
 */
static inline unsigned long kvm_undebugged(const struct kvm_vcpu *vcpu)
{
	return vcpu->kvm->arch.debug_regs_kept ? KVM_GUESTDBG_SHARE_HW : 0;
}

/**
 * kvm_free_debug_regs() - how many can a debugger have, and the guest loses none by it?
 * @kvm: a VM, or NULL
 *
 * Context: any.
 * Return: those that are kept for debuggers; all, if none are: then nothing is free at any time,
 * and who comes has them all. 0, if the VM cannot be debugged.
 */
static inline unsigned int kvm_free_debug_regs(const struct kvm *kvm)
{
	if (kvm && kvm->arch.has_protected_state)
		return 0;
	return kvm && kvm->arch.debug_regs_kept ? kvm->arch.debug_regs_kept : KVM_NR_DB_REGS;
}

/**
 * kvm_forget_debugger() - what a debugger has had until now is over
 * @vcpu: a debugger comes, goes, or changes what it wants
 *
 * Context: the vCPU's mutex is held; kvm_update_dr7() follows.
 */
static inline void kvm_forget_debugger(struct kvm_vcpu *vcpu)
{
	kvm_forget_resting(vcpu);
	vcpu->arch.switch_db_regs &= ~KVM_DEBUGREG_STEPS;
	kvm_clear_request(KVM_REQ_DEBUG_STEPPED, vcpu);
}

/**
 * kvm_expect_step() - what is known of the next instruction may be wrong
 * @vcpu: user space may have changed its registers, or does so next
 *
 * Context: the vCPU is being loaded.
 */
static inline void kvm_expect_step(struct kvm_vcpu *vcpu)
{
	if (kvm_steps_apart(vcpu))
		kvm_make_request(KVM_REQ_DEBUG_STEP, vcpu);
}

int kvm_keep_debug_regs(struct kvm *kvm, u64 n);
bool kvm_may_share_debug_regs(struct kvm_vcpu *vcpu, const struct kvm_guest_debug *dbg);
unsigned long kvm_merge_debug_regs(struct kvm_vcpu *vcpu);
int kvm_split_db(struct kvm_vcpu *vcpu, unsigned long payload, unsigned int steps);
bool kvm_leaves_on_request(struct kvm_vcpu *vcpu);

#endif /* _ARCH_X86_KVM_HW_BREAKPOINT_H */
