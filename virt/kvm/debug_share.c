// SPDX-License-Identifier: GPL-2.0
/*
 * What is the same on every architecture of the two calls by which a debugger says what it wants
 * of a guest, and reads it back. Who has which register is each architecture's own affair.
 *
 * A debugger that is older than KVM_GUESTDBG_SHARE_HW does not know that it may leave the guest
 * its breakpoints. The administrator may say it in its place.
 */

#include <linux/compiler.h>
#include <linux/kvm_debug_share.h>
#include <linux/moduleparam.h>

static bool share_debug_regs;
module_param(share_debug_regs, bool, 0644);
MODULE_PARM_DESC(share_debug_regs,
		 "Debuggers of guests share the debug registers with them, without asking for it");

/* Who says something of sharing knows what to ask for. Some architectures take any bit. */
static bool shares_unasked(struct kvm *kvm, const struct kvm_guest_debug *dbg)
{
	return READ_ONCE(share_debug_regs) && !(dbg->control & KVM_GUESTDBG_SHARE_MASK) &&
	       kvm_vm_ioctl_check_extension(kvm, KVM_CAP_SET_GUEST_DEBUG2) & KVM_GUESTDBG_SHARE_HW;
}

void __weak kvm_arch_leave_unshared(struct kvm_guest_debug *dbg) { }

/**
 * kvm_set_guest_debug() - for KVM_SET_GUEST_DEBUG
 * @vcpu: any
 * @dbg: what its debugger wants
 *
 * If it cannot be shared that is refused before anything is changed, and the registers are the
 * debugger's alone then, as if the parameter were not set: no call fails that did not before.
 *
 * Context: process; the vCPU's mutex is held.
 * Return: what the architecture says.
 */
int kvm_set_guest_debug(struct kvm_vcpu *vcpu, struct kvm_guest_debug *dbg)
{
	struct kvm_guest_debug shared = *dbg;
	int r = -EINVAL;

	shared.control |= KVM_GUESTDBG_SHARE_HW;
	kvm_arch_leave_unshared(&shared);
	if (shares_unasked(vcpu->kvm, dbg))
		r = kvm_arch_vcpu_ioctl_set_guest_debug(vcpu, &shared);
	return r == -EINVAL ? kvm_arch_vcpu_ioctl_set_guest_debug(vcpu, dbg) : r;
}

/* Of an architecture that does not keep what it is told in a form of its own */
void __weak kvm_arch_vcpu_get_guest_debug(struct kvm_vcpu *vcpu, struct kvm_guest_debug *dbg)
{
	dbg->control = vcpu->guest_debug;
}
