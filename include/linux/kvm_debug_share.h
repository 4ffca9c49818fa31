/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest whose debugger shares the debug registers with it, KVM_GUESTDBG_SHARE_HW: what
 * of the guest's own rests, since it does not fit, and who is told.
 *
 * User space is told in &kvm_run.flags, where KVM_RUN_DEBUG_RESTED stays from one KVM_RUN to the
 * next and KVM_RUN_DEBUG_RESTS does not. Both are only told: KVM decides nothing from
 * KVM_RUN_DEBUG_RESTED, and nothing that matters to anybody but the debugger from the other.
 */
#ifndef _LINUX_KVM_DEBUG_SHARE_H
#define _LINUX_KVM_DEBUG_SHARE_H

#include <linux/kvm_host.h>

/* Control bits that are the same on all architectures that can do this */
#define KVM_GUESTDBG_SHARE_MASK	(KVM_GUESTDBG_SHARE_HW | KVM_GUESTDBG_EXIT_REST)

/**
 * kvm_shares_debug_regs() - do guest and debugger have the debug registers together?
 * @vcpu: any
 *
 * Context: any.
 * Return: true if the guest is debugged by somebody who has said so.
 */
static inline bool kvm_shares_debug_regs(const struct kvm_vcpu *vcpu)
{
	return unlikely(vcpu->guest_debug & KVM_GUESTDBG_SHARE_HW);
}

/**
 * kvm_forget_resting() - nothing rests yet
 * @vcpu: a debugger comes, goes, or changes what it wants
 *
 * Context: the vCPU's mutex is held.
 */
static inline void kvm_forget_resting(struct kvm_vcpu *vcpu)
{
	vcpu->guest_debug_rest = 0;
	vcpu->run->flags &= ~(KVM_RUN_DEBUG_RESTED | KVM_RUN_DEBUG_RESTS);
}

/**
 * kvm_note_resting() - some of the guest's breakpoints have no register
 * @vcpu: shares its debug registers
 * @rest: a bit for each of its registers that is enabled and not lent
 *
 * Context: the vCPU's mutex is held.
 * Return: true if the guest has just written what does not fit any more, and its debugger wants to
 * be told at once.
 */
static inline bool kvm_note_resting(struct kvm_vcpu *vcpu, u32 rest)
{
	bool more = rest & ~vcpu->guest_debug_rest;

	vcpu->guest_debug_rest = rest;
	if (!more)
		return false;
	vcpu->run->flags |= KVM_RUN_DEBUG_RESTED;
	if (!vcpu->wants_to_run || !(vcpu->guest_debug & KVM_GUESTDBG_EXIT_REST))
		return false;
	vcpu->run->flags |= KVM_RUN_DEBUG_RESTS;
	return true;
}

/**
 * kvm_arch_vcpu_get_guest_debug() - for KVM_GET_GUEST_DEBUG
 * @vcpu: any
 * @dbg: set to what its debugger has set; &kvm_guest_debug.pad to what rests of the guest's
 *
 * Context: the vCPU's mutex is held.
 */
void kvm_arch_vcpu_get_guest_debug(struct kvm_vcpu *vcpu, struct kvm_guest_debug *dbg);

/**
 * kvm_arch_leave_unshared() - leaves out what of a debugger's registers cannot be shared
 * @dbg: of a debugger that has not asked to share them; set to what it can have
 *
 * For an architecture with debuggers that hand over registers which they have not set.
 *
 * Context: any.
 */
void kvm_arch_leave_unshared(struct kvm_guest_debug *dbg);

int kvm_set_guest_debug(struct kvm_vcpu *vcpu, struct kvm_guest_debug *dbg);

#endif /* _LINUX_KVM_DEBUG_SHARE_H */
