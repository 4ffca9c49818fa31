/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who has which debug register of a vCPU that its guest and the guest's debugger share. Nothing
 * here knows of KVM or of a CPU: it is arithmetic.
 */
#ifndef _ARCH_X86_KVM_HW_BREAKPOINT_SHARE_H
#define _ARCH_X86_KVM_HW_BREAKPOINT_SHARE_H

#include <linux/types.h>

#define KVM_SHARED_REGS	4

/**
 * struct kvm_debug_set - breakpoints as one of the two has set them
 * @db: DR0 to DR3
 * @dr7: DR7
 */
struct kvm_debug_set {
	const unsigned long	*db;
	unsigned long		dr7;
};

/**
 * struct kvm_debug_share - what the registers shall hold for both
 * @db: DR0 to DR3
 * @dr7: DR7
 * @guests: registers, a bit for each, that hold what the guest has enabled in them
 * @rest: registers that the guest has enabled and does not have
 * @debuggers: the debugger's numbers that are enabled; each has a register
 * @place: the register, by the debugger's number
 */
struct kvm_debug_share {
	unsigned long	db[KVM_SHARED_REGS];
	unsigned long	dr7;
	u8		guests;
	u8		rest;
	u8		debuggers;
	u8		place[KVM_SHARED_REGS];
};

void kvm_share_debug_regs(const struct kvm_debug_set *guest, const struct kvm_debug_set *debugger,
			  unsigned int kept, struct kvm_debug_share *share);
void kvm_split_hits(const struct kvm_debug_share *share, unsigned long dr6,
		    unsigned long *guests, unsigned long *debuggers);
bool kvm_debuggers_dr7_valid(u64 dr7);

#endif /* _ARCH_X86_KVM_HW_BREAKPOINT_SHARE_H */
