// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU whose guest and debugger share the debug registers, KVM_GUESTDBG_SHARE_HW. Who has which
 * follows from what both have set, see hw_breakpoint_share.c.
 *
 * A vCPU that is debugged never owns its registers, so each access of the guest's comes here, by
 * kvm_update_dr7(), before it has an effect; and what is set cannot have changed between an entry
 * and the hit that ends it.
 */

#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/kvm_dirty_ring.h>
#include <linux/kvm_host.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include <asm/debugreg.h>
#include <asm/hw_breakpoint_series.h>

#include "hw_breakpoint.h"
#include "hw_breakpoint_share.h"
#include "x86.h"

static_assert(KVM_SHARED_REGS == KVM_NR_DB_REGS);

static void share_regs(const struct kvm_vcpu *vcpu, struct kvm_debug_share *share)
{
	struct kvm_debug_set guest = { .db = vcpu->arch.db, .dr7 = vcpu->arch.dr7 };
	struct kvm_debug_set debugger = { .db = vcpu->arch.guest_debug_db };

	if (vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP)
		debugger.dr7 = vcpu->arch.guest_debug_dr7;
	kvm_share_debug_regs(&guest, &debugger, vcpu->kvm->arch.debug_regs_kept, share);
}

/**
 * kvm_keep_debug_regs() - some registers are for debuggers, and never for the guest
 * @kvm: has no vCPU yet
 * @n: how many
 *
 * The guest sees all, and all that it enables beyond the others rests, as beside a debugger who
 * shares the registers: each vCPU that nobody debugs is as if one did who has set nothing, see
 * kvm_undebugged(). So it never owns them, and each of its accesses exits.
 *
 * Context: process; takes &kvm.lock.
 * Return: 0, or -EINVAL: there are not so many, or there is a vCPU, or the VM is protected from the
 * host, and owns them all.
 */
int kvm_keep_debug_regs(struct kvm *kvm, u64 n)
{
	if (n > KVM_NR_DB_REGS || kvm->arch.has_protected_state)
		return -EINVAL;
	guard(mutex)(&kvm->lock);
	if (kvm->created_vcpus)
		return -EINVAL;
	kvm->arch.debug_regs_kept = n;
	return 0;
}

/**
 * kvm_may_share_debug_regs() - is this what a debugger who shares the registers can have?
 * @vcpu: to be debugged; loaded
 * @dbg: what its debugger wants
 *
 * Context: process; nothing has been changed yet.
 * Return: false if it is not, and the call has to be refused. What is not to be shared is the
 * debugger's own affair, as ever.
 */
bool kvm_may_share_debug_regs(struct kvm_vcpu *vcpu, const struct kvm_guest_debug *dbg)
{
	const __u64 *regs = dbg->arch.debugreg;
	unsigned int n;

	if (!(dbg->control & KVM_GUESTDBG_ENABLE))
		return true;
	if (!(dbg->control & KVM_GUESTDBG_SHARE_HW))
		return !(dbg->control & KVM_GUESTDBG_EXIT_REST);
	if (!(dbg->control & KVM_GUESTDBG_USE_HW_BP))
		return true;
	for (n = 0; n < KVM_NR_DB_REGS; n++) {
		if (regs[7] >> (n * DR_ENABLE_SIZE) & (DR_LOCAL_ENABLE | DR_GLOBAL_ENABLE) &&
		    !__is_canonical_address(regs[n], boot_cpu_data.x86_virt_bits))
			return false;
	}
	return kvm_debuggers_dr7_valid(regs[7]);
}

/*
 * From the next entry on. What KVM has begun to do in the place of the CPU may be completed before
 * that.
 */
static void step_apart(struct kvm_vcpu *vcpu)
{
	kvm_make_request(KVM_REQ_DEBUG_STEP, vcpu);
	if (kvm_steps_apart(vcpu))
		return;
	vcpu->arch.switch_db_regs |= KVM_DEBUGREG_STEPS;
	vcpu->arch.debug_step.own_tf = kvm_get_rflags(vcpu) & X86_EFLAGS_TF;
}

/**
 * kvm_merge_debug_regs() - fills the registers for both
 * @vcpu: shares its registers; either has set some
 *
 * Context: the vCPU is loaded.
 * Return: the DR7 that its entries load.
 */
unsigned long kvm_merge_debug_regs(struct kvm_vcpu *vcpu)
{
	struct kvm_debug_share share;

	if (vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP && kvm_x86_ops.begin_step)
		step_apart(vcpu);
	share_regs(vcpu, &share);
	memcpy(vcpu->arch.eff_db, share.db, sizeof(share.db));
	if (kvm_note_resting(vcpu, share.rest))
		kvm_make_request(KVM_REQ_DEBUG_RESTS, vcpu);
	return share.dr7;
}

/* The debugger's part of a #DB, as it would be if the debugger had the registers for itself */
static void exit_to_debugger(struct kvm_vcpu *vcpu, unsigned long dr6)
{
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_DEBUG;
	run->debug.arch.exception = DB_VECTOR;
	run->debug.arch.dr6 = dr6 | DR6_ACTIVE_LOW;
	run->debug.arch.dr7 = vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP ?
			      vcpu->arch.guest_debug_dr7 : DR7_FIXED_1;
	run->debug.arch.pc = kvm_get_linear_rip(vcpu);
}

/**
 * kvm_split_db() - a #DB of a guest that shares its registers
 * @vcpu: has had it
 * @payload: why, in the form of VMX's pending debug exceptions
 * @steps: KVM_STEP_* that are over; with BS in @payload and none of these KVM has been stepping the
 *	guest for itself
 *
 * The guest's part waits for the next entry, as an exception that is pending: so it comes after the
 * debugger has had its own, and KVM_GET_VCPU_EVENTS has it until then. What is neither a
 * breakpoint nor a step is the guest's.
 *
 * Context: the vCPU is loaded.
 * Return: 0 to leave to user space, 1 to go on.
 */
