/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of KVM's structures that arch/x86/kvm/hw_breakpoint.h looks at. */
#ifndef _SHIM_KVM_X86_H
#define _SHIM_KVM_X86_H

#include "kvm.h"

#define KVM_NR_DB_REGS		4
#define KVM_GUESTDBG_USE_HW_BP	BIT(17)
#define KVM_GUESTDBG_INJECT_DB	BIT(18)
#define KVM_GUESTDBG_INJECT_BP	BIT(19)
#define KVM_ARCH_REQ(n)		((n) + 8)
#define DB_VECTOR		1
#define DR6_ACTIVE_LOW		DR6_RESERVED

/* As in asm/kvm_host.h; AUTO_SWITCH is of kernels with TDX, 7.x's */
enum {
	KVM_DEBUGREG_BP_ENABLED = 1,
	KVM_DEBUGREG_WONT_EXIT = 2,
	KVM_DEBUGREG_AUTO_SWITCH = 4,
	KVM_DEBUGREG_ENCRYPTED = 8,
	KVM_DEBUGREG_LENT = 0xf0,
};

struct kvm_guest_debug {
	u32	control, pad;
	struct {
		u64	debugreg[8];
	} arch;
};

struct kvm_run {
	u32	exit_reason;
	u16	flags;
	struct {
		struct {
			u32	exception, pad;
			u64	pc, dr6, dr7;
		} arch;
	} debug;
};

struct kvm {
	struct mutex	lock;	/* created_vcpus */
	int		created_vcpus;
	struct {
		bool	has_protected_state;
		u8	debug_regs_kept;
	} arch;
};

/* @payload and @request are the last ones. */
struct kvm_vcpu {
	SHIM_KVM_VCPU;
	struct kvm	*kvm;
	unsigned long	rip;
	bool		queued;
	unsigned long	payload;
	int		request;
	bool		ring_full;
	struct {
		unsigned int	switch_db_regs;
		unsigned long	db[KVM_NR_DB_REGS];
		unsigned long	dr7;
		unsigned long	eff_db[KVM_NR_DB_REGS];
		unsigned long	eff_dr7;
		unsigned long	guest_debug_db[KVM_NR_DB_REGS];
		unsigned long	guest_debug_dr7;
	} arch;
};

#define kvm_get_linear_rip(vcpu)	((vcpu)->rip)
#define kvm_make_request(req, vcpu)	((void)((vcpu)->request = (req)))
#define kvm_check_request(req, vcpu)	\
	((vcpu)->request == (req) ? (vcpu)->request = -1, true : false)
#define kvm_dirty_ring_check_request(vcpu)	((vcpu)->ring_full)
#define kvm_queue_exception_p(vcpu, vector, why)	\
	((void)((vcpu)->queued = (vector) == DB_VECTOR, (vcpu)->payload = (why)))
#define __is_canonical_address(addr, bits)	\
	((s64)((u64)(addr) << (64 - (bits))) >> (64 - (bits)) == (s64)(addr))
#define boot_cpu_data			((const struct { u8 x86_virt_bits; }) { 48 })

#endif
