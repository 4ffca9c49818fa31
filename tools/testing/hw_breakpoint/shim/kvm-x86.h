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
#define KVM_X86_SHADOW_INT_MOV_SS	1
#define KVM_X86_SHADOW_INT_STI		2
#define DB_VECTOR		1
#define DR6_ACTIVE_LOW		DR6_RESERVED

/* As in asm/kvm_host.h; AUTO_SWITCH is of kernels with TDX, 7.x's */
enum {
	KVM_DEBUGREG_BP_ENABLED = 1,
	KVM_DEBUGREG_WONT_EXIT = 2,
	KVM_DEBUGREG_AUTO_SWITCH = 4,
	KVM_DEBUGREG_ENCRYPTED = 8,
	KVM_DEBUGREG_LENT = 0xf0,
	KVM_DEBUGREG_STEPS = 0x100,
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

/* @payload is the last one; @requests has a bit for each. */
struct kvm_vcpu {
	SHIM_KVM_VCPU;
	struct kvm	*kvm;
	unsigned long	rip;
	bool		queued;
	unsigned long	payload;
	u64		requests;
	bool		ring_full;
	unsigned long	rflags;
	int		cpu;
	struct {
		unsigned long	regs[16];
		struct {
			bool	injected, soft;
			int	nr;
		} interrupt;
		unsigned long	cr2;
		struct {
			u32	host_apf_flags;
		} apf;
		unsigned int	switch_db_regs;
		unsigned long	db[KVM_NR_DB_REGS];
		unsigned long	dr7;
		unsigned long	eff_db[KVM_NR_DB_REGS];
		unsigned long	eff_dr7;
		unsigned long	guest_debug_db[KVM_NR_DB_REGS];
		unsigned long	guest_debug_dr7;
		struct kvm_debug_step {
			u32	exceptions;
			u8	insn;
			bool	own_tf, r11_tf, mask_tf, injects;
		} debug_step;
	} arch;
};

/* What a program has in its place. begin_step: NULL if the CPU cannot */
struct kvm_x86_ops {
	bool (*prepare_step)(struct kvm_vcpu *vcpu);
	void (*begin_step)(struct kvm_vcpu *vcpu);
	bool (*end_step)(struct kvm_vcpu *vcpu);
	void (*sync_dirty_debug_regs)(struct kvm_vcpu *vcpu);
};

extern struct kvm_x86_ops kvm_x86_ops;

#define kvm_x86_call(op)		(kvm_x86_ops.op)
#define kvm_update_dr0123(vcpu)		\
	((void)memcpy((vcpu)->arch.eff_db, (vcpu)->arch.db, sizeof((vcpu)->arch.db)))
#define kvm_update_dr7(vcpu)		((void)((vcpu)->arch.eff_dr7 = (vcpu)->arch.dr7))
#define kvm_get_rflags(vcpu)		((vcpu)->rflags)
#define X86_EFLAGS_VM			BIT(17)

#define kvm_get_linear_rip(vcpu)	((vcpu)->rip)
#define kvm_make_request(req, vcpu)	((void)((vcpu)->requests |= BIT_ULL(req)))
#define kvm_clear_request(req, vcpu)	((void)((vcpu)->requests &= ~BIT_ULL(req)))
#define kvm_check_request(req, vcpu)	\
	((vcpu)->requests & BIT_ULL(req) ? (vcpu)->requests &= ~BIT_ULL(req), true : false)
#define kvm_dirty_ring_check_request(vcpu)	((vcpu)->ring_full)
#define kvm_queue_exception_p(vcpu, vector, why)	\
	((void)((vcpu)->queued = (vector) == DB_VECTOR, (vcpu)->payload = (why)))
#define __is_canonical_address(addr, bits)	\
	((s64)((u64)(addr) << (64 - (bits))) >> (64 - (bits)) == (s64)(addr))
#define boot_cpu_data			((const struct { u8 x86_virt_bits; }) { 48 })

#include "kvm-svm.h"

#endif
