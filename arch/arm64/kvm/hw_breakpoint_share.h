/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who has which debug register of a vCPU that its guest and the guest's debugger share. Nothing
 * here knows of KVM's vCPUs or of a CPU: it is arithmetic.
 *
 * Slots are numbered as by the breakpoint core: breakpoints from 0 on, watchpoints from
 * ARM_MAX_BRP on. So are the bits of a set of them.
 */
#ifndef __ARM64_KVM_HW_BREAKPOINT_SHARE_H__
#define __ARM64_KVM_HW_BREAKPOINT_SHARE_H__

#include <linux/kvm_host.h>
#include <linux/types.h>

#include <asm/hw_breakpoint.h>

#define KVM_SHARED_SLOTS	(ARM_MAX_BRP + ARM_MAX_WRP)

/**
 * struct kvm_debug_set - breakpoints and watchpoints as one of the two has set them
 * @regs: the registers
 * @slots: those that it may have
 * @on: none counts if it is false: MDSCR_EL1.MDE is clear, or the OS lock is set
 * @el1: whether those of EL1 count: MDSCR_EL1.KDE
 */
struct kvm_debug_set {
	const struct kvm_guest_debug_arch	*regs;
	u32					slots;
	bool					on;
	bool					el1;
};

/**
 * struct kvm_debug_share - who has which slot
 * @guest: what the guest has set
 * @debugger: what its debugger has set
 * @guests: slots that hold what the guest has enabled in them
 * @rest: slots that the guest has enabled and does not have
 * @debuggers: the debugger's numbers that are enabled; each has a slot
 * @placed: the slots of these
 * @place: the slot, by the debugger's number
 */
struct kvm_debug_share {
	struct kvm_debug_set	guest;
	struct kvm_debug_set	debugger;
	u32			guests;
	u32			rest;
	u32			debuggers;
	u32			placed;
	u8			place[KVM_SHARED_SLOTS];
};

/**
 * struct kvm_debug_slot - one slot's registers
 * @addr: DBGBVR<n>_EL1 or DBGWVR<n>_EL1
 * @ctrl: DBGBCR<n>_EL1 or DBGWCR<n>_EL1
 */
struct kvm_debug_slot {
	u64	addr;
	u64	ctrl;
};

/**
 * struct kvm_debug_hit - a debug exception of a guest
 * @pc: where
 * @far: FAR_EL2 of a watchpoint
 * @esr: ESR_EL2
 * @el1: the guest was at EL1
 */
struct kvm_debug_hit {
	u64	pc;
	u64	far;
	u64	esr;
	bool	el1;
};

void kvm_share_debug_regs(struct kvm_debug_share *share, u32 slots);
struct kvm_debug_slot kvm_shared_slot(const struct kvm_debug_share *share, int slot);
int kvm_debuggers_number(const struct kvm_debug_share *share, int slot);
int kvm_break_hit(const struct kvm_debug_share *share, const struct kvm_debug_hit *hit);
int kvm_watch_hit(const struct kvm_debug_share *share, const struct kvm_debug_hit *hit);
u64 kvm_debuggers_esr(const struct kvm_debug_share *share, u64 esr, int slot);
u32 kvm_unshared_slots(const struct kvm_guest_debug_arch *regs, u32 slots);

#endif /* __ARM64_KVM_HW_BREAKPOINT_SHARE_H__ */