int kvm_split_db(struct kvm_vcpu *vcpu, unsigned long payload, unsigned int steps)
{
	struct kvm_debug_share share;
	unsigned long guests, debuggers;

	share_regs(vcpu, &share);
	kvm_split_hits(&share, payload, &guests, &debuggers);
	guests |= payload & ~(DR_TRAP_BITS | DR_STEP);
	if (payload & DR_STEP && steps & KVM_STEP_GUESTS)
		guests |= DR_STEP;
	if (payload & DR_STEP && steps & KVM_STEP_DEBUGGERS)
		debuggers |= DR_STEP;
	if (payload & DR_STEP && !guests && !debuggers)
		return 1;
	if (guests || !debuggers)
		kvm_queue_exception_p(vcpu, DB_VECTOR, guests);
	if (!debuggers)
		return 1;
	if (kvm_check_request(KVM_REQ_DEBUG_STEPPED, vcpu))
		debuggers |= DR_STEP;
	exit_to_debugger(vcpu, debuggers);
	return 0;
}
EXPORT_SYMBOL_FOR_KVM(kvm_split_db);

/**
 * kvm_begin_step() - the entry that follows makes a step of the debugger's
 * @vcpu: its events have been injected
 *
 * Context: interrupts off. kvm_debug_regs_left() takes it back.
 */
void kvm_begin_step(struct kvm_vcpu *vcpu)
{
	vcpu->arch.debug_step.own_tf = kvm_get_rflags(vcpu) & X86_EFLAGS_TF;
	kvm_x86_call(begin_step)(vcpu);
}

/* Whether the step is over is known when the exit has been handled, unless the back end says so. */
static void end_step(struct kvm_vcpu *vcpu)
{
	kvm_make_request(KVM_REQ_DEBUG_STEP, vcpu);
	if (kvm_x86_call(end_step)(vcpu))
		kvm_make_request(KVM_REQ_DEBUG_STEPPED, vcpu);
}

/**
 * kvm_debug_regs_left() - ends what was begun for the entry
 * @vcpu: has left, after it has owned its registers or was stepped by its debugger
 *
 * Both at once there is not: a vCPU that is debugged never owns them. One call for both:
 * vcpu_enter_guest() does not have the registers for more, and each exit of each guest would take
 * three instructions more (gcc 12).
 *
 * Context: interrupts off; before the host's breakpoints are back, and the exit is handled.
 */
void kvm_debug_regs_left(struct kvm_vcpu *vcpu)
{
	if (kvm_steps_apart(vcpu)) {
		end_step(vcpu);
		return;
	}
	WARN_ON(vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP);
	kvm_x86_call(sync_dirty_debug_regs)(vcpu);
	hw_breakpoint_guest_wrote(vcpu->arch.db);
	kvm_update_dr0123(vcpu);
	kvm_update_dr7(vcpu);
}

/* If the vCPU has left for another reason since, that has told its debugger, too. */
static bool leaves_to_tell(struct kvm_vcpu *vcpu)
{
	if (!kvm_check_request(KVM_REQ_DEBUG_RESTS, vcpu) ||
	    !(vcpu->run->flags & KVM_RUN_DEBUG_RESTS))
		return false;
	exit_to_debugger(vcpu, 0);
	return true;
}

/* Left to user space it is prepared again, for that may change what the next instruction is. */
static bool leaves_stepped(struct kvm_vcpu *vcpu)
{
	bool delivered = kvm_check_request(KVM_REQ_DEBUG_STEPPED, vcpu);

	if (!kvm_check_request(KVM_REQ_DEBUG_STEP, vcpu) || !kvm_steps_apart(vcpu))
		return false;
	if (delivered)
		exit_to_debugger(vcpu, DR_STEP);
	else if (!kvm_x86_call(prepare_step)(vcpu))
		return false;
	kvm_make_request(KVM_REQ_DEBUG_STEP, vcpu);
	return true;
}

/**
 * kvm_leaves_on_request() - does it leave to user space, in the place of being entered?
 * @vcpu: was to be entered, and has requests
 *
 * Either the ring of dirty pages is full, or the debugger wants to be told at once what rests, or
 * has made a step. One call for all: vcpu_enter_guest() is as large as the compiler inlines into,
 * and with another call in it each exit of each guest takes five instructions more (gcc 12).
 *
 * Context: the vCPU is loaded.
 * Return: true if it does, with the reason in &kvm_vcpu.run.
 */
bool kvm_leaves_on_request(struct kvm_vcpu *vcpu)
{
	return kvm_dirty_ring_check_request(vcpu) || leaves_to_tell(vcpu) || leaves_stepped(vcpu);
}

/* Actions are not state, and read as 0. */
void kvm_arch_vcpu_get_guest_debug(struct kvm_vcpu *vcpu, struct kvm_guest_debug *dbg)
{
	unsigned int n;

	if (vcpu->guest_debug & KVM_GUESTDBG_ENABLE)
		dbg->control = vcpu->guest_debug &
			       ~(KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP);
	dbg->pad = vcpu->guest_debug_rest;
	if (!(vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP))
		return;
	for (n = 0; n < KVM_NR_DB_REGS; n++)
		dbg->arch.debugreg[n] = vcpu->arch.guest_debug_db[n];
	dbg->arch.debugreg[7] = vcpu->arch.guest_debug_dr7;
}
