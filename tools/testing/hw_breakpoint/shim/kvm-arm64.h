/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of KVM's structures that arch/arm64/kvm/hw_breakpoint.[ch] look at. */
#ifndef _SHIM_KVM_ARM64_H
#define _SHIM_KVM_ARM64_H

#include "basic.h"

#define MDCR_EL2_TDE	BIT(8)
#define MDCR_EL2_TDA	BIT(9)

#define KVM_GUESTDBG_ENABLE	BIT(0)
#define KVM_GUESTDBG_SINGLESTEP	BIT(1)
#define KVM_GUESTDBG_USE_SW_BP	BIT(16)
#define KVM_GUESTDBG_USE_HW	BIT(17)

/* Nobody looks at what of MDCR_EL2 is in the CPU. */
#define has_vhe()	true
#define shim_write_mdcr_el2(val)	((void)(val))

struct kvm_guest_debug_arch {
	u64	dbg_bcr[ARM_MAX_BRP];
	u64	dbg_bvr[ARM_MAX_BRP];
	u64	dbg_wcr[ARM_MAX_WRP];
	u64	dbg_wvr[ARM_MAX_WRP];
};

/* What any kernel has: debug_dirty and debug_ptr, or debug_owner */
struct kvm_vcpu {
	u32	guest_debug;
	struct {
		u64	mdcr_el2;
		u64	mdscr_el1;
		u64	external_mdscr_el1;
		bool	debug_dirty;
		struct kvm_guest_debug_arch *debug_ptr;
		enum {
			VCPU_DEBUG_FREE,
			VCPU_DEBUG_HOST_OWNED,
			VCPU_DEBUG_GUEST_OWNED,
		} debug_owner;
		struct kvm_guest_debug_arch vcpu_debug_state;
		struct kvm_guest_debug_arch external_debug_state;
	} arch;
};

/* One system register and one flag are asked for. */
#define vcpu_read_sys_reg(vcpu, reg)	((vcpu)->arch.mdscr_el1)
#define vcpu_get_flag(vcpu, flag)	((vcpu)->arch.debug_dirty)
#define vcpu_clear_flag(vcpu, flag)	((void)((vcpu)->arch.debug_dirty = false))
#define kvm_host_owns_debug_regs(vcpu)	((vcpu)->arch.debug_owner == VCPU_DEBUG_HOST_OWNED)
#define kvm_guest_owns_debug_regs(vcpu)	((vcpu)->arch.debug_owner == VCPU_DEBUG_GUEST_OWNED)

/* A debug register was written, and that was trapped. */
static inline void shim_trapped(struct kvm_vcpu *vcpu)
{
	vcpu->arch.debug_dirty = true;
	if (!kvm_host_owns_debug_regs(vcpu))
		vcpu->arch.debug_owner = VCPU_DEBUG_GUEST_OWNED;
}

/*
 * What vcpu->guest_debug makes the entry load. @mdscr: the guest's own MDSCR_EL1, which 6.12
 * changes for a debugger. 7.x has another in its place, in which nothing of the guest's fires.
 */
static inline void shim_debug(struct kvm_vcpu *vcpu, u64 mdscr)
{
	bool hw = vcpu->guest_debug & KVM_GUESTDBG_USE_HW;
	u64 debugger = (hw ? MDSCR_EL1_MDE : 0) |
		       (vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP ? MDSCR_EL1_SS : 0);

	vcpu->arch.debug_ptr = hw ? &vcpu->arch.external_debug_state :
				    &vcpu->arch.vcpu_debug_state;
	vcpu->arch.mdscr_el1 = mdscr | debugger;

	if (vcpu->guest_debug)
		vcpu->arch.debug_owner = VCPU_DEBUG_HOST_OWNED;
	else if (kvm_host_owns_debug_regs(vcpu))
		vcpu->arch.debug_owner = VCPU_DEBUG_FREE;
	vcpu->arch.external_mdscr_el1 = debugger | (hw ? MDSCR_EL1_KDE : 0);
}

#endif
