/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of KVM's structures that arch/x86/kvm/hw_breakpoint.h looks at. */
#ifndef _SHIM_KVM_X86_H
#define _SHIM_KVM_X86_H

#include "kvm.h"

#define KVM_NR_DB_REGS		4
#define KVM_GUESTDBG_USE_HW_BP	BIT(17)

/* As in asm/kvm_host.h; AUTO_SWITCH is of kernels with TDX, 7.x's */
enum {
	KVM_DEBUGREG_BP_ENABLED = 1,
	KVM_DEBUGREG_WONT_EXIT = 2,
	KVM_DEBUGREG_AUTO_SWITCH = 4,
	KVM_DEBUGREG_ENCRYPTED = 8,
	KVM_DEBUGREG_LENT = 0xf0,
};

struct kvm_run {
	u16	flags;
};

struct kvm_vcpu {
	SHIM_KVM_VCPU;
	struct {
		unsigned int	switch_db_regs;
		unsigned long	db[KVM_NR_DB_REGS];
		unsigned long	eff_db[KVM_NR_DB_REGS];
		unsigned long	eff_dr7;
	} arch;
};

#endif
