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

struct kvm_guest_debug_arch {
	u64	dbg_bcr[ARM_MAX_BRP];
	u64	dbg_bvr[ARM_MAX_BRP];
	u64	dbg_wcr[ARM_MAX_WRP];
	u64	dbg_wvr[ARM_MAX_WRP];
};

struct kvm_vcpu {
	u32	guest_debug;
	struct {
		u64	mdcr_el2;
		u64	mdscr_el1;
		bool	debug_dirty;
		struct kvm_guest_debug_arch *debug_ptr;
		struct kvm_guest_debug_arch vcpu_debug_state;
		struct kvm_guest_debug_arch external_debug_state;
	} arch;
};

/* One system register and one flag are asked for. */
#define vcpu_read_sys_reg(vcpu, reg)	((vcpu)->arch.mdscr_el1)
#define vcpu_get_flag(vcpu, flag)	((vcpu)->arch.debug_dirty)
#define vcpu_clear_flag(vcpu, flag)	((void)((vcpu)->arch.debug_dirty = false))

#endif
