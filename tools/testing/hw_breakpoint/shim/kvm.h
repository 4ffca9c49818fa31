/* SPDX-License-Identifier: GPL-2.0 */
/* What linux/kvm_debug_share.h looks at, on both architectures. */
#ifndef _SHIM_KVM_H
#define _SHIM_KVM_H

#include "basic.h"

/* As in uapi/linux/kvm.h */
#define KVM_GUESTDBG_ENABLE	BIT(0)
#define KVM_GUESTDBG_SINGLESTEP	BIT(1)
#define KVM_GUESTDBG_SHARE_HW	BIT(2)
#define KVM_GUESTDBG_EXIT_REST	BIT(3)
#define KVM_GUESTDBG_USE_SW_BP	BIT(16)
#define KVM_RUN_DEBUG_RESTS	BIT(14)
#define KVM_RUN_DEBUG_RESTED	BIT(15)
#define KVM_EXIT_DEBUG		4

struct kvm_guest_debug;

/* The part of struct kvm_vcpu that is the same on both */
#define SHIM_KVM_VCPU					\
	unsigned long	guest_debug;			\
	u32		guest_debug_rest;		\
	bool		wants_to_run;			\
	struct kvm_run	*run

#endif
